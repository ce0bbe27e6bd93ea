//! How much may be done for strangers: a bucket of tokens for each network that they come from.
//!
//! What is spent on a datagram of a stranger before its signature is checked must not grow with how many there
//! are. Nothing here allocates once it is made.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::time::Instant;

use sluice_domain::{Bucket, Rate};

/// How many networks are told apart. Two that fall into the same slot share its tokens; which do so cannot
/// be known from outside.
const SLOTS: usize = 4096;

/// A bucket for each network.
#[derive(Debug)]
pub struct Budgets {
    rate: Rate,
    slots: Box<[Bucket]>,
    hasher: RandomState,
}

impl Budgets {
    /// All full.
    pub fn new(rate: Rate, now: Instant) -> Self {
        Self { rate, slots: vec![Bucket::full(now); SLOTS].into_boxed_slice(), hasher: RandomState::new() }
    }

    /// Takes a token of the network that this address is in, if there is one.
    pub fn spend(&mut self, ip: IpAddr, now: Instant) -> bool {
        let slot = (self.hasher.hash_one(network(ip)) % SLOTS as u64) as usize;
        self.slots[slot].take(self.rate, now).is_ok()
    }
}

/// Who has one address has its neighbours, too: 256 of IPv4, and of IPv6 what a site is given (RFC 6177).
fn network(ip: IpAddr) -> u64 {
    match ip.to_canonical() {
        IpAddr::V4(ip) => u64::from(u32::from(ip) >> 8),
        IpAddr::V6(ip) => 1 << 63 | (u128::from(ip) >> 80) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::start;

    #[test]
    fn a_network_that_asks_too_much_takes_nothing_from_the_others() {
        let (rate, now) = (Rate::per_second(1, 10), start());
        let mut budgets = Budgets::new(rate, now);
        let mut flood = |host: u8| budgets.spend(IpAddr::from([198, 51, 100, host]), now);
        assert_eq!(
            (0..=255).filter(|host| flood(*host)).count(),
            10,
            "a network is one, however many it has"
        );
        let mapped = "::ffff:198.51.100.9".parse().unwrap();
        assert!(!budgets.spend(mapped, now), "written as IPv6 it is the same");
        // Of so few hardly two share a slot.
        let others = (0..50_u8).filter(|net| budgets.spend(IpAddr::from([203, 0, *net, 1]), now)).count();
        assert!(others > 45, "{others}");
        let six = |site: u16| IpAddr::from([0x2001, 0xdb8, site, 0, 0, 0, 0, 1]);
        let others = (0..50).filter(|site| budgets.spend(six(*site), now)).count();
        assert!(others > 45, "{others}");
    }
}
