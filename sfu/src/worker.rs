//! The thread that drives one shard: its loop is the whole rhythm of the media plane.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token, Waker};
use sluice_domain::MediaTime;
use sluice_sfu_engine::{
    Candidates, ChatInput, Command, Output, Path, Proto, Reply, SfuEvent, Shard, TapId, TapNews, Transmit,
    WorkerId,
};
use tokio::sync::mpsc;

use crate::address::announced;
use crate::config::{SfuConfig, StartError};
use crate::link::{Links, Relayed};
use crate::load::{Gauge, Load};
use crate::mailbox::{Inbox, Mail, Mailbox};
use crate::metrics::WorkerMetrics;
use crate::names::Names;
use crate::socket::Socket;
use crate::strays::Strays;
use crate::tap::{Refused, Sink};
use crate::tcp::{self, Handed, Received, Tcp};

/// The token of the mailbox; sockets have their index, and connections tokens of their own.
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

/// Where more waits in a socket than was received at once, sending has so many times as long as receiving had. What
/// is left lying there fills the buffer of the socket, and then packets of publishers are lost, which all of
/// their viewers ask for again; what waits to be sent is bounded, and seen by those who leave something out and
/// refuse viewers. Less makes those who watch wait for a thousand who join, more receives less than a thousand
/// viewers have to say.
const SENDING_TO_RECEIVING: u32 = 4;

/// Most connections of a worker, and how many it may have in any case. Each is a descriptor and some kilobytes.
const MOST_CONNECTIONS: usize = 8192;
const FEWEST_CONNECTIONS: usize = 64;

/// Events of all that may wait for `live`, so many are kept free of what members of chats say. More refuses
/// them sooner when `live` is behind, fewer risks that it does not learn of a peer's end.
const RESERVED: usize = 4096;

/// The sockets of all workers, opened before any thread starts so that errors reach the operator.
#[derive(Debug)]
pub(crate) struct Bundle {
    pub(crate) port: u16,
    /// Whether connections are accepted, too.
    pub(crate) tcp: bool,
    sockets: Vec<Vec<Socket>>,
    listeners: Vec<Vec<TcpListener>>,
}

/// What all workers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) candidates: Candidates,
    pub(crate) names: Arc<Names>,
    pub(crate) links: Arc<Links>,
    pub(crate) events: mpsc::Sender<SfuEvent>,
    pub(crate) loads: Vec<Arc<Load>>,
}

/// How many ports are tried at most until one is free for UDP and for TCP: connections that were closed a minute ago
/// still have theirs.
const TRIES: usize = 8;

/// Opens the port once for every worker.
pub(crate) fn open(config: &SfuConfig, workers: usize) -> Result<Bundle, StartError> {
    let mut tries = if config.udp_port == 0 { TRIES } else { 1 };
    let (port, sockets, opened) = loop {
        let (port, sockets) = open_udp(config, workers)?;
        let opened = if config.tcp { listen(&sockets) } else { Ok(Vec::new()) };
        tries -= 1;
        if opened.is_ok() || tries == 0 {
            break (port, sockets, opened);
        }
    };
    let listeners = opened.unwrap_or_else(|error| {
        tracing::warn!(
            %error, port,
            "TCP connections for media are not accepted: the number of media.udp_port is taken as a TCP port; \
             viewers whose network has no UDP cannot watch by WebRTC. Free that port, set media.udp_port, or set \
             media.tcp = false if this is meant"
        );
        Vec::new()
    });
    let tcp = !listeners.is_empty();
    Ok(Bundle { port, tcp, sockets, listeners })
}

/// The port, and its sockets of every worker.
fn open_udp(config: &SfuConfig, workers: usize) -> Result<(u16, Vec<Vec<Socket>>), StartError> {
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
    Ok((port, sockets))
}

/// Listens wherever the UDP sockets of a worker do, once for every worker.
fn listen(sockets: &[Vec<Socket>]) -> io::Result<Vec<Vec<TcpListener>>> {
    for socket in sockets.first().into_iter().flatten() {
        // SO_REUSEPORT would share the port with another server of the same user in silence.
        StdListener::bind(socket.local())?;
    }
    let listeners =
        |sockets: &Vec<Socket>| sockets.iter().map(|socket| tcp::listen(socket.local())).collect();
    sockets.iter().map(listeners).collect()
}

/// Starts one thread for each set of sockets.
pub(crate) fn spawn(
    bundle: Bundle,
    config: &SfuConfig,
    shared: &Shared,
) -> Result<(Vec<Mailbox>, Vec<JoinHandle<()>>), StartError> {
    let mut parts = Vec::new();
    let most = most_connections(bundle.sockets.len());
    let mut listeners = bundle.listeners.into_iter();
    for sockets in bundle.sockets {
        let poll = Poll::new().map_err(StartError::Thread)?;
        let waker = Waker::new(poll.registry(), MAIL).map_err(StartError::Thread)?;
        let (mailbox, mail) = Mailbox::new(waker);
        let registry = poll.registry().try_clone().map_err(StartError::Thread)?;
        let listeners = listeners.next().unwrap_or_default();
        let tcp = Tcp::new(registry, listeners, most).map_err(StartError::Thread)?;
        parts.push((sockets, tcp, poll, mailbox, mail));
    }
    let mailboxes: Vec<Mailbox> = parts.iter().map(|(.., mailbox, _)| mailbox.clone()).collect();
    let mut threads = Vec::new();
    for (index, (mut sockets, tcp, poll, _, mail)) in parts.into_iter().enumerate() {
        for (token, socket) in sockets.iter_mut().enumerate() {
            let register = poll.registry().register(socket.source(), Token(token), Interest::READABLE);
            register.map_err(StartError::Thread)?;
        }
        let now = Instant::now();
        let mut shard = Shard::new(config.engine.clone(), now, wall_clock());
        shard.set_candidates(shared.candidates.clone());
        let worker = Worker {
            index,
            shard,
            sockets,
            tcp,
            mail,
            strays: Strays::new(index, mailboxes.len(), Arc::clone(&shared.names), now),
            mailboxes: mailboxes.clone(),
            addresses: shared.candidates.udp.clone(),
            public: config.public_addresses.clone(),
            links: Arc::clone(&shared.links),
            events: shared.events.clone(),
            taps: HashMap::new(),
            full_taps: Vec::new(),
            metrics: WorkerMetrics::new(index),
            load: shared.loads.get(index).map(Arc::clone).unwrap_or_default(),
        };
        let core = config.pin_workers.then_some(index);
        let thread = std::thread::Builder::new().name(format!("media-{index}"));
        threads.push(thread.spawn(move || worker.run(poll, core)).map_err(StartError::Thread)?);
    }
    Ok((mailboxes, threads))
}

/// Most connections of one of so many workers: a part of the descriptors that the process may have, which HTTP
/// and files need, too.
fn most_connections(workers: usize) -> usize {
    use rustix::process::{Resource, getrlimit};
    let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let share = usize::try_from(descriptors / 4).unwrap_or(usize::MAX) / workers.max(1);
    share.clamp(FEWEST_CONNECTIONS, MOST_CONNECTIONS)
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
    tcp: Tcp,
    mail: Inbox,
    strays: Strays,
    mailboxes: Vec<Mailbox>,
    /// Our addresses, as they are announced.
    addresses: Vec<SocketAddr>,
    public: Vec<IpAddr>,
    links: Arc<Links>,
    events: mpsc::Sender<SfuEvent>,
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
        let mut events = Events::with_capacity(256);
        let mut publish_at = Instant::now();
        let mut gauge = Gauge::new(publish_at);
        // What was not done in this turn is done in the next, without sleeping.
        let (mut more_mail, mut more_tcp) = (false, false);
        loop {
            // 1. Sleep until something arrives or is due.
            let now = Instant::now();
            let wake_at =
                self.shard.next_timeout().map_or(LONGEST_SLEEP, |at| at.saturating_duration_since(now));
            let wake_at = if more_mail || more_tcp { Duration::ZERO } else { wake_at.min(LONGEST_SLEEP) };
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
            events.iter().for_each(|event| self.tcp.note(event, woken));
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
            self.flush(LONGEST_FLUSH);
            for _ in 0..BATCHES_A_TURN {
                let began = Instant::now();
                if !self.receive() {
                    self.flush(LONGEST_FLUSH);
                    break;
                }
                self.flush(LONGEST_FLUSH.min(began.elapsed() * SENDING_TO_RECEIVING));
            }
            more_tcp = self.receive_connections();
            // 5. Count.
            let now = Instant::now();
            let stats = self.shard.stats();
            self.load.hold(stats.viewers_held, stats.members_held);
            gauge.turn(now, stats.viewers, self.shard.lag(now), &self.load);
            self.load.set_sheds(self.shard.sheds());
            if woken >= publish_at || !running {
                publish_at = woken + LONGEST_SLEEP;
                self.sweep(now);
                self.metrics.publish(self.shard.stats(), &self.load, (self.tcp.len(), self.tcp.counts));
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
                Mail::Stray { path, bytes } => {
                    self.shard.handle_datagram(Instant::now(), path, &bytes);
                }
                Mail::Connection(handed) => self.take_over(handed),
                Mail::Lost(end) => self.shard.lose(end),
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
        let Self { index, shard, sockets, mailboxes, addresses, strays, metrics, .. } = self;
        for socket in sockets {
            let received = match socket.receive() {
                Ok(Some(received)) => received,
                Ok(None) => continue,
                Err(error) => {
                    tracing::warn!(%error, "cannot receive");
                    continue;
                }
            };
            again |= received.more;
            shard.expect(received.senders().map(|from| (Proto::Udp, from)));
            for (from, to, bytes) in received.datagrams() {
                let path = Path::udp(announced(addresses, to), from);
                let mut hand = |to: usize| {
                    let mail = Mail::Stray { path, bytes: bytes.to_vec() };
                    metrics.stray(mailboxes[to].send(mail).is_ok());
                };
                // With one worker there are no others whose it could be.
                if mailboxes.len() > 1
                    && !shard.owns(path.end())
                    && let Some(owner) = strays.owner(path, bytes)
                {
                    hand(owner);
                    continue;
                }
                let now = Instant::now();
                if !shard.handle_datagram(now, path, bytes) && strays.may_ask(bytes, now) {
                    (0..mailboxes.len()).filter(|other| other != index).for_each(hand);
                }
            }
        }
        again
    }

    /// Accepts connections and gives each that has something to say its turn, and sends what that caused; true
    /// where there is more.
    fn receive_connections(&mut self) -> bool {
        let now = Instant::now();
        let Self { tcp, addresses, .. } = self;
        tcp.accept(now, |address| announced(addresses, address));
        for _ in 0..self.tcp.ready() {
            let Some(key) = self.tcp.next_ready() else { break };
            let done = (0..tcp::READ_A_TURN).any(|_| !self.receive_from(key));
            if !done {
                self.tcp.again(key);
            }
            self.flush(LONGEST_FLUSH);
        }
        self.tcp.ready() > 0
    }

    /// Takes a datagram of a connection; false where there is none for now.
    fn receive_from(&mut self, key: usize) -> bool {
        let Self { index, tcp, shard, strays, mailboxes, .. } = self;
        let (path, bytes, stranger) = match tcp.receive(key) {
            Received::Datagram(path, bytes, stranger) => (path, bytes, stranger),
            Received::Nothing => return false,
            Received::Ended => {
                tcp.end(key).into_iter().for_each(|end| shard.lose(end));
                return false;
            }
        };
        // Who is known, or says that it is a peer of this worker, is heard here.
        let owner = if stranger { strays.named(bytes) } else { Some(*index) };
        match owner {
            Some(owner) if owner == *index => {
                shard.handle_datagram(Instant::now(), path, bytes);
                if stranger {
                    self.introduce(key, path);
                }
            }
            Some(owner) => {
                let first = bytes.to_vec();
                if let Some(handed) = tcp.hand_over(key, first) {
                    // Where its mailbox is full the connection is closed: its peer tries again.
                    let _closed = mailboxes[owner].send(Mail::Connection(handed));
                }
            }
            None => tcp.refuse(key),
        }
        true
    }

    /// Finds out whether a stranger has proved whose it is.
    fn introduce(&mut self, key: usize, path: Path) {
        match self.shard.holder(path.end()) {
            Some(peer) => {
                let closed = self.tcp.prove(key, peer);
                closed.into_iter().for_each(|end| self.shard.lose(end));
            }
            None => self.tcp.refuse(key),
        }
    }

    /// Takes over a connection that another worker accepted, with its first datagram.
    fn take_over(&mut self, handed: Handed) {
        let now = Instant::now();
        let (path, first) = (handed.path, handed.first.clone());
        if let Some(key) = self.tcp.take_over(handed, now) {
            self.shard.handle_datagram(now, path, &first);
            self.introduce(key, path);
        }
    }

    /// Closes connections that are of no use any more.
    fn sweep(&mut self, now: Instant) {
        let Self { tcp, shard, .. } = self;
        let closed = tcp.sweep(now, |end| shard.holder(end));
        closed.into_iter().for_each(|end| shard.lose(end));
    }

    /// Sends what the shard has to say: datagrams to peers, events to `live`. Returns before everything
    /// is said where that takes longer than `limit`, so that what arrives meanwhile is not left lying.
    fn flush(&mut self, limit: Duration) {
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
            if now.saturating_duration_since(began) >= limit {
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
        let Path { proto, ours, theirs } = transmit.path;
        match proto {
            Proto::Udp => {}
            Proto::Tcp => return self.tcp.send(transmit, Instant::now()),
            Proto::Turn => {
                let Transmit { bytes, segment, .. } = transmit;
                let taken = self.links.send(Relayed { from: ours, to: theirs, bytes, segment: *segment });
                return self.metrics.relayed(transmit.count() as u64, taken);
            }
        }
        // A public address is not one of this machine: the system chooses the source.
        let hidden = self.public.contains(&ours.ip());
        let source = (!hidden && !ours.ip().is_unspecified()).then_some(ours.ip());
        let v4 = theirs.is_ipv4();
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

#[cfg(test)]
mod tests {
    use super::*;

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
