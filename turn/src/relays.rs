//! What the workers share: ports of relays, ports that are kept for an allocation to come, quotas. Asked when an
//! allocation begins or ends, never while it relays.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::RngExt as _;
use sluice_turn_proto::{Family, Full, Open, Quota, Refusal};

use crate::socket;

/// How many ports are tried before there is said to be none. Where half of all ports are taken, one request in
/// 2^32 is refused by mistake.
const TRIES: usize = 32;

/// How long a port is kept for the allocation that its token is for (RFC 8656 §7.2 says at least 30 s).
const KEPT: Duration = Duration::from_secs(30);

/// Ports kept at once. More lets clients hold more sockets without an allocation.
const MOST_KEPT: usize = 64;

/// A relay that is bound, and the address that peers know it by.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) socket: UdpSocket,
    pub(crate) relayed: SocketAddr,
}

/// The relays of one allocation.
#[derive(Debug, Default)]
pub(crate) struct BoundRelays {
    pub(crate) v4: Option<Bound>,
    pub(crate) v6: Option<Bound>,
    /// The token of the port that is kept.
    pub(crate) token: Option<[u8; 8]>,
}

/// Opens relays.
#[derive(Debug)]
pub(crate) struct Relays {
    addresses: Vec<IpAddr>,
    /// Which of them are this machine's own, and not those of a NAT in front of it.
    local: Vec<IpAddr>,
    ports: RangeInclusive<u16>,
    kept: Mutex<HashMap<[u8; 8], (Bound, Instant)>>,
    quota: Mutex<Quota>,
    owners: Owners,
}

impl Relays {
    pub(crate) fn new(addresses: Vec<IpAddr>, ports: RangeInclusive<u16>, quota: Quota) -> Self {
        let local = addresses.iter().copied().filter(|ip| UdpSocket::bind((*ip, 0)).is_ok()).collect();
        let kept = Mutex::new(HashMap::new());
        Self { addresses, local, ports, kept, quota: Mutex::new(quota), owners: Owners::new() }
    }

    /// Families that relayed addresses can have.
    pub(crate) fn families(&self) -> Vec<Family> {
        [Family::V4, Family::V6]
            .into_iter()
            .filter(|family| self.addresses.iter().any(|ip| Family::of(ip) == *family))
            .collect()
    }

    /// Which worker has the relay with a relayed port.
    pub(crate) const fn owners(&self) -> &Owners {
        &self.owners
    }

    /// Opens what a request wants, for a client that talks to `server`, and counts it for `user`.
    pub(crate) fn open(
        &self,
        now: Instant,
        open: Open,
        server: IpAddr,
        user: &str,
    ) -> Result<BoundRelays, Refusal> {
        lock(&self.quota).take(user).map_err(|full| match full {
            Full::User => Refusal::Quota,
            Full::Total => Refusal::Capacity,
        })?;
        let bound = self.bind(now, open, server);
        if bound.is_none() {
            self.release(user);
        }
        bound.ok_or(Refusal::Capacity)
    }

    /// An allocation of this user has ended.
    pub(crate) fn release(&self, user: &str) {
        lock(&self.quota).give(user);
    }

    fn bind(&self, now: Instant, open: Open, server: IpAddr) -> Option<BoundRelays> {
        let mut relays = BoundRelays::default();
        if let Some(token) = open.token {
            let (bound, until) = lock(&self.kept).remove(&token)?;
            match Family::of(&bound.relayed.ip()) {
                _ if until <= now => return None,
                Family::V4 => relays.v4 = Some(bound),
                Family::V6 => relays.v6 = Some(bound),
            }
            return Some(relays);
        }
        let parity = open.even.map(|even| even.keep_next);
        let mut next = None;
        for (wanted, family) in [(open.v4, Family::V4), (open.v6, Family::V6)] {
            if !wanted {
                continue;
            }
            let found = self.address(family, server).and_then(|ip| self.bind_one(ip, parity));
            let Some((bound, follower)) = found else { if open.either { continue } else { return None } };
            next = next.or(follower);
            match family {
                Family::V4 => relays.v4 = Some(bound),
                Family::V6 => relays.v6 = Some(bound),
            }
        }
        if relays.v4.is_none() && relays.v6.is_none() {
            return None;
        }
        if let Some(follower) = next {
            relays.token = Some(self.keep(now, follower)?);
        }
        Some(relays)
    }

    /// The address of ours that the client talks to, if peers can reach it; else the best one.
    fn address(&self, family: Family, server: IpAddr) -> Option<IpAddr> {
        let mut fitting = self.addresses.iter().copied().filter(|ip| Family::of(ip) == family);
        if Family::of(&server) == family && self.addresses.contains(&server) {
            return Some(server);
        }
        fitting.next()
    }

    /// Binds a random port, as RFC 6056 §3.3 advises; an even one if asked for, and then maybe the next.
    fn bind_one(&self, ip: IpAddr, even: Option<bool>) -> Option<(Bound, Option<Bound>)> {
        let local = match ip {
            ip if self.local.contains(&ip) => ip,
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let bind = |port: u16| -> io::Result<Bound> {
            // Another address of ours may have the same port, but its owner is known by the port alone.
            if self.owners.of(SocketAddr::new(ip, port)).is_some() {
                return Err(io::ErrorKind::AddrInUse.into());
            }
            let socket = socket::bind(SocketAddr::new(local, port), false)?;
            Ok(Bound { socket, relayed: SocketAddr::new(ip, port) })
        };
        let mut random = rand::rng();
        for _ in 0..TRIES {
            let port = random.random_range(self.ports.clone());
            let Some(keep_next) = even else {
                match bind(port) {
                    Ok(bound) => return Some((bound, None)),
                    Err(_) => continue,
                }
            };
            let port = port & !1;
            if !self.ports.contains(&port) || keep_next && !self.ports.contains(&(port | 1)) {
                continue;
            }
            let Ok(bound) = bind(port) else { continue };
            match keep_next {
                false => return Some((bound, None)),
                true => match bind(port | 1) {
                    Ok(follower) => return Some((bound, Some(follower))),
                    Err(_) => continue,
                },
            }
        }
        None
    }

    fn keep(&self, now: Instant, bound: Bound) -> Option<[u8; 8]> {
        let mut kept = lock(&self.kept);
        kept.retain(|_, (_, until)| *until > now);
        if kept.len() >= MOST_KEPT {
            return None;
        }
        let token = rand::random();
        kept.insert(token, (bound, now + KEPT));
        Some(token)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that panicked left whole numbers and whole maps behind.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which worker has which relayed port: one number a port, for IPv4 and IPv6, read without a lock.
#[derive(Debug)]
pub(crate) struct Owners {
    ports: [Vec<AtomicU16>; 2],
}

impl Owners {
    fn new() -> Self {
        let ports = || (0..=u16::MAX).map(|_| AtomicU16::new(u16::MAX)).collect();
        Self { ports: [ports(), ports()] }
    }

    fn place(&self, relayed: SocketAddr) -> &AtomicU16 {
        &self.ports[usize::from(relayed.is_ipv6())][usize::from(relayed.port())]
    }

    /// This worker has it, or nobody.
    pub(crate) fn set(&self, relayed: SocketAddr, worker: Option<usize>) {
        let worker = worker.and_then(|worker| u16::try_from(worker).ok()).unwrap_or(u16::MAX);
        self.place(relayed).store(worker, Ordering::Release);
    }

    /// Who has it.
    pub(crate) fn of(&self, relayed: SocketAddr) -> Option<usize> {
        let worker = self.place(relayed).load(Ordering::Acquire);
        (worker != u16::MAX).then_some(usize::from(worker))
    }
}

#[cfg(test)]
mod tests {
    use sluice_turn_proto::Even;

    use super::*;

    const PLAIN: Open = Open { v4: true, v6: false, either: false, even: None, token: None };

    fn relays(ports: RangeInclusive<u16>) -> Relays {
        Relays::new(vec!["127.0.0.1".parse().unwrap()], ports, Quota::new(1, 2, 3))
    }

    fn open(relays: &Relays, now: Instant, open: Open, user: &str) -> Result<BoundRelays, Refusal> {
        relays.open(now, open, "127.0.0.1".parse().unwrap(), user)
    }

    #[test]
    fn a_port_is_even_where_that_is_asked_for_and_the_next_one_waits_for_its_token() {
        let (relays, now) = (relays(40_000..=48_000), Instant::now());
        let even = Open { even: Some(Even { keep_next: true }), ..PLAIN };
        let first = open(&relays, now, even, "a").unwrap();
        let port = first.v4.as_ref().unwrap().relayed.port();
        assert_eq!(port % 2, 0);
        let claim = Open { token: first.token, ..PLAIN };
        let second = open(&relays, now, claim, "b").unwrap();
        assert_eq!(second.v4.unwrap().relayed.port(), port + 1);
        assert_eq!(open(&relays, now, claim, "b").unwrap_err(), Refusal::Capacity, "claimed already");
        assert!(open(&relays, now, PLAIN, "b").is_ok(), "a refusal is not counted");
    }

    #[test]
    fn a_port_that_nobody_claims_is_not_kept_for_ever() {
        let (relays, now) = (relays(40_000..=48_000), Instant::now());
        let first = open(&relays, now, Open { even: Some(Even { keep_next: true }), ..PLAIN }, "a").unwrap();
        let claim = Open { token: first.token, ..PLAIN };
        assert_eq!(open(&relays, now + KEPT, claim, "b").unwrap_err(), Refusal::Capacity);
    }

    #[test]
    fn no_port_left_is_no_capacity_and_too_many_of_one_user_a_quota() {
        let taken = socket::bind("127.0.0.1:0".parse().unwrap(), false).unwrap();
        let port = taken.local_addr().unwrap().port();
        let now = Instant::now();
        assert_eq!(open(&relays(port..=port), now, PLAIN, "a").unwrap_err(), Refusal::Capacity);
        let relays = relays(40_000..=48_000);
        let kept: Vec<_> = (0..2).map(|_| open(&relays, now, PLAIN, "a").unwrap()).collect();
        assert_eq!(open(&relays, now, PLAIN, "a").unwrap_err(), Refusal::Quota);
        relays.release("a");
        assert!(open(&relays, now, PLAIN, "a").is_ok());
        drop(kept);
    }
}
