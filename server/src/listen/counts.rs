//! How many connections each address has open, and how fast it opens new ones.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use metrics::gauge;
use sluice_domain::{Bucket, Rate};

use crate::metrics::Metric;

/// As many seconds' worth of connections may come at once: a page with its neighbours behind one address.
const BURST_SECONDS: u32 = 10;

/// Addresses that are gone are looked for when there are this many. More is memory, fewer is work.
const SWEEP_FROM: usize = 1024;

/// What one address may do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    /// Open connections at once.
    pub(super) most: u32,
    /// New connections a second, in the long run; 0 is no limit.
    pub(super) per_second: u32,
}

/// Why a connection is closed unanswered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    TooMany,
    TooFast,
}

impl Refusal {
    /// Its label in the metrics.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::TooMany => "per_address",
            Self::TooFast => "too_fast",
        }
    }
}

/// Open connections by address.
#[derive(Default)]
pub(super) struct Counts(Mutex<Table>);

#[derive(Default)]
struct Table {
    callers: HashMap<IpAddr, Caller>,
    /// How many were left by the last sweep.
    swept: usize,
}

struct Caller {
    open: u32,
    /// New connections that it may still open at once.
    opens: Bucket,
}

impl Counts {
    /// Counts one more of this address, unless its share is used up.
    pub(super) fn enter(
        self: &Arc<Self>,
        address: IpAddr,
        share: Share,
        now: Instant,
    ) -> Result<Counted, Refusal> {
        let address = sluice_http::network(address);
        let mut table = self.lock();
        table.sweep(now);
        let fresh = || Caller { open: 0, opens: Bucket::full(now) };
        let caller = table.callers.entry(address).or_insert_with(fresh);
        if caller.open >= share.most {
            return Err(Refusal::TooMany);
        }
        let rate = Rate::per_second(share.per_second, share.per_second.saturating_mul(BURST_SECONDS));
        if share.per_second > 0 && caller.opens.take(rate, now).is_err() {
            return Err(Refusal::TooFast);
        }
        caller.open += 1;
        gauge!(Metric::HttpConnections.name()).increment(1.0);
        Ok(Counted { counts: Arc::clone(self), address })
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Forgets who is gone, now and then: as often as the table has doubled.
    fn sweep(&mut self, now: Instant) {
        if self.callers.len() < SWEEP_FROM.max(2 * self.swept) {
            return;
        }
        // One with a full bucket has nothing to be forgiven.
        self.callers.retain(|_, caller| caller.open > 0 || !caller.opens.is_full(now));
        self.swept = self.callers.len();
    }
}

/// One open connection; counted until it is dropped.
pub(super) struct Counted {
    counts: Arc<Counts>,
    address: IpAddr,
}

impl Drop for Counted {
    fn drop(&mut self) {
        gauge!(Metric::HttpConnections.name()).decrement(1.0);
        if let Some(caller) = self.counts.lock().callers.get_mut(&self.address) {
            caller.open = caller.open.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const FEW: Share = Share { most: 2, per_second: 0 };

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_its_share_and_gets_it_back() {
        let (counts, now) = (Arc::new(Counts::default()), Instant::now());
        let enter = |text| counts.enter(address(text), FEW, now);
        let first = enter("192.0.2.1").ok().unwrap();
        let _second = enter("192.0.2.1").ok().unwrap();
        assert_eq!(enter("192.0.2.1").err(), Some(Refusal::TooMany));
        assert!(enter("192.0.2.2").is_ok());
        drop(first);
        assert!(enter("192.0.2.1").is_ok());
    }

    // Requirements: R383
    #[test]
    fn who_opens_connections_too_fast_waits_and_others_do_not() {
        let counts = Arc::new(Counts::default());
        let share = Share { most: 100, per_second: 5 };
        let start = Instant::now();
        let enter = |text, seconds| counts.enter(address(text), share, start + Duration::from_secs(seconds));
        for _ in 0..50 {
            drop(enter("2001:db8::1", 0).ok().unwrap());
        }
        // The same network, another address in it.
        assert_eq!(enter("2001:db8::2", 0).err(), Some(Refusal::TooFast));
        assert!(enter("2001:db8:0:1::1", 0).is_ok());
        for _ in 0..5 {
            assert!(enter("2001:db8::3", 1).is_ok());
        }
        assert_eq!(enter("2001:db8::3", 1).err(), Some(Refusal::TooFast));
    }

    #[test]
    fn addresses_that_are_gone_are_forgotten_and_those_that_are_not_stay() {
        let counts = Arc::new(Counts::default());
        let share = Share { most: 100, per_second: 5 };
        let start = Instant::now();
        let stays = counts.enter(address("192.0.2.1"), share, start).ok().unwrap();
        for number in 0..10_000_u32 {
            let address = IpAddr::from((0x0a00_0000 + number).to_be_bytes());
            drop(counts.enter(address, share, start + Duration::from_secs(u64::from(number))).ok());
        }
        assert!(counts.lock().callers.len() <= SWEEP_FROM * 2, "{}", counts.lock().callers.len());
        assert_eq!(counts.lock().callers[&address("192.0.2.1")].open, 1);
        drop(stays);
    }
}
