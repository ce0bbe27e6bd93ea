//! Connections to the number of the media port, for who cannot send UDP (ICE-TCP, RFC 6544).
//!
//! Each worker accepts by itself. A connection says by its first datagram, a STUN check, whose it is; one of
//! another worker's peer is handed over whole. Until the check is authentic it is a stranger: few of them, and
//! not for long. What a connection does not take is dropped by the datagram, and one that takes nothing ends.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};
use slab::Slab;
use sluice_domain::PeerId;
use sluice_sfu_engine::framing::{Incoming, Outgoing, TooLong};
use sluice_sfu_engine::{End, Path, Proto, Transmit};
use socket2::{Domain, Protocol, SockRef, Socket as RawSocket, TcpKeepalive, Type};

/// Tokens of listeners; what is less is a UDP socket.
const LISTENERS: usize = 1 << 16;

/// Tokens of connections.
const CONNECTIONS: usize = 1 << 17;

/// Connections that wait in the kernel to be accepted.
const QUEUE: i32 = 1024;

/// Most connections accepted in one turn.
const ACCEPTED_A_TURN: usize = 64;

/// Most strangers of a worker. The oldest makes room for the next: a browser says what it is within a round trip,
/// so that it takes a flood of thousands a second to crowd it out.
const STRANGERS: usize = 256;

/// Most strangers of one address; more of them are refused. A household or an office behind one address joins
/// one after the other.
const STRANGERS_OF_ONE: usize = 32;

/// How long a stranger may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Most connections of one peer. A browser opens one for each of our addresses, and more when it reconnects.
const MOST_OF_PEER: usize = 4;

/// Bytes that wait for a connection to take them: a large key frame. More delays what comes behind it, less
/// drops pieces of pictures that would have got through.
const MOST_WAITING: usize = 256 * 1024;

/// Bytes that wait in the kernel without having been sent. What is there cannot be left out any more.
const MOST_UNSENT: u32 = 32 * 1024;

/// A connection that takes nothing for so long while something waits is given up.
const STUCK: Duration = Duration::from_secs(5);

/// A peer that vanished without a word is noticed after this and three unanswered probes.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Most datagrams that are read from a connection before others have their turn.
pub(crate) const READ_A_TURN: usize = 64;

/// What happened, for the metrics. Totals since start.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct TcpCounts {
    /// Connections accepted.
    pub(crate) accepted: u64,
    /// Of these handed to another worker.
    pub(crate) handed: u64,
    /// Closed because there were too many.
    pub(crate) crowded: u64,
    /// Closed because they sent no authentic check.
    pub(crate) strange: u64,
    /// Closed because they sent nothing in time.
    pub(crate) silent: u64,
    /// Closed because they took nothing any more.
    pub(crate) stuck: u64,
    /// Datagrams that were left out.
    pub(crate) dropped: u64,
}

/// Opens `address` so that other workers can open it too.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let raw = RawSocket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        raw.set_only_v6(true)?;
    }
    raw.set_reuse_address(true)?;
    raw.set_reuse_port(true)?;
    raw.set_nonblocking(true)?;
    raw.bind(&address.into())?;
    raw.listen(QUEUE)?;
    Ok(TcpListener::from_std(raw.into()))
}

/// A connection on its way to the worker of its peer.
#[derive(Debug)]
pub(crate) struct Handed {
    stream: std::net::TcpStream,
    /// Where it leads.
    pub(crate) path: Path,
    /// Its first datagram.
    pub(crate) first: Vec<u8>,
    rest: Vec<u8>,
}

/// What a connection has to say.
#[derive(Debug)]
pub(crate) enum Received<'a> {
    /// A datagram, and whether it is of a stranger.
    Datagram(Path, &'a [u8], bool),
    /// Nothing for now.
    Nothing,
    /// It has ended.
    Ended,
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    path: Path,
    incoming: Incoming,
    outgoing: Outgoing,
    since: Instant,
    /// Whose it is, once that is proved.
    peer: Option<PeerId>,
    /// Since when it has taken nothing of what waits.
    stuck: Option<Instant>,
    /// It is in the queue of those that may have something to say.
    queued: bool,
    broken: bool,
}

/// The connections of one worker.
#[derive(Debug)]
pub(crate) struct Tcp {
    registry: Registry,
    listeners: Vec<TcpListener>,
    connections: Slab<Connection>,
    by_address: HashMap<SocketAddr, usize>,
    ready: VecDeque<usize>,
    waiting: bool,
    most: usize,
    pub(crate) counts: TcpCounts,
}

impl Tcp {
    /// With at most `most` connections.
    pub(crate) fn new(registry: Registry, mut listeners: Vec<TcpListener>, most: usize) -> io::Result<Self> {
        for (index, listener) in listeners.iter_mut().enumerate() {
            registry.register(listener, Token(LISTENERS + index), Interest::READABLE)?;
        }
        Ok(Self {
            registry,
            listeners,
            connections: Slab::new(),
            by_address: HashMap::new(),
            ready: VecDeque::new(),
            waiting: false,
            most,
            counts: TcpCounts::default(),
        })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.connections.len()
    }

    /// Something happened on a listener or a connection.
    pub(crate) fn note(&mut self, event: &Event, now: Instant) {
        let Some(key) = event.token().0.checked_sub(CONNECTIONS) else {
            self.waiting |= event.token().0 >= LISTENERS;
            return;
        };
        if event.is_writable() {
            self.flush(key, now);
        }
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            self.queue(key);
        }
    }

    fn queue(&mut self, key: usize) {
        if let Some(connection) = self.connections.get_mut(key)
            && !std::mem::replace(&mut connection.queued, true)
        {
            self.ready.push_back(key);
        }
    }

    /// Accepts what waits. `announced` gives the name of a local address.
    pub(crate) fn accept(&mut self, now: Instant, announced: impl Fn(SocketAddr) -> SocketAddr) {
        if !std::mem::take(&mut self.waiting) {
            return;
        }
        for index in 0..self.listeners.len() {
            for _ in 0..ACCEPTED_A_TURN {
                match self.listeners[index].accept() {
                    Ok((stream, theirs)) => {
                        self.counts.accepted += 1;
                        let Ok(ours) = stream.local_addr() else { continue };
                        let path = Path { proto: Proto::Tcp, ours: announced(ours), theirs };
                        self.admit(stream, path, now);
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    // For want of descriptors, mostly: others close, and those that wait are tried again.
                    Err(error) => {
                        tracing::debug!(%error, "a connection could not be accepted");
                        self.waiting = true;
                        break;
                    }
                }
            }
        }
    }

    fn admit(&mut self, stream: TcpStream, path: Path, now: Instant) -> Option<usize> {
        if self.connections.len() >= self.most
            || self.by_address.contains_key(&path.theirs)
            || !self.has_room_for(path.theirs.ip())
        {
            self.counts.crowded += 1;
            return None;
        }
        prepare(&stream);
        let entry = self.connections.vacant_entry();
        let key = entry.key();
        let connection = entry.insert(Connection {
            stream,
            path,
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
            since: now,
            peer: None,
            stuck: None,
            queued: false,
            broken: false,
        });
        let (token, interest) = (Token(CONNECTIONS + key), Interest::READABLE | Interest::WRITABLE);
        if let Err(error) = self.registry.register(&mut connection.stream, token, interest) {
            tracing::debug!(%error, "a connection cannot be watched");
            self.connections.remove(key);
            return None;
        }
        self.by_address.insert(path.theirs, key);
        Some(key)
    }

    /// Whether a stranger from there may come, once the oldest has made room where there are too many.
    fn has_room_for(&mut self, ip: IpAddr) -> bool {
        let strangers = self.connections.iter().filter(|(_, connection)| connection.peer.is_none());
        let (mut all, mut neighbours, mut oldest) = (0, 0, None::<(Instant, usize)>);
        for (key, stranger) in strangers {
            all += 1;
            neighbours += usize::from(stranger.path.theirs.ip() == ip);
            let age = (stranger.since, key);
            oldest = Some(oldest.map_or(age, |oldest| oldest.min(age)));
        }
        if neighbours >= STRANGERS_OF_ONE {
            return false;
        }
        if all >= STRANGERS
            && let Some((_, key)) = oldest
        {
            self.counts.crowded += 1;
            self.end(key);
        }
        true
    }

    /// The next connection that may have something to say; each has its turn once.
    pub(crate) fn next_ready(&mut self) -> Option<usize> {
        let key = self.ready.pop_front()?;
        if let Some(connection) = self.connections.get_mut(key) {
            connection.queued = false;
        }
        Some(key)
    }

    /// How many may have something to say.
    pub(crate) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Gives a connection another turn.
    pub(crate) fn again(&mut self, key: usize) {
        self.queue(key);
    }

    /// The next datagram of a connection.
    pub(crate) fn receive(&mut self, key: usize) -> Received<'_> {
        let Some(connection) = self.connections.get_mut(key) else { return Received::Nothing };
        if connection.broken {
            return Received::Ended;
        }
        loop {
            match connection.incoming.ready() {
                Ok(true) => break,
                Ok(false) => {}
                Err(TooLong) => return Received::Ended,
            }
            match connection.stream.read(connection.incoming.room()) {
                Ok(0) => return Received::Ended,
                Ok(bytes) => connection.incoming.filled(bytes),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Received::Nothing,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Received::Ended,
            }
        }
        let stranger = connection.peer.is_none();
        match connection.incoming.take() {
            Ok(Some(datagram)) => Received::Datagram(connection.path, datagram, stranger),
            Ok(None) | Err(_) => Received::Nothing,
        }
    }

    /// Whose a connection is. Gives back the end of one of the same peer that was closed for it.
    pub(crate) fn prove(&mut self, key: usize, peer: PeerId) -> Option<End> {
        self.connections.get_mut(key)?.peer = Some(peer);
        let same = self.connections.iter().filter(|(_, connection)| connection.peer == Some(peer));
        let same: Vec<(Instant, usize)> = same.map(|(key, connection)| (connection.since, key)).collect();
        let oldest = same.iter().filter(|(_, other)| *other != key).min()?;
        if same.len() <= MOST_OF_PEER {
            return None;
        }
        self.counts.crowded += 1;
        self.end(oldest.1)
    }

    /// Closes a connection that is no peer's.
    pub(crate) fn refuse(&mut self, key: usize) {
        self.counts.strange += 1;
        self.end(key);
    }

    /// Takes a connection out, for the worker of its peer.
    pub(crate) fn hand_over(&mut self, key: usize, first: Vec<u8>) -> Option<Handed> {
        let mut connection = self.take(key)?;
        self.registry.deregister(&mut connection.stream).ok()?;
        self.counts.handed += 1;
        let (path, rest) = (connection.path, connection.incoming.rest().to_vec());
        Some(Handed { stream: connection.stream.into(), path, first, rest })
    }

    /// Takes over a connection that another worker accepted.
    pub(crate) fn take_over(&mut self, handed: Handed, now: Instant) -> Option<usize> {
        let key = self.admit(TcpStream::from_std(handed.stream), handed.path, now)?;
        let incoming = &mut self.connections[key].incoming;
        incoming.room()[..handed.rest.len()].copy_from_slice(&handed.rest);
        incoming.filled(handed.rest.len());
        self.queue(key);
        Some(key)
    }

    /// Closes a connection.
    pub(crate) fn end(&mut self, key: usize) -> Option<End> {
        self.take(key).map(|connection| connection.path.end())
    }

    fn take(&mut self, key: usize) -> Option<Connection> {
        let connection = self.connections.try_remove(key)?;
        self.by_address.remove(&connection.path.theirs);
        Some(connection)
    }

    /// Sends datagrams over the connection that they are for, as far as it takes them.
    pub(crate) fn send(&mut self, transmit: &Transmit, now: Instant) {
        let key = self.by_address.get(&transmit.path.theirs).copied();
        let Some((key, connection)) = key.and_then(|key| Some((key, self.connections.get_mut(key)?))) else {
            self.counts.dropped += transmit.count() as u64;
            return;
        };
        let full = transmit.datagrams().filter(|datagram| !connection.outgoing.push(datagram, MOST_WAITING));
        self.counts.dropped += full.count() as u64;
        self.flush(key, now);
    }

    fn flush(&mut self, key: usize, now: Instant) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        while !connection.outgoing.waiting().is_empty() {
            match connection.stream.write(connection.outgoing.waiting()) {
                Ok(bytes) if bytes > 0 => {
                    connection.outgoing.took(bytes);
                    connection.stuck = None;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    connection.stuck.get_or_insert(now);
                    return;
                }
                Ok(_) | Err(_) => {
                    connection.broken = true;
                    return self.queue(key);
                }
            }
        }
    }

    /// Closes what has been silent, stuck or without a peer for too long; `holder` tells whose an end is. Gives
    /// back the ends that are no more.
    pub(crate) fn sweep(&mut self, now: Instant, holder: impl Fn(End) -> Option<PeerId>) -> Vec<End> {
        let (mut closing, counts) = (Vec::new(), &mut self.counts);
        for (key, connection) in &self.connections {
            let late =
                connection.peer.is_none() && now.saturating_duration_since(connection.since) >= PATIENCE;
            let stuck = connection.stuck.is_some_and(|since| now.saturating_duration_since(since) >= STUCK);
            let orphan = connection.peer.is_some() && holder(connection.path.end()) != connection.peer;
            counts.silent += u64::from(late);
            counts.stuck += u64::from(stuck);
            if late || stuck || orphan {
                closing.push(key);
            }
        }
        closing.into_iter().filter_map(|key| self.end(key)).collect()
    }
}

/// Options that a connection can live without, so failing to set them is no error.
fn prepare(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_tcp_notsent_lowat(MOST_UNSENT);
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 3).with_retries(3);
    let _ = socket.set_tcp_keepalive(&keepalive);
}

#[cfg(test)]
mod tests;
