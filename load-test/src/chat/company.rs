//! All members of a run, from their first offers to their end.

use std::net::{IpAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use reqwest::Url;
use sluice_domain::Redacted;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use super::channel::ChannelMember;
use super::hall::Hall;
use super::member::{Member, Progress};
use super::socket;
use crate::cli::chat::Chat;
use crate::driver::{Driver, Receive};
use crate::signal::{Endpoint, PARALLEL, Posted};
use crate::wire::sdp::{Answer, OfferedTransport, write_data_offer};
use crate::wire::transport::{Identity, Transport};

/// How long members may take to join, beyond what the rate of joins asks for.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked how far they are.
const LOOK: Duration = Duration::from_millis(100);

/// Where the chat is.
pub(crate) struct Place {
    pub(crate) whep: Url,
    /// Of the WebSocket.
    pub(crate) socket: Url,
    /// How the WebSocket names the chat.
    pub(crate) topic: String,
}

/// The members.
pub(crate) struct Company {
    hall: Arc<Hall>,
    entry: Arc<Entry>,
    drivers: Vec<Driver<ChannelMember>>,
    shared: Vec<socket::Shared>,
    sockets: JoinSet<()>,
    stop: watch::Sender<bool>,
    sessions: Vec<Url>,
}

/// What an offer needs.
struct Entry {
    endpoint: Endpoint,
    identity: Arc<Identity>,
    local: IpAddr,
    permits: Semaphore,
}

impl Company {
    /// Lets all members of the command line join and waits until they have. `tokens` are those of
    /// members who send.
    pub(crate) async fn gather(
        args: &Chat,
        hall: &Arc<Hall>,
        place: &Place,
        tokens: &[Redacted<String>],
        say: impl Fn(&Progress),
    ) -> Result<Self> {
        let endpoint = Endpoint::new(&place.whep, None)?;
        let entry = Arc::new(Entry {
            local: endpoint.local_address()?,
            endpoint,
            identity: Arc::new(Identity::generate()?),
            permits: Semaphore::new(PARALLEL),
        });
        let drivers = (0..args.threads).map(|_| Driver::start(Receive::Joined)).collect::<Result<_>>()?;
        let mut company = Self {
            hall: Arc::clone(hall),
            entry,
            drivers,
            shared: Vec::new(),
            sockets: JoinSet::new(),
            stop: watch::Sender::new(false),
            sessions: Vec::new(),
        };
        company.join(args, place, tokens, &say).await?;
        company.settle(args, &say).await;
        Ok(company)
    }

    async fn join(
        &mut self,
        args: &Chat,
        place: &Place,
        tokens: &[Redacted<String>],
        say: &impl Fn(&Progress),
    ) -> Result<()> {
        let began = Instant::now();
        let mut offers: JoinSet<Result<Option<Offered>>> = JoinSet::new();
        let mut next = 0;
        while next < args.members || !offers.is_empty() {
            let due = began + Duration::from_secs_f64(f64::from(next) / f64::from(args.join_rate));
            tokio::select! {
                () = sleep_until(due.into()), if next < args.members => {
                    let sender = (next < self.hall.plan.senders).then_some(next);
                    let token = sender.and_then(|turn| tokens.get(turn as usize % tokens.len().max(1))).cloned();
                    let member = Member::new(&self.hall, next, sender, token);
                    if args.transport.is_channel(next) {
                        let (entry, hall) = (Arc::clone(&self.entry), Arc::clone(&self.hall));
                        offers.spawn(async move { entry.offer(&hall, member).await });
                    } else {
                        self.enter(member, place);
                    }
                    next += 1;
                }
                Some(done) = offers.join_next(), if !offers.is_empty() => {
                    if let Some(offered) = done.context("an offer's task panicked")?? {
                        self.sessions.extend(offered.session);
                        let driver = &self.drivers[offered.member.member.index as usize % self.drivers.len()];
                        driver.add(offered.member, offered.socket)?;
                    }
                }
            }
            if next.is_multiple_of(args.join_rate.max(10)) {
                say(&self.progress());
            }
        }
        Ok(())
    }

    fn enter(&mut self, member: Member, place: &Place) {
        let member = Arc::new(Mutex::new(member));
        self.shared.push(Arc::clone(&member));
        let (url, topic) = (place.socket.to_string(), place.topic.clone());
        self.sockets.spawn(socket::run(member, url, topic, self.stop.subscribe()));
    }

    async fn settle(&self, args: &Chat, say: &impl Fn(&Progress)) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let progress = self.progress();
            say(&progress);
            if progress.joined + progress.ended >= args.members || Instant::now() > deadline {
                return;
            }
            sleep(LOOK).await;
        }
    }

    /// The sum over members.
    pub(crate) fn progress(&self) -> Progress {
        let mut sum = Progress::default();
        for driver in &self.drivers {
            let part = driver.progress();
            sum.members += part.members;
            sum.joined += part.joined;
            sum.ended += part.ended;
            sum.heard += part.heard;
        }
        for member in &self.shared {
            sum.add(&member.lock().unwrap_or_else(PoisonError::into_inner));
        }
        sum
    }

    /// Everybody goes; what they heard remains.
    pub(crate) async fn part(mut self) -> Result<Vec<Member>> {
        self.stop.send_replace(true);
        while let Some(ended) = self.sockets.join_next().await {
            ended.context("a member's task panicked")?;
        }
        let mut members = Vec::new();
        for driver in self.drivers {
            members.extend(driver.stop()?.peers.into_iter().map(|peer| peer.member));
        }
        self.entry.endpoint.delete_all(&self.sessions).await;
        for member in self.shared {
            let member = Arc::into_inner(member).context("a member's task outlived its run")?;
            members.push(member.into_inner().unwrap_or_else(PoisonError::into_inner));
        }
        ensure!(!members.is_empty(), "nobody got in: {}", self.hall.errors().join("; "));
        Ok(members)
    }
}

struct Offered {
    member: ChannelMember,
    socket: UdpSocket,
    session: Option<Url>,
}

impl Entry {
    /// Offers a data channel and nothing else; nothing where the server does not take it.
    async fn offer(&self, hall: &Hall, member: Member) -> Result<Option<Offered>> {
        let _permit = self.permits.acquire().await.context("the run has ended")?;
        let socket = UdpSocket::bind((self.local, 0)).context("opening a UDP socket")?;
        socket.set_nonblocking(true).context("preparing a UDP socket")?;
        let local = socket.local_addr().context("preparing a UDP socket")?;
        let transport = Transport::new(Instant::now(), local, &self.identity)?;
        let (ufrag, pwd) = transport.credentials();
        let fingerprint = self.identity.fingerprint();
        let offer = write_data_offer(&OfferedTransport { ufrag, pwd, fingerprint, local });
        let index = member.index;
        let offered = match self.endpoint.post(offer).await {
            Ok(Posted::Created(session)) => Answer::parse(&session.answer)
                .and_then(|answer| ChannelMember::new(Instant::now(), member, transport, &answer))
                .map(|member| Offered { member, socket, session: session.location }),
            Ok(Posted::Later { reason, .. } | Posted::Refused(reason)) => Err(anyhow::Error::msg(reason)),
            Err(error) => Err(error),
        };
        Ok(offered.inspect_err(|error| hall.failed(index, &format!("{error:#}"))).ok())
    }
}
