//! The publishers and viewers of a bench, from their offers to their end.

use std::net::{IpAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use super::server::Server;
use super::shared::Shared;
use super::viewer::{Viewer, WatchSum};
use crate::cli::bench::Bench;
use crate::cli::{Common, Publish};
use crate::driver::{Driver, Finished, Receive};
use crate::publish::publisher::{PublishProgress, Publisher};
use crate::publish::report::Entry;
use crate::publish::{self, Extras, Source};
use crate::signal::{Endpoint, PARALLEL, Posted};
use crate::wire::sdp::{Answer, Kind, OPUS, OfferedSection, OfferedTransport, WATCHABLE, write_offer};
use crate::wire::transport::{Identity, Transport};

/// How long publishers may take to connect.
const PATIENCE: Duration = Duration::from_secs(15);

/// What became of offers.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub(crate) struct Admission {
    pub(crate) offered: u32,
    pub(crate) admitted: u32,
    /// Answered with 503 or 429 and a time to wait.
    pub(crate) refused: u32,
    /// Of those, how many named the time.
    pub(crate) refused_with_retry_after: u32,
    pub(crate) failed: u32,
}

/// A viewer whose offer was answered and who has not begun to connect.
pub(crate) struct Prepared {
    index: u32,
    socket: UdpSocket,
    transport: Transport,
    answer: Answer,
}

/// All peers of a run.
pub(crate) struct Crowd {
    endpoints: Vec<Endpoint>,
    identity: Arc<Identity>,
    local: IpAddr,
    pub(crate) shared: Arc<Shared>,
    viewers: Driver<Viewer>,
    publishers: Driver<Publisher>,
    permits: Arc<Semaphore>,
    next: u32,
    /// The latest failure of a viewer to get in.
    pub(crate) failure: Option<String>,
    /// UDP port of the server, once known.
    pub(crate) server_port: u16,
}

enum Offered {
    Admitted(Box<Prepared>, Instant),
    Refused(bool),
    Failed(String),
}

impl Crowd {
    /// Nobody yet.
    pub(crate) fn new(args: &Bench, server: &Server) -> Result<Self> {
        let receive = if args.no_gro { Receive::Single } else { Receive::Joined };
        let endpoints = (0..args.stream_count())
            .map(|n| Endpoint::new(&server.whep(n)?, args.viewer_token.clone()))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            local: endpoints[0].local_address()?,
            endpoints,
            identity: Arc::new(Identity::generate()?),
            shared: Arc::new(Shared::new(args.sample, args.feedback, args.loss_percent())),
            viewers: Driver::start(receive)?,
            publishers: Driver::start(Receive::Joined)?,
            permits: Arc::new(Semaphore::new(PARALLEL)),
            next: 0,
            failure: None,
            server_port: 0,
        })
    }

    /// Starts all publishers, staggered over the key interval so that no two send at once.
    pub(crate) async fn publish(&self, args: &Bench, server: &Server) -> Result<()> {
        let count = args.stream_count();
        let epoch = Instant::now() + Duration::from_millis(500);
        let frame = Duration::from_secs_f64(1.0 / args.fps);
        let mut source = None;
        for n in 0..count {
            let publish = publication(args, server, n)?;
            let source = match &source {
                Some(source) => Source::clone(source),
                None => source.insert(Source::load(&publish)?).clone(),
            };
            let share = f64::from(n) / f64::from(count);
            let extras = Extras {
                opaque: true,
                stamps_inside: true,
                phase: Some((epoch + (args.key_interval + frame).mul_f64(share), frame)),
            };
            let endpoint = Endpoint::new(&publish.whip, publish.common.token.clone())?;
            let mut entry = Entry::default();
            let deadline = Instant::now() + PATIENCE;
            publish::enter(&publish, &extras, &endpoint, source, &self.publishers, deadline, &mut entry)
                .await?;
            if let Some(failure) = entry.failure {
                bail!("stream {n} cannot be published: {failure}");
            }
        }
        let deadline = Instant::now() + PATIENCE;
        while self.published().connected < count as usize {
            if Instant::now() > deadline {
                bail!("{} of {count} publishers connected", self.published().connected);
            }
            sleep(Duration::from_millis(50)).await;
        }
        // Until the first key frame of the last of them is there.
        sleep(args.key_interval + Duration::from_secs(1)).await;
        Ok(())
    }

    /// Lets this many viewers more join, so many in a second (0: as quickly as it goes).
    pub(crate) async fn join(&mut self, count: u32, rate: u32) -> Result<Admission> {
        let mut admission = Admission { offered: count, ..Admission::default() };
        let started = Instant::now();
        let due = |n: u32| match rate {
            0 => started,
            rate => started + Duration::from_secs_f64(f64::from(n) / f64::from(rate)),
        };
        let mut offers = JoinSet::new();
        let mut offered = 0;
        while offered < count || !offers.is_empty() {
            tokio::select! {
                () = sleep_until(due(offered).into()), if offered < count => {
                    self.spawn_offer(&mut offers);
                    offered += 1;
                }
                Some(done) = offers.join_next(), if !offers.is_empty() => {
                    self.begin(done.context("an offer's task panicked")?, &mut admission)?;
                }
            }
        }
        Ok(admission)
    }

    fn begin(&mut self, offered: Offered, admission: &mut Admission) -> Result<()> {
        if let Some((prepared, posted)) = self.admit(offered, admission) {
            self.start(*prepared, posted)?;
        }
        Ok(())
    }

    /// Gets answers for this many viewers, who then wait.
    pub(crate) async fn prepare(&mut self, count: u32) -> Result<(Vec<Prepared>, Admission)> {
        let mut admission = Admission { offered: count, ..Admission::default() };
        let mut offers = JoinSet::new();
        for _ in 0..count {
            self.spawn_offer(&mut offers);
        }
        let mut all = Vec::new();
        while let Some(done) = offers.join_next().await {
            let done = done.context("an offer's task panicked")?;
            all.extend(self.admit(done, &mut admission).map(|(prepared, _)| *prepared));
        }
        Ok((all, admission))
    }

    fn spawn_offer(&mut self, offers: &mut JoinSet<Offered>) {
        let index = self.next;
        self.next += 1;
        let endpoint = self.endpoints[index as usize % self.endpoints.len()].clone();
        let (identity, permits, local) = (Arc::clone(&self.identity), Arc::clone(&self.permits), self.local);
        offers.spawn(async move {
            let Ok(_permit) = permits.acquire().await else {
                return Offered::Failed("the run has ended".to_owned());
            };
            offer(&endpoint, &identity, local, index)
                .await
                .unwrap_or_else(|error| Offered::Failed(format!("{error:#}")))
        });
    }

    fn admit(&mut self, offered: Offered, admission: &mut Admission) -> Option<(Box<Prepared>, Instant)> {
        match offered {
            Offered::Admitted(prepared, posted) => {
                admission.admitted += 1;
                if let Some(candidate) = prepared.answer.transport.candidates.first() {
                    self.server_port = candidate.address.port();
                }
                return Some((prepared, posted));
            }
            Offered::Refused(named) => {
                admission.refused += 1;
                admission.refused_with_retry_after += u32::from(named);
            }
            Offered::Failed(reason) => {
                admission.failed += 1;
                self.failure = Some(reason);
            }
        }
        None
    }

    /// Lets a prepared viewer connect.
    pub(crate) fn start(&self, prepared: Prepared, began: Instant) -> Result<()> {
        let Prepared { index, socket, transport, answer } = prepared;
        self.viewers.add(Viewer::new(&self.shared, index, began, transport, &answer)?, socket)
    }

    /// The latest sum over viewers.
    pub(crate) fn watched(&self) -> WatchSum {
        self.viewers.progress()
    }

    /// The latest sum over publishers.
    pub(crate) fn published(&self) -> PublishProgress {
        self.publishers.progress()
    }

    /// Waits until all viewers have a picture, or for this long.
    pub(crate) async fn settle(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            let sum = self.watched();
            if sum.viewers > 0 && sum.watching + sum.ended >= sum.viewers {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Everybody goes.
    pub(crate) fn stop(self) -> Result<(Finished<Viewer>, Finished<Publisher>)> {
        Ok((self.viewers.stop()?, self.publishers.stop()?))
    }
}

async fn offer(endpoint: &Endpoint, identity: &Arc<Identity>, local: IpAddr, index: u32) -> Result<Offered> {
    let socket = UdpSocket::bind((local, 0)).context("opening a UDP socket")?;
    socket.set_nonblocking(true).context("preparing a UDP socket")?;
    let address = socket.local_addr().context("preparing a UDP socket")?;
    let posted = Instant::now();
    let transport = Transport::new(posted, address, identity)?;
    let (ufrag, pwd) = transport.credentials();
    let section = |kind, codecs| OfferedSection { kind, codecs, sends: None, capture_time: false };
    let offer = write_offer(
        &OfferedTransport { ufrag, pwd, fingerprint: identity.fingerprint(), local: address },
        &[section(Kind::Audio, &[OPUS]), section(Kind::Video, &WATCHABLE)],
    );
    Ok(match endpoint.post(offer).await? {
        Posted::Created(session) => {
            let answer = Answer::parse(&session.answer)?;
            Offered::Admitted(Box::new(Prepared { index, socket, transport, answer }), posted)
        }
        Posted::Later { full: Some(named), .. } => Offered::Refused(named),
        Posted::Later { reason, .. } | Posted::Refused(reason) => Offered::Failed(reason),
    })
}

/// What `sluice-load publish` would be told.
fn publication(args: &Bench, server: &Server, n: u32) -> Result<Publish> {
    Ok(Publish {
        whip: server.whip(n)?,
        layers: args.layers,
        file: None,
        pattern: true,
        codec: args.codec,
        bitrate: Some(args.bitrate),
        fps: Some(args.fps),
        key_interval: Some(args.key_interval),
        pacing: args.pacing,
        no_audio: args.no_audio,
        ignore_key_requests: false,
        duration: None,
        common: Common { token: server.token(n), json: None, loss: 0.0, quiet: true },
    })
}
