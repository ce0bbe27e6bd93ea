//! One allocation: its relayed addresses, and which peers it may send to and hear.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use ahash::RandomState;

use crate::attribute::{Family, TransactionId};
use crate::server::{Flow, RelayId};

/// How long a permission lasts (RFC 8656 §9). Fixed by the protocol.
const PERMISSION: Duration = Duration::from_secs(300);

/// How long the binding of a channel lasts (§12). Fixed by the protocol.
const CHANNEL: Duration = Duration::from_secs(600);

/// A relayed address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Relay {
    pub(crate) id: RelayId,
    pub(crate) address: SocketAddr,
}

/// One allocation.
#[derive(Debug)]
pub(crate) struct Allocation {
    pub(crate) flow: Flow,
    /// The whole user name; requests about the allocation must bear it (441).
    pub(crate) username: Box<str>,
    /// Its part that quotas count by.
    pub(crate) user: Box<str>,
    /// The request that made it, and what was answered: a retransmission gets it again.
    pub(crate) transaction: TransactionId,
    pub(crate) answer: Box<[u8]>,
    /// By family.
    pub(crate) relays: [Option<Relay>; 2],
    pub(crate) expires: Instant,
    /// When the server will look at it next.
    pub(crate) queued: Instant,
    pub(crate) budget: Option<Budget>,
    permissions: HashMap<IpAddr, Permission, RandomState>,
    channels: HashMap<u16, Channel, RandomState>,
    numbers: HashMap<SocketAddr, u16, RandomState>,
}

#[derive(Debug, Clone, Copy)]
struct Permission {
    expires: Instant,
    /// Whether each port is to be asked about.
    ports: bool,
}

#[derive(Debug, Clone, Copy)]
struct Channel {
    peer: SocketAddr,
    expires: Instant,
}

/// What a payload may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    /// Go on.
    Free,
    /// Go on if the rules permit this port.
    AskForPort,
    /// Stop.
    None,
}

/// Why a permission or a channel was not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// There are too many.
    Full,
    /// The number names another peer, or the peer has another number.
    Conflict,
}

impl Allocation {
    #[expect(clippy::too_many_arguments, reason = "each is a different fact about a new allocation")]
    pub(crate) fn new(
        flow: Flow,
        username: Box<str>,
        user: Box<str>,
        transaction: TransactionId,
        answer: Box<[u8]>,
        relays: [Option<Relay>; 2],
        expires: Instant,
        budget: Option<Budget>,
        seeds: &RandomState,
    ) -> Self {
        Self {
            flow,
            username,
            user,
            transaction,
            answer,
            relays,
            expires,
            queued: expires,
            budget,
            permissions: HashMap::with_hasher(seeds.clone()),
            channels: HashMap::with_hasher(seeds.clone()),
            numbers: HashMap::with_hasher(seeds.clone()),
        }
    }

    /// Its relay of a family.
    pub(crate) const fn relay(&self, family: Family) -> Option<Relay> {
        self.relays[family.index()]
    }

    /// Whether as many permissions more would be too many.
    pub(crate) fn has_room(&mut self, now: Instant, peers: &[SocketAddr], most: usize) -> bool {
        let new = |permissions: &HashMap<_, _, _>| {
            peers.iter().filter(|peer| !permissions.contains_key(&peer.ip())).count()
        };
        if self.permissions.len() + new(&self.permissions) > most {
            self.permissions.retain(|_, permission: &mut Permission| permission.expires > now);
        }
        self.permissions.len() + new(&self.permissions) <= most
    }

    /// Installs or renews the permission of an address.
    pub(crate) fn permit(&mut self, now: Instant, ip: IpAddr, ports: bool) {
        self.permissions.insert(ip, Permission { expires: now + PERMISSION, ports });
    }

    /// Binds a channel or renews its binding (RFC 8656 §12.2).
    pub(crate) fn bind(
        &mut self,
        now: Instant,
        number: u16,
        peer: SocketAddr,
        most: usize,
    ) -> Result<(), Denied> {
        let live = |channel: &&Channel| channel.expires > now;
        if self.channels.get(&number).filter(live).is_some_and(|channel| channel.peer != peer) {
            return Err(Denied::Conflict);
        }
        let other = self.numbers.get(&peer).copied().filter(|other| *other != number);
        if let Some(other) = other {
            if self.channels.get(&other).filter(live).is_some() {
                return Err(Denied::Conflict);
            }
            self.channels.remove(&other);
        }
        if !self.channels.contains_key(&number) && self.channels.len() >= most {
            self.channels.retain(|_, channel| channel.expires > now);
            let channels = &self.channels;
            self.numbers.retain(|_, number| channels.contains_key(number));
            if self.channels.len() >= most {
                return Err(Denied::Full);
            }
        }
        let before = self.channels.insert(number, Channel { peer, expires: now + CHANNEL });
        if let Some(before) = before.filter(|before| before.peer != peer) {
            self.numbers.remove(&before.peer);
        }
        self.numbers.insert(peer, number);
        Ok(())
    }

    /// Whether payload may pass between the client and this address.
    pub(crate) fn passage(&self, now: Instant, ip: IpAddr) -> Passage {
        match self.permissions.get(&ip) {
            Some(permission) if permission.expires > now => match permission.ports {
                true => Passage::AskForPort,
                false => Passage::Free,
            },
            _ => Passage::None,
        }
    }

    /// The peer that a channel names.
    pub(crate) fn peer(&self, now: Instant, number: u16) -> Option<SocketAddr> {
        self.channels.get(&number).filter(|channel| channel.expires > now).map(|channel| channel.peer)
    }

    /// The channel of a peer.
    pub(crate) fn channel(&self, now: Instant, peer: SocketAddr) -> Option<u16> {
        let number = *self.numbers.get(&peer)?;
        self.peer(now, number).filter(|bound| *bound == peer).map(|_| number)
    }
}

/// How much an allocation may relay, both ways together: so many bytes a second, and as many at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    rate: f64,
    left: f64,
    at: Instant,
}

impl Budget {
    pub(crate) fn new(now: Instant, rate: u64) -> Self {
        Self { rate: rate as f64, left: rate as f64, at: now }
    }

    pub(crate) fn take(&mut self, now: Instant, bytes: usize) -> bool {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * self.rate).min(self.rate);
        self.at = now;
        let enough = self.left >= bytes as f64;
        if enough {
            self.left -= bytes as f64;
        }
        enough
    }
}
