//! The thread that drives one shard: its loop is the whole rhythm of the media plane.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::{Events, Interest, Poll, Token, Waker};
use sluice_domain::MediaTime;
use sluice_sfu_engine::demux::{self, Kind};
use sluice_sfu_engine::{
    ChatInput, Command, Output, Reply, SfuEvent, Shard, TapId, TapNews, Transmit, WorkerId, stun,
};
use tokio::sync::mpsc;

use crate::config::{SfuConfig, StartError};
use crate::handle::worker_of_ufrag;
use crate::load::{Gauge, Load};
use crate::mailbox::{Inbox, Mail, Mailbox};
use crate::metrics::WorkerMetrics;
use crate::socket::Socket;
use crate::tap::{Refused, Sink};

/// The token of the mailbox; sockets have their index.
const MAIL: Token = Token(usize::MAX);

/// Longest sleep. Metrics are published at least this often.
const LONGEST_SLEEP: Duration = Duration::from_millis(500);

/// Most receive batches in one turn, so that receiving cannot starve sending and timers. At 16
/// slots a batch and GRO this is thousands of datagrams.
const BATCHES_A_TURN: usize = 8;

/// Most messages taken in one turn, so that another worker cannot keep this one from sending.
const MAIL_A_TURN: usize = 256;

/// Longest time that is spent on sending before the sockets are looked at again.
const LONGEST_FLUSH: Duration = Duration::from_millis(1);

/// Events of all that may wait for `live`, so many are kept free of what members of chats say. More refuses
/// them sooner when `live` is behind, fewer risks that it does not learn of a peer's end.
const RESERVED: usize = 4096;

/// Most addresses of other workers' peers that are remembered; the oldest knowledge is thrown away
/// all at once, which costs those peers one STUN check.
const STRAYS: usize = 100_000;

/// The sockets of all workers, opened before any thread starts so that errors reach the operator.
#[derive(Debug)]
pub(crate) struct Bundle {
    pub(crate) port: u16,
    sockets: Vec<Vec<Socket>>,
}

/// Opens the port once for every worker.
pub(crate) fn open(config: &SfuConfig, workers: usize) -> Result<Bundle, StartError> {
    let all = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    let wanted = if config.listen.is_empty() { all.to_vec() } else { config.listen.clone() };
    let mut port = config.udp_port;
    let mut sockets: Vec<Vec<Socket>> = (0..workers).map(|_| Vec::new()).collect();
    for ip in wanted {
        if port != 0 {
            // SO_REUSEPORT would share the port with another server of the same user in silence.
            let address = SocketAddr::new(ip, port);
            if let Err(source) = std::net::UdpSocket::bind(address)
                && source.kind() == io::ErrorKind::AddrInUse
                && !sockets.iter().flatten().any(|socket| socket.local().port() == port)
            {
                return Err(StartError::Bind { address, source });
            }
        }
        for worker in &mut sockets {
            let address = SocketAddr::new(ip, port);
            match Socket::open(address, config.socket_buffer) {
                Ok(socket) => {
                    port = socket.local().port();
                    worker.push(socket);
                }
                // A machine without IPv6 is no error where all addresses were meant.
                Err(error) if config.listen.is_empty() && ip.is_ipv6() => {
                    tracing::info!(%error, "media listens on IPv4 only");
                    break;
                }
                Err(source) => return Err(StartError::Bind { address, source }),
            }
        }
    }
    Ok(Bundle { port, sockets })
}

/// Starts one thread for each set of sockets.
pub(crate) fn spawn(
    bundle: Bundle,
    config: &SfuConfig,
    candidates: &[SocketAddr],
    events: &mpsc::Sender<SfuEvent>,
    loads: &[Arc<Load>],
) -> Result<(Vec<Mailbox>, Vec<JoinHandle<()>>), StartError> {
    let mut parts = Vec::new();
    for sockets in bundle.sockets {
        let poll = Poll::new().map_err(StartError::Thread)?;
        let waker = Waker::new(poll.registry(), MAIL).map_err(StartError::Thread)?;
        let (mailbox, mail) = Mailbox::new(waker);
        parts.push((sockets, poll, mailbox, mail));
    }
    let mailboxes: Vec<Mailbox> = parts.iter().map(|(_, _, mailbox, _)| mailbox.clone()).collect();
    let mut threads = Vec::new();
    for (index, (mut sockets, poll, _, mail)) in parts.into_iter().enumerate() {
        for (token, socket) in sockets.iter_mut().enumerate() {
            let register = poll.registry().register(socket.source(), Token(token), Interest::READABLE);
            register.map_err(StartError::Thread)?;
        }
        let mut shard = Shard::new(config.engine.clone(), Instant::now(), wall_clock());
        shard.set_candidates(candidates.to_vec());
        let worker = Worker {
            index,
            shard,
            sockets,
            mail,
            mailboxes: mailboxes.clone(),
            candidates: candidates.to_vec(),
            public: config.public_addresses.clone(),
            events: events.clone(),
            strays: HashMap::new(),
            taps: HashMap::new(),
            full_taps: Vec::new(),
            metrics: WorkerMetrics::new(index),
            load: loads.get(index).map(Arc::clone).unwrap_or_default(),
        };
        let core = config.pin_workers.then_some(index);
        let thread = std::thread::Builder::new().name(format!("media-{index}"));
        threads.push(thread.spawn(move || worker.run(poll, core)).map_err(StartError::Thread)?);
    }
    Ok((mailboxes, threads))
}

fn wall_clock() -> MediaTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    MediaTime(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// One thread's state.
#[derive(Debug)]
struct Worker {
    index: usize,
    shard: Shard,
    sockets: Vec<Socket>,
    mail: Inbox,
    mailboxes: Vec<Mailbox>,
    candidates: Vec<SocketAddr>,
    public: Vec<IpAddr>,
    events: mpsc::Sender<SfuEvent>,
    /// Owners of addresses whose STUN was handed over; their other datagrams follow.
    strays: HashMap<SocketAddr, usize>,
    /// Where the taps of this shard go, and which of these had no room.
    taps: HashMap<TapId, Sink>,
    full_taps: Vec<TapId>,
    metrics: WorkerMetrics,
    load: Arc<Load>,
}

impl Worker {
    /// The loop. Its duties, in this order: sleep, time, mail, datagrams, send, count.
    fn run(mut self, mut poll: Poll, core: Option<usize>) {
        core.into_iter().for_each(pin);
        let mut events = Events::with_capacity(8);
        let mut publish_at = Instant::now();
        let mut gauge = Gauge::new(publish_at);
        let mut more_mail = false;
        loop {
            // 1. Sleep until something arrives or is due.
            let now = Instant::now();
            let wake_at =
                self.shard.next_timeout().map_or(LONGEST_SLEEP, |at| at.saturating_duration_since(now));
            let wake_at = if more_mail { Duration::ZERO } else { wake_at.min(LONGEST_SLEEP) };
            if let Err(error) = poll.poll(&mut events, Some(wake_at))
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "a media worker cannot wait for its sockets and ends");
                return;
            }
            // 2. Let time pass.
            let woken = Instant::now();
            gauge.slept(woken.saturating_duration_since(now));
            self.shard.handle_timeout(woken);
            // 3. Obey.
            let running = match self.read_mail() {
                Read::All => {
                    more_mail = false;
                    true
                }
                Read::Some => {
                    more_mail = true;
                    true
                }
                Read::Stop => false,
            };
            self.resume_taps();
            // 4. Receive, and send what each batch caused before the next.
            self.flush();
            for _ in 0..BATCHES_A_TURN {
                let more = self.receive();
                self.flush();
                if !more {
                    break;
                }
            }
            // 5. Count.
            let now = Instant::now();
            let stats = self.shard.stats();
            self.load.hold(stats.viewers_held, stats.members_held);
            gauge.turn(now, stats.viewers, self.shard.lag(now), &self.load);
            if woken >= publish_at || !running {
                publish_at = woken + LONGEST_SLEEP;
                self.metrics.publish(self.shard.stats(), &self.load);
            }
            if !running {
                return;
            }
        }
    }

    /// Handles what waits in the mailbox.
    fn read_mail(&mut self) -> Read {
        self.mail.open();
        for _ in 0..MAIL_A_TURN {
            let Some(mail) = self.mail.take() else { return Read::All };
            match mail {
                Mail::Command(command, reply) => {
                    let answer = self.shard.handle_command(Instant::now(), command);
                    let stats = self.shard.stats();
                    self.load.hold(stats.viewers_held, stats.members_held);
                    // Nobody waits any more: the HTTP request was given up. The peer will be reaped.
                    let _nobody_waits = reply.send(answer);
                }
                Mail::Tap { broadcast, tap, sink, reply } => {
                    let answer = self.shard.handle_command(Instant::now(), Command::Tap { broadcast, tap });
                    if answer == Reply::Done {
                        self.taps.insert(tap, sink);
                    }
                    // Who does not wait any more has ended the tap: that order is in this mailbox, too.
                    let _nobody_waits = reply.send(answer);
                }
                Mail::Stray { from, to, bytes } => {
                    self.shard.handle_datagram(Instant::now(), from, to, &bytes)
                }
                Mail::Relay(from, relay) => self.shard.handle_relay(Instant::now(), from, relay),
                Mail::Chat(order) => self.shard.handle_chat(Instant::now(), order),
                Mail::Stop => return Read::Stop,
            }
        }
        Read::Some
    }

    /// Receives one batch from each socket; true where more may be waiting.
    fn receive(&mut self) -> bool {
        let mut again = false;
        let Self { index, shard, sockets, mailboxes, candidates, strays, metrics, .. } = self;
        for socket in sockets {
            let result = socket.receive(|from, to, bytes| {
                let to = announced(candidates, to);
                match stray_owner(*index, mailboxes.len(), shard, strays, from, bytes) {
                    Some(owner) => {
                        let mail = Mail::Stray { from, to, bytes: bytes.to_vec() };
                        metrics.stray(mailboxes[owner].send(mail).is_ok());
                    }
                    None => shard.handle_datagram(Instant::now(), from, to, bytes),
                }
            });
            match result {
                Ok(more) => again |= more,
                Err(error) => tracing::warn!(%error, "cannot receive"),
            }
        }
        again
    }

    /// Sends what the shard has to say: datagrams to peers, events to `live`. Returns before everything
    /// is said where that takes long, so that what arrives meanwhile is not left lying.
    fn flush(&mut self) {
        let began = Instant::now();
        let mut now = began;
        while let Some(output) = self.shard.poll_output(now) {
            match output {
                Output::Transmit(transmit) => {
                    self.send(&transmit);
                    self.shard.recycle(transmit.bytes);
                }
                Output::Relay(to, relay) => {
                    let from = worker_id(self.index);
                    let sent = match self.mailboxes.get(usize::from(to.0)) {
                        Some(mailbox) => mailbox.relay(from, relay),
                        None => Err(relay),
                    };
                    if let Err(refused) = sent {
                        self.shard.relay_refused(to, &refused);
                    }
                }
                Output::Tap(tap, news) => self.tap(tap, news, now),
                Output::Event(event) => self.tell(event, now),
            }
            now = Instant::now();
            if now.saturating_duration_since(began) >= LONGEST_FLUSH {
                return;
            }
        }
    }

    /// Hands something over to a tap; its end where there is nothing.
    fn tap(&mut self, tap: TapId, news: Option<TapNews>, now: Instant) {
        let Some(news) = news else {
            self.taps.remove(&tap);
            self.full_taps.retain(|full| *full != tap);
            return;
        };
        match self.taps.get(&tap).map_or(Err(Refused::Gone), |sink| sink.send(news)) {
            Ok(()) => {}
            Err(Refused::Full(news)) => {
                self.shard.tap_refused(tap, &news);
                self.full_taps.push(tap);
            }
            Err(Refused::Gone) => drop(self.shard.handle_command(now, Command::Untap { tap })),
        }
    }

    /// Lets taps go on that had no room and have some again.
    fn resume_taps(&mut self) {
        let Self { taps, full_taps, shard, .. } = self;
        full_taps.retain(|tap| {
            let waits = taps.get(tap).is_some_and(|sink| !sink.has_room());
            if !waits {
                shard.resume_tap(Instant::now(), *tap);
            }
            waits
        });
    }

    /// Tells `live`. What members say must not crowd out what is said once.
    fn tell(&mut self, event: SfuEvent, now: Instant) {
        match event {
            SfuEvent::Chat { member, event: ChatInput::Said { .. }, .. }
                if self.events.capacity() < RESERVED =>
            {
                self.shard.unheard(member, now);
            }
            event => {
                if self.events.try_send(event).is_err() {
                    self.metrics.event_lost();
                }
            }
        }
    }

    fn send(&mut self, transmit: &Transmit) {
        // A public address is not one of this machine: the system chooses the source.
        let hidden = self.public.contains(&transmit.from.ip());
        let source = (!hidden && !transmit.from.ip().is_unspecified()).then_some(transmit.from.ip());
        let v4 = transmit.to.is_ipv4();
        if let Some(socket) = self.sockets.iter_mut().find(|socket| socket.local().is_ipv4() == v4) {
            socket.send(transmit, source, &mut self.metrics.sent);
        }
    }
}

/// What became of the messages of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    /// There are no more.
    All,
    /// There may be more.
    Some,
    /// The thread shall end.
    Stop,
}

/// The engine's name of a worker.
pub(crate) fn worker_id(index: usize) -> WorkerId {
    WorkerId(u8::try_from(index).unwrap_or(u8::MAX))
}

/// Keeps this thread on one core: the one with this index among those that the process may use.
fn pin(index: usize) {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    let pinned = sched_getaffinity(None).and_then(|allowed| {
        let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect();
        let Some(core) = cores.get(index % cores.len().max(1)) else { return Ok(()) };
        let mut only = CpuSet::new();
        only.set(*core);
        sched_setaffinity(None, &only)
    });
    if let Err(error) = pinned {
        tracing::warn!(%error, "a media worker cannot be pinned to a core");
    }
}

/// The announced address for the local one that a datagram hit: behind 1:1 NAT the engine must see
/// the address that its candidates name.
fn announced(candidates: &[SocketAddr], hit: SocketAddr) -> SocketAddr {
    let same_family = || candidates.iter().find(|candidate| candidate.is_ipv4() == hit.is_ipv4());
    if candidates.contains(&hit) { hit } else { same_family().copied().unwrap_or(hit) }
}

/// The other worker that owns the peer behind this datagram, if it is not ours.
fn stray_owner(
    index: usize,
    workers: usize,
    shard: &Shard,
    strays: &mut HashMap<SocketAddr, usize>,
    from: SocketAddr,
    bytes: &[u8],
) -> Option<usize> {
    if workers == 1 || shard.owns(from) {
        return None;
    }
    if demux::kind(bytes) != Some(Kind::Stun) {
        return strays.get(&from).copied();
    }
    let owner = stun::local_ufrag(bytes).and_then(|ufrag| worker_of_ufrag(ufrag.as_bytes()));
    match owner.filter(|owner| *owner != index && *owner < workers) {
        Some(owner) => {
            if strays.len() >= STRAYS {
                strays.clear();
            }
            strays.insert(from, owner);
            Some(owner)
        }
        None => {
            strays.remove(&from);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_to_a_private_address_is_seen_as_sent_to_the_public_one() {
        let candidates = ["203.0.113.9:8189".parse().unwrap(), "[2001:db8::1]:8189".parse().unwrap()];
        let seen = announced(&candidates, "10.0.0.5:8189".parse().unwrap());
        assert_eq!(seen, candidates[0]);
        assert_eq!(announced(&candidates, candidates[1]), candidates[1]);
    }

    #[test]
    fn a_taken_port_is_refused_with_what_to_do() {
        let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let config = SfuConfig {
            listen: vec!["127.0.0.1".parse().unwrap()],
            udp_port: taken.local_addr().unwrap().port(),
            ..SfuConfig::default()
        };
        let error = open(&config, 2).unwrap_err().to_string();
        assert!(error.contains("media.udp_port"), "{error}");
    }
}
