//! Datagrams that the kernel gave to a worker and that belong to a peer of another.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use sluice_domain::{Bucket, Rate};
use sluice_sfu_engine::shard::packets::{self, Kind};
use sluice_sfu_engine::{Path, stun};

use crate::names::Names;

/// Most addresses of other workers' peers that are remembered; the oldest knowledge is thrown away
/// all at once, which costs those peers one STUN check.
const STRAYS: usize = 100_000;

/// RTCP from an address that nobody knows is shown to the other workers: it may be of a viewer whose address
/// changed, and the kernel chooses the worker by the address. More finds more of those that move at once, less
/// is cheaper when strangers send such.
const ASKED: Rate = Rate::per_second(100, 100);

/// What a worker knows of peers of the others.
#[derive(Debug)]
pub(crate) struct Strays {
    index: usize,
    workers: usize,
    names: Arc<Names>,
    /// Owners of addresses whose STUN was handed over; their other datagrams follow.
    owners: HashMap<SocketAddr, usize>,
    asked: Bucket,
}

impl Strays {
    /// Of this worker, one of so many.
    pub(crate) fn new(index: usize, workers: usize, names: Arc<Names>, now: Instant) -> Self {
        Self { index, workers, names, owners: HashMap::new(), asked: Bucket::full(now) }
    }

    /// The other worker that owns the peer behind a datagram, from where no peer of this one is known to be. A
    /// name that was not made here is handed to nobody, and leaves nothing behind.
    pub(crate) fn owner(&mut self, path: Path, bytes: &[u8]) -> Option<usize> {
        let from = path.theirs;
        if packets::kind(bytes) != Some(Kind::Stun) {
            return self.owners.get(&from).copied();
        }
        let owner = self.named(bytes)?;
        if owner == self.index {
            self.owners.remove(&from);
            return None;
        }
        if self.owners.len() >= STRAYS {
            self.owners.clear();
        }
        self.owners.insert(from, owner);
        Some(owner)
    }

    /// The worker that a STUN check names.
    pub(crate) fn named(&self, bytes: &[u8]) -> Option<usize> {
        let named = packets::kind(bytes) == Some(Kind::Stun);
        let ufrag = stun::local_ufrag(bytes).filter(|_| named)?;
        self.names.worker(ufrag).filter(|owner| *owner < self.workers)
    }

    /// Whether to show the others a datagram that is of nobody here.
    pub(crate) fn may_ask(&mut self, bytes: &[u8], now: Instant) -> bool {
        self.workers > 1
            && packets::kind(bytes) == Some(Kind::Rtp)
            && packets::is_rtcp(bytes)
            && self.asked.take(ASKED, now).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A binding request with this user name and nothing else.
    fn request(ufrag: &str) -> Vec<u8> {
        let name = format!("{ufrag}:peer");
        let padded = name.len().next_multiple_of(4);
        let mut bytes = vec![0, 1, 0, u8::try_from(padded + 4).unwrap(), 0x21, 0x12, 0xa4, 0x42];
        bytes.extend_from_slice(&[7; 12]);
        bytes.extend_from_slice(&[0, 6, 0, u8::try_from(name.len()).unwrap()]);
        bytes.extend_from_slice(name.as_bytes());
        bytes.resize(24 + padded, 0);
        bytes
    }

    fn path(port: u16) -> Path {
        Path::udp(([127, 0, 0, 1], 8189).into(), ([127, 0, 0, 1], port).into())
    }

    #[test]
    fn checks_with_invented_names_are_handed_to_nobody_and_remembered_nowhere() {
        let now = Instant::now();
        let names = Arc::new(Names::default());
        let mut strays = Strays::new(0, 2, Arc::clone(&names), now);
        for port in 1..2000 {
            assert_eq!(strays.owner(path(port), &request(&format!("Binvented{port:04}"))), None);
        }
        assert!(strays.owners.is_empty());
        let (mine, other) = (names.make(0).ufrag, names.make(1).ufrag);
        assert_eq!(strays.owner(path(5), &request(&mine)), None);
        assert_eq!(strays.owner(path(5), &request(&other)), Some(1));
        assert_eq!(strays.owner(path(5), &[22; 40]), Some(1), "what follows goes there, too");
        assert_eq!(strays.owner(path(6), &[22; 40]), None);
        assert_eq!(strays.owner(path(5), &request(&mine)), None);
        assert!(strays.owners.is_empty());
    }

    #[test]
    fn other_workers_are_asked_about_rtcp_only_and_not_without_bound() {
        let now = Instant::now();
        let mut strays = Strays::new(0, 2, Arc::default(), now);
        let (rtcp, rtp) = ([&[0x81, 201][..], &[0; 40]].concat(), [&[0x80, 96][..], &[0; 40]].concat());
        assert!(!strays.may_ask(&rtp, now) && !strays.may_ask(&request("a"), now));
        let asked = (0..1000).filter(|_| strays.may_ask(&rtcp, now)).count();
        assert_eq!(asked, 100, "the burst, and no more");
        assert!(!Strays::new(0, 1, Arc::default(), now).may_ask(&rtcp, now), "there is nobody else");
    }
}
