//! The server: what clients and peers send goes in, what is to be sent comes out.

mod answers;
mod authority;
mod requests;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ahash::RandomState;

use crate::allocation::{Allocation, Budget, Passage, Relay};
use crate::attribute::{self as code, Family, TransactionId};
use crate::channel;
use crate::credentials::{Key, Secret};
use crate::limiter::Limiter;
use crate::message::{Class, Method, read_send};
use crate::nonce::Nonces;
use crate::peers::{PeerRules, Reach};
use crate::stats::Stats;
use crate::write::Writer;

/// The caller's name of a relay socket.
pub type RelayId = u32;

/// The server's name of an allocation, for the datagrams of its peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AllocationId(u64);

impl AllocationId {
    /// The name of none, for a relay that waits for its allocation.
    pub const NONE: Self = Self(u64::MAX);
}

/// What the client's bytes come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Via {
    /// Datagrams to the socket with this number.
    Datagram(u16),
    /// The stream with this number: TCP, or TLS over it.
    Stream(u32),
}

/// The 5-tuple: which client, by which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flow {
    /// Where the client is.
    pub client: SocketAddr,
    /// Which address of ours it talks to.
    pub server: SocketAddr,
    /// What its bytes come by.
    pub via: Via,
}

impl Flow {
    /// Whether ChannelData must be filled up to a multiple of four.
    const fn fills(&self) -> bool {
        matches!(self.via, Via::Stream(_))
    }
}

/// What a server goes by.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Named in challenges.
    pub realm: String,
    /// What credentials are made of.
    pub secret: Secret,
    /// Makes nonces. The same for all workers of a node.
    pub nonce_key: [u8; 32],
    /// Makes hash tables unpredictable.
    pub seed: u64,
    /// Which peers may be reached.
    pub peers: PeerRules,
    /// Which families relayed addresses can have.
    pub families: Vec<Family>,
    /// How long an allocation lasts without being refreshed, at least (RFC 8656 §3.2 recommends 10 minutes).
    pub default_lifetime: Duration,
    /// And at most, if its client asks for more.
    pub max_lifetime: Duration,
    /// How long a nonce is good for. Shorter means more answers with 438.
    pub nonce_lifetime: Duration,
    /// Permissions, and channels, of one allocation.
    pub max_peers: usize,
    /// Bytes a second of one allocation, both ways together.
    pub bandwidth: Option<u64>,
    /// Answers a second to a network prefix before anybody there has proven who they are, in the long run.
    pub unauthenticated_per_second: u32,
    /// The same, at once.
    pub unauthenticated_burst: u32,
}

/// What becomes of a client's bytes.
#[derive(Debug)]
pub enum Action<'a> {
    /// Nothing.
    None,
    /// What was written goes back to where they came from.
    Answer,
    /// Payload for a peer.
    Relay {
        /// From this relay.
        relay: RelayId,
        /// Its relayed address.
        from: SocketAddr,
        /// To this peer.
        peer: SocketAddr,
        /// The payload.
        payload: &'a [u8],
    },
    /// Relays are wanted; [`Server::opened`] takes what became of it.
    Open(Box<Ticket>),
}

/// What relays an Allocate request wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// One of IPv4.
    pub v4: bool,
    /// One of IPv6.
    pub v6: bool,
    /// Whether one missing of two is no failure.
    pub either: bool,
    /// EVEN-PORT.
    pub even: Option<Even>,
    /// The token of the relay that was kept.
    pub token: Option<[u8; 8]>,
}

/// EVEN-PORT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Even {
    /// Whether the port that follows is to be kept for an allocation to come.
    pub keep_next: bool,
}

/// An Allocate request that waits for its relays.
#[derive(Debug)]
pub struct Ticket {
    /// What it wants.
    pub open: Open,
    /// Whom quotas count it for.
    pub user: Box<str>,
    flow: Flow,
    username: Box<str>,
    transaction: TransactionId,
    lifetime: Duration,
    key: Key,
    sha256: bool,
    fingerprint: bool,
}

/// The relays that were opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Opened {
    /// Socket and relayed address of IPv4.
    pub v4: Option<(RelayId, SocketAddr)>,
    /// Socket and relayed address of IPv6.
    pub v6: Option<(RelayId, SocketAddr)>,
    /// The token of the port that was kept.
    pub token: Option<[u8; 8]>,
}

/// Why no relay was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The user has all that one may have: 486.
    Quota,
    /// There are no ports left, or all together have all that there may be: 508.
    Capacity,
}

/// An allocation that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Its name.
    pub allocation: AllocationId,
    /// Its client.
    pub flow: Flow,
    /// Its relays, or the one that was given back.
    pub relays: [Option<RelayId>; 2],
    /// Whom quotas counted it for; `None` where one of two relays has ended, and the other has not.
    pub user: Option<Box<str>>,
}

/// All that a server knows of its clients.
#[derive(Debug)]
pub struct Server {
    config: ServerConfig,
    nonces: Nonces,
    limiter: Limiter,
    seeds: RandomState,
    clock: (Instant, u64),
    flows: HashMap<Flow, AllocationId, RandomState>,
    allocations: HashMap<AllocationId, Allocation, RandomState>,
    next_id: u64,
    /// When each allocation is looked at, soonest first.
    due: BinaryHeap<Reverse<(Instant, AllocationId)>>,
    closed: VecDeque<Closed>,
    stats: Stats,
}

impl Server {
    /// A server without clients. `unix` is the time of day, in seconds since 1970.
    pub fn new(config: ServerConfig, now: Instant, unix: u64) -> Self {
        let seeds = RandomState::with_seeds(config.seed, 7, 8, 9);
        let (per_second, burst) = (config.unauthenticated_per_second, config.unauthenticated_burst);
        Self {
            nonces: Nonces::new(config.nonce_key, config.nonce_lifetime.as_secs()),
            limiter: Limiter::new(now, config.seed, per_second, burst),
            clock: (now, unix),
            flows: HashMap::with_hasher(seeds.clone()),
            allocations: HashMap::with_hasher(seeds.clone()),
            next_id: 0,
            due: BinaryHeap::new(),
            closed: VecDeque::new(),
            stats: Stats::default(),
            seeds,
            config,
        }
    }

    /// Takes what a client sent: one datagram, or one message of a stream. What is answered is appended to
    /// `out`.
    pub fn handle_client<'a>(
        &mut self,
        now: Instant,
        flow: &Flow,
        bytes: &'a [u8],
        out: &mut Vec<u8>,
    ) -> Action<'a> {
        let sent = match bytes.first().map(|first| first >> 6) {
            Some(1) => channel::read(bytes).and_then(|(number, payload)| {
                let allocation = self.flows.get(flow).and_then(|id| self.allocations.get(id))?;
                Some((allocation.peer(now, number)?, payload))
            }),
            Some(0) => match read_send(bytes) {
                Some(sent) => Some(sent),
                None => return self.handle_message(now, flow, bytes, out),
            },
            _ => {
                self.stats.malformed += 1;
                return Action::None;
            }
        };
        match sent {
            Some((peer, payload)) => self.relay(now, flow, peer, payload),
            None => {
                self.stats.forbidden += 1;
                Action::None
            }
        }
    }

    /// Lets payload go to a peer, if it may.
    fn relay<'a>(&mut self, now: Instant, flow: &Flow, peer: SocketAddr, payload: &'a [u8]) -> Action<'a> {
        let Self { flows, allocations, stats, config, .. } = self;
        let found =
            flows.get(flow).and_then(|id| allocations.get_mut(id)).filter(|found| found.expires > now);
        let Some(allocation) = found else {
            stats.forbidden += 1;
            return Action::None;
        };
        let passes = match allocation.passage(now, peer.ip()) {
            Passage::Free => peer.port() != 0,
            Passage::AskForPort => config.peers.permits(peer),
            Passage::None => false,
        };
        let Some(relay) = allocation.relay(Family::of(&peer.ip())).filter(|_| passes) else {
            stats.forbidden += 1;
            return Action::None;
        };
        if allocation.budget.as_mut().is_some_and(|budget| !budget.take(now, payload.len())) {
            stats.throttled += 1;
            return Action::None;
        }
        stats.to_peers.add(payload.len());
        Action::Relay { relay: relay.id, from: relay.address, peer, payload }
    }

    /// Takes what a peer sent to a relay of this allocation. Appends the message for its client to `out`, and
    /// says where that is.
    pub fn handle_peer(
        &mut self,
        now: Instant,
        allocation: AllocationId,
        peer: SocketAddr,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Option<Flow> {
        let Self { allocations, stats, config, .. } = self;
        let allocation = allocations.get_mut(&allocation).filter(|found| found.expires > now)?;
        let passes = match allocation.passage(now, peer.ip()) {
            Passage::Free => true,
            Passage::AskForPort => config.peers.permits(peer),
            Passage::None => false,
        };
        if !passes {
            stats.forbidden += 1;
            return None;
        }
        if allocation.budget.as_mut().is_some_and(|budget| !budget.take(now, payload.len())) {
            stats.throttled += 1;
            return None;
        }
        let flow = allocation.flow;
        match allocation.channel(now, peer) {
            Some(number) => channel::write(number, payload, flow.fills(), out),
            None => {
                // Answers to it there are none, so any number will do; a counter is one that repeats late.
                let mut transaction = [0; 12];
                transaction[..8].copy_from_slice(&stats.to_clients.datagrams.to_be_bytes());
                Writer::begin(out, Class::Indication, Method::Data, transaction)
                    .address(code::XOR_PEER_ADDRESS, peer)
                    .attribute(code::DATA, payload)
                    .finish(None, false);
            }
        }
        stats.to_clients.add(payload.len());
        Some(flow)
    }

    /// The relays of a ticket were opened, or could not be. Appends the answer to `out` and names the
    /// allocation, if there is one now.
    pub fn opened(
        &mut self,
        now: Instant,
        ticket: Ticket,
        opened: Result<Opened, Refusal>,
        out: &mut Vec<u8>,
    ) -> Option<AllocationId> {
        let opened = match opened {
            Ok(opened) => opened,
            Err(refusal) => {
                self.stats.refused += 1;
                answers::refused(&ticket, refusal, out);
                return None;
            }
        };
        let start = out.len();
        answers::allocated(&ticket, &opened, out);
        let relay = |(id, address): (RelayId, SocketAddr)| Relay { id, address };
        let expires = now + ticket.lifetime;
        let id = AllocationId(self.next_id);
        self.next_id += 1;
        let allocation = Allocation::new(
            ticket.flow,
            ticket.username,
            ticket.user,
            ticket.transaction,
            out[start..].into(),
            [opened.v4.map(relay), opened.v6.map(relay)],
            expires,
            self.config.bandwidth.map(|rate| Budget::new(now, rate)),
            &self.seeds,
        );
        // There was none when the ticket was made, and the caller answers tickets before anything else.
        if let Some(before) = self.flows.insert(ticket.flow, id) {
            self.close(before);
            self.flows.insert(ticket.flow, id);
        }
        self.allocations.insert(id, allocation);
        self.due.push(Reverse((expires, id)));
        self.stats.allocated += 1;
        self.stats.allocations = self.allocations.len() as u64;
        Some(id)
    }

    /// The client's stream has ended, and with it its allocation.
    pub fn flow_closed(&mut self, flow: &Flow) {
        if let Some(id) = self.flows.get(flow).copied() {
            self.close(id);
        }
    }

    /// Lets time pass: allocations that were not refreshed end.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(Reverse((at, id))) = self.due.peek().copied()
            && at <= now
        {
            self.due.pop();
            let Some(allocation) = self.allocations.get_mut(&id) else { continue };
            if allocation.expires > now {
                allocation.queued = allocation.expires;
                self.due.push(Reverse((allocation.expires, id)));
            } else {
                self.close(id);
            }
        }
    }

    /// When [`Self::handle_timeout`] has something to do.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse((at, _))| *at)
    }

    /// Sets the time of day, which may jump.
    pub fn set_clock(&mut self, now: Instant, unix: u64) {
        self.clock = (now, unix);
    }

    /// The next allocation that has ended; its sockets can be closed.
    pub fn poll_closed(&mut self) -> Option<Closed> {
        self.closed.pop_front()
    }

    /// What was counted.
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    fn unix(&self, now: Instant) -> u64 {
        self.clock.1 + now.saturating_duration_since(self.clock.0).as_secs()
    }

    /// The allocation of a flow, if it has not run out.
    fn allocation(&mut self, now: Instant, flow: &Flow) -> Option<(AllocationId, &mut Allocation)> {
        let id = *self.flows.get(flow)?;
        self.allocations.get_mut(&id).filter(|found| found.expires > now).map(|found| (id, found))
    }

    fn extend(&mut self, id: AllocationId, expires: Instant) {
        let Some(allocation) = self.allocations.get_mut(&id) else { return };
        allocation.expires = expires;
        // A later end is noticed when the server looks at it.
        if expires < allocation.queued {
            allocation.queued = expires;
            self.due.push(Reverse((expires, id)));
        }
    }

    fn close(&mut self, id: AllocationId) {
        let Some(allocation) = self.allocations.remove(&id) else { return };
        self.flows.remove(&allocation.flow);
        self.stats.allocations = self.allocations.len() as u64;
        self.closed.push_back(Closed {
            allocation: id,
            flow: allocation.flow,
            relays: allocation.relays.map(|relay| relay.map(|relay| relay.id)),
            user: Some(allocation.user),
        });
    }

    fn reaches(&self, peer: SocketAddr) -> Reach {
        self.config.peers.reach(peer.ip())
    }
}

#[cfg(test)]
mod tests;
