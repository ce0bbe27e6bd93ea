//! A UDP proxy that stands in front of the server and impairs both directions of every path through it.
//!
//! ```text
//!   peer ──► front socket ──► Link towards the server ──► one socket a peer ──► server
//!        ◄──              ◄── Link towards the peers  ◄──                  ◄──
//! ```
//!
//! `netem` is not everywhere, and a proxy needs no privileges. The price: candidates must be
//! rewritten to its port (the test page does that), and timing is as good as the timer's millisecond.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};

use crate::link::{Impairment, Link, LinkCounts};

/// Datagrams towards the server that are kept for [`Command::Replay`].
const KEPT_FOR_REPLAY: usize = 1000;

/// Largest datagram that passes.
const MAX_DATAGRAM: usize = 65_535;

/// What can be asked of a running proxy; one JSON object a line on the binary's standard input.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Impairs what flows to the server.
    ToServer(Impairment),
    /// Impairs what flows to the peers.
    ToPeers(Impairment),
    /// Sends the last that many datagrams to the server again: from the socket that sent them, and
    /// from a stranger's.
    Replay(usize),
    /// Forgets every path, as a NAT that is restarted: what a peer sends from now on comes from another
    /// port, and what the server sends to the one before reaches nobody.
    Rebind,
    /// Asks for [`Counts`].
    Counts,
}

/// What passed in each direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// From the peers to the server.
    pub to_server: LinkCounts,
    /// From the server to the peers.
    pub to_peers: LinkCounts,
}

/// A running proxy; it stops when dropped.
#[derive(Debug)]
pub struct UdpProxy {
    address: SocketAddr,
    commands: mpsc::Sender<(Command, oneshot::Sender<Counts>)>,
    task: tokio::task::JoinHandle<()>,
}

impl UdpProxy {
    /// Starts a proxy on a free port of 127.0.0.1 in front of `server`.
    pub async fn start(server: SocketAddr, seed: u64) -> io::Result<Self> {
        Self::start_on((Ipv4Addr::LOCALHOST, 0).into(), server, seed).await
    }

    /// Starts a proxy on this address in front of `server`.
    pub async fn start_on(listen: SocketAddr, server: SocketAddr, seed: u64) -> io::Result<Self> {
        let front = Arc::new(UdpSocket::bind(listen).await?);
        let stranger = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = front.local_addr()?;
        // A waiting command is answered within one turn of the loop; a full queue makes the caller wait.
        let (commands, inbox) = mpsc::channel(16);
        // A full queue makes the reader of that path wait, as a full socket buffer would.
        let (arrivals_tx, arrivals) = mpsc::channel(4096);
        let relay = Relay {
            server,
            front,
            stranger,
            arrivals_tx,
            paths: HashMap::new(),
            under_way: BinaryHeap::new(),
            order: 0,
            recent: VecDeque::new(),
            to_server: Link::new(seed),
            to_peers: Link::new(seed.wrapping_add(1)),
        };
        let task = tokio::spawn(relay.run(arrivals, inbox));
        Ok(Self { address, commands, task })
    }

    /// Where peers send to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Carries out a command and returns what passed until then.
    pub async fn command(&self, command: Command) -> Counts {
        let (reply, answer) = oneshot::channel();
        if self.commands.send((command, reply)).await.is_err() {
            return Counts::default();
        }
        answer.await.unwrap_or_default()
    }
}

impl Drop for UdpProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A datagram on its way, ordered by delivery and then by arrival.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct UnderWay {
    at: Instant,
    order: u64,
    /// The peer whose path it is on.
    peer: SocketAddr,
    to_server: bool,
    bytes: Vec<u8>,
}

/// The way of one peer to the server: a socket of its own, as a NAT would give it a port.
struct Path {
    socket: Arc<UdpSocket>,
    reader: tokio::task::JoinHandle<()>,
}

impl Drop for Path {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

struct Relay {
    server: SocketAddr,
    front: Arc<UdpSocket>,
    stranger: UdpSocket,
    arrivals_tx: mpsc::Sender<(SocketAddr, Vec<u8>)>,
    paths: HashMap<SocketAddr, Path>,
    under_way: BinaryHeap<Reverse<UnderWay>>,
    order: u64,
    recent: VecDeque<(SocketAddr, Vec<u8>)>,
    to_server: Link,
    to_peers: Link,
}

impl Relay {
    /// The loop: deliver what is due, then wait for a datagram of either side, a command or time.
    async fn run(
        mut self,
        mut arrivals: mpsc::Receiver<(SocketAddr, Vec<u8>)>,
        mut inbox: mpsc::Receiver<(Command, oneshot::Sender<Counts>)>,
    ) {
        let front = Arc::clone(&self.front);
        let mut buffer = vec![0; MAX_DATAGRAM];
        loop {
            self.deliver_due(Instant::now()).await;
            let due = self.under_way.peek().map(|Reverse(next)| next.at);
            let timer = async {
                match due {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                received = front.recv_from(&mut buffer) => if let Ok((length, peer)) = received {
                    self.enter(peer, true, buffer[..length].to_vec());
                },
                Some((peer, bytes)) = arrivals.recv() => self.enter(peer, false, bytes),
                command = inbox.recv() => match command {
                    Some((command, reply)) => {
                        self.obey(command).await;
                        let counts = Counts {
                            to_server: self.to_server.counts(),
                            to_peers: self.to_peers.counts(),
                        };
                        // A caller that went away does not miss the answer.
                        let _gone = reply.send(counts);
                    }
                    None => return,
                },
                () = timer => {}
            }
        }
    }

    fn enter(&mut self, peer: SocketAddr, to_server: bool, bytes: Vec<u8>) {
        if to_server {
            self.recent.push_back((peer, bytes.clone()));
            if self.recent.len() > KEPT_FOR_REPLAY {
                self.recent.pop_front();
            }
        }
        let link = if to_server { &mut self.to_server } else { &mut self.to_peers };
        if let Some(at) = link.admit(Instant::now(), bytes.len()) {
            self.order += 1;
            self.under_way.push(Reverse(UnderWay { at, order: self.order, peer, to_server, bytes }));
        }
    }

    async fn deliver_due(&mut self, now: Instant) {
        while self.under_way.peek().is_some_and(|Reverse(next)| next.at <= now) {
            let Some(Reverse(UnderWay { peer, to_server, bytes, .. })) = self.under_way.pop() else { return };
            if !to_server {
                // A peer that has closed its socket loses its datagrams, as on any network.
                let _closed = self.front.send_to(&bytes, peer).await;
            } else if let Some(socket) = self.path(peer).await {
                let _closed = socket.send_to(&bytes, self.server).await;
            }
        }
    }

    async fn path(&mut self, peer: SocketAddr) -> Option<Arc<UdpSocket>> {
        if let Some(path) = self.paths.get(&peer) {
            return Some(Arc::clone(&path.socket));
        }
        let local = if self.server.ip().is_loopback() { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED };
        let socket = Arc::new(UdpSocket::bind((local, 0)).await.ok()?);
        let reading = Arc::clone(&socket);
        let arrivals = self.arrivals_tx.clone();
        let reader = tokio::spawn(async move {
            let mut buffer = vec![0; MAX_DATAGRAM];
            loop {
                // Errors are ICMP reports of a server that is down; it may come back.
                let Ok((length, _)) = reading.recv_from(&mut buffer).await else { continue };
                if arrivals.send((peer, buffer[..length].to_vec())).await.is_err() {
                    return;
                }
            }
        });
        self.paths.insert(peer, Path { socket: Arc::clone(&socket), reader });
        Some(socket)
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::ToServer(impairment) => self.to_server.set(impairment),
            Command::ToPeers(impairment) => self.to_peers.set(impairment),
            Command::Replay(count) => {
                let from = self.recent.len().saturating_sub(count);
                let again: Vec<_> = self.recent.iter().skip(from).cloned().collect();
                for (peer, bytes) in again {
                    if let Some(socket) = self.path(peer).await {
                        let _closed = socket.send_to(&bytes, self.server).await;
                    }
                    let _closed = self.stranger.send_to(&bytes, self.server).await;
                }
            }
            Command::Rebind => self.paths.clear(),
            Command::Counts => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A server that sends every datagram back.
    async fn echo() -> SocketAddr {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 2000];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                socket.send_to(&buffer[..length], from).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn datagrams_pass_both_ways_with_the_delay_that_was_asked_for() {
        let proxy = UdpProxy::start(echo().await, 1).await.unwrap();
        let delay = Impairment { delay_ms: 30, ..Impairment::default() };
        proxy.command(Command::ToPeers(delay)).await;
        let peer = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let sent = Instant::now();
        peer.send_to(b"hello", proxy.address()).await.unwrap();
        let mut buffer = [0; 100];
        let (length, _) = peer.recv_from(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], b"hello");
        assert!(sent.elapsed() >= Duration::from_millis(30), "{:?}", sent.elapsed());
        let counts = proxy.command(Command::Counts).await;
        assert_eq!((counts.to_server.passed, counts.to_peers.passed), (1, 1));
    }

    #[tokio::test]
    async fn replayed_datagrams_reach_the_server_twice_more() {
        let proxy = UdpProxy::start(echo().await, 1).await.unwrap();
        let peer = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        peer.send_to(b"once", proxy.address()).await.unwrap();
        let mut buffer = [0; 100];
        peer.recv_from(&mut buffer).await.unwrap();
        proxy.command(Command::Replay(1)).await;
        // The echo of the replay on the peer's own path comes back; the stranger's goes to the stranger.
        let (length, _) = peer.recv_from(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], b"once");
    }

    #[tokio::test]
    async fn after_a_rebinding_the_server_sees_another_address_and_the_old_one_is_dead() {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let proxy = UdpProxy::start(server.local_addr().unwrap(), 1).await.unwrap();
        let peer = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let mut buffer = [0; 100];
        let mut seen = Vec::new();
        for _ in 0..2 {
            peer.send_to(b"hello", proxy.address()).await.unwrap();
            seen.push(server.recv_from(&mut buffer).await.unwrap().1);
            proxy.command(Command::Rebind).await;
        }
        assert_ne!(seen[0], seen[1]);
        peer.send_to(b"again", proxy.address()).await.unwrap();
        let (_, now) = server.recv_from(&mut buffer).await.unwrap();
        server.send_to(b"lost", seen[0]).await.unwrap();
        server.send_to(b"found", now).await.unwrap();
        let (length, _) = peer.recv_from(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], b"found");
    }

    #[test]
    fn commands_are_read_from_one_line_of_json() {
        let command: Command = serde_json::from_str(r#"{"to_peers":{"rate":400000,"loss":0.05}}"#).unwrap();
        let expected = Impairment { rate: Some(400_000), loss: 0.05, ..Impairment::default() };
        assert_eq!(command, Command::ToPeers(expected));
        assert_eq!(serde_json::from_str::<Command>(r#""counts""#).unwrap(), Command::Counts);
        assert!(serde_json::from_str::<Command>(r#"{"to_peers":{"los":1}}"#).is_err());
    }
}
