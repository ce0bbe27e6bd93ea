//! Connections as a worker has them, over real sockets.

use std::net::{Ipv4Addr, TcpStream as StdStream};

use mio::{Events, Poll};

use super::*;

/// What a worker has of it.
struct Side {
    poll: Poll,
    tcp: Tcp,
    port: u16,
}

impl Side {
    fn new(most: usize) -> Self {
        let poll = Poll::new().unwrap();
        let listener = listen((Ipv4Addr::UNSPECIFIED, 0).into()).unwrap();
        let port = listener.local_addr().unwrap().port();
        let tcp = Tcp::new(poll.registry().try_clone().unwrap(), vec![listener], most).unwrap();
        Self { poll, tcp, port }
    }

    /// A connection from this address of the machine.
    fn connect(&mut self, from: Ipv4Addr) -> StdStream {
        let raw = RawSocket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        raw.bind(&SocketAddr::from((from, 0)).into()).unwrap();
        raw.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)).into()).unwrap();
        let stream: StdStream = raw.into();
        stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        self.turn(Instant::now());
        stream
    }

    fn turn(&mut self, now: Instant) {
        let mut events = Events::with_capacity(64);
        self.poll.poll(&mut events, Some(Duration::from_millis(20))).unwrap();
        events.iter().for_each(|event| self.tcp.note(event, now));
        self.tcp.accept(now, |address| address);
    }

    fn key(&self, stream: &StdStream) -> usize {
        self.tcp.by_address[&stream.local_addr().unwrap()]
    }

    fn path(&self, stream: &StdStream) -> Path {
        self.tcp.connections[self.key(stream)].path
    }

    fn sweep(&mut self, now: Instant) -> usize {
        self.tcp.sweep(now, |_| Some(PeerId(1))).len()
    }
}

fn is_closed(stream: &mut StdStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    matches!(stream.read(&mut [0; 16]), Ok(0))
}

/// Numbered datagrams as a batch, the last shorter.
fn batch(path: Path, first: u32) -> Transmit {
    let datagram = |number: u32| [&number.to_be_bytes()[..], &[7; 1196]].concat();
    let mut bytes: Vec<u8> = (first..first + 40).flat_map(datagram).collect();
    bytes.truncate(40 * 1200 - 100);
    Transmit { path, bytes, segment: 1200 }
}

#[test]
fn a_reader_that_stops_reading_misses_whole_datagrams_and_then_its_connection_ends() {
    let mut side = Side::new(100);
    let stream = side.connect(Ipv4Addr::LOCALHOST);
    let (key, path, now) = (side.key(&stream), side.path(&stream), Instant::now());
    assert_eq!(side.tcp.prove(key, PeerId(1)), None);
    for round in 0..1000 {
        side.tcp.send(&batch(path, round * 40), now);
        assert!(side.tcp.connections[key].outgoing.waiting().len() <= MOST_WAITING);
    }
    let dropped = side.tcp.counts.dropped;
    assert!(dropped > 10_000, "{dropped} of 40,000");
    side.turn(now);
    assert_eq!(side.sweep(now + STUCK / 2), 0, "it may go on");
    // It goes on: what it gets are whole datagrams in their order, and not all of them.
    let mut reader = stream.try_clone().unwrap();
    reader.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let (mut incoming, mut numbers) = (Incoming::default(), Vec::new());
    loop {
        match reader.read(incoming.room()) {
            Ok(bytes) if bytes > 0 => incoming.filled(bytes),
            _ => break,
        }
        while let Some(datagram) = incoming.take().unwrap() {
            assert!([1200, 1100].contains(&datagram.len()));
            numbers.push(u32::from_be_bytes(*datagram.first_chunk().unwrap()));
        }
        side.turn(now);
    }
    assert!(numbers.is_sorted_by(|a, b| a < b));
    assert_eq!(numbers.len() as u64 + dropped, 40_000);
    assert!(side.tcp.connections[key].stuck.is_none());
    // It stops for good.
    (0..1000).for_each(|round| side.tcp.send(&batch(path, round * 40), now));
    assert_eq!(side.sweep(now + STUCK), 1);
    assert_eq!((side.tcp.counts.stuck, side.tcp.len()), (1, 0));
    side.tcp.send(&batch(path, 0), now);
    assert_eq!(side.tcp.len(), 0, "what comes for it later is dropped");
}

#[test]
fn strangers_are_few_of_one_address_and_the_oldest_makes_room_for_the_next() {
    let mut side = Side::new(10_000);
    let mut first = side.connect(Ipv4Addr::new(127, 0, 0, 2));
    let proved = side.connect(Ipv4Addr::new(127, 0, 0, 2));
    let key = side.key(&proved);
    side.tcp.prove(key, PeerId(1));
    let mut neighbours: Vec<StdStream> =
        (0..STRANGERS_OF_ONE).map(|_| side.connect(Ipv4Addr::new(127, 0, 0, 2))).collect();
    assert!(is_closed(neighbours.last_mut().unwrap()), "one too many");
    assert_eq!(side.tcp.counts.crowded, 1);
    let others: Vec<StdStream> = (0..STRANGERS - STRANGERS_OF_ONE)
        .map(|index| side.connect(Ipv4Addr::new(127, 0, 1, (index / 30) as u8 + 1)))
        .collect();
    assert_eq!(side.tcp.len(), STRANGERS + 1);
    let _next = side.connect(Ipv4Addr::new(127, 0, 3, 1));
    assert_eq!(side.tcp.len(), STRANGERS + 1);
    assert!(is_closed(&mut first));
    drop(others);
    assert!(side.tcp.by_address.contains_key(&proved.local_addr().unwrap()), "a peer is no stranger");
}

#[test]
fn there_are_no_more_than_a_worker_may_have() {
    let mut side = Side::new(2);
    let (mut one, mut two) = (side.connect(Ipv4Addr::LOCALHOST), side.connect(Ipv4Addr::LOCALHOST));
    let mut three = side.connect(Ipv4Addr::LOCALHOST);
    assert!(is_closed(&mut three) && !is_closed(&mut one) && !is_closed(&mut two));
    assert_eq!((side.tcp.counts.accepted, side.tcp.counts.crowded), (3, 1));
}

#[test]
fn a_peer_that_reconnects_again_and_again_keeps_its_newest_connections() {
    let mut side = Side::new(100);
    let mut streams: Vec<StdStream> =
        (0..MOST_OF_PEER + 1).map(|_| side.connect(Ipv4Addr::LOCALHOST)).collect();
    let keys: Vec<usize> = streams.iter().map(|stream| side.key(stream)).collect();
    let oldest = side.path(&streams[0]).end();
    let closed: Vec<Option<End>> = keys.iter().map(|key| side.tcp.prove(*key, PeerId(1))).collect();
    assert_eq!(closed.iter().flatten().collect::<Vec<_>>(), [&oldest]);
    assert!(is_closed(&mut streams[0]) && !is_closed(&mut streams[1]));
}
