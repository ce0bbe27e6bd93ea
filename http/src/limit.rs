//! How often one caller may ask.

use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

/// After how many requests callers that have not come back are forgotten. Fewer would sweep the table for
/// nothing, more would let it grow by that many callers.
const SWEEP_EVERY: u32 = 4096;

/// Counts requests of each caller, known by `K`, and forgets those that stay away.
pub struct Counter<K: Hash + Eq + Clone> {
    callers: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>,
    clock: DefaultClock,
    counted: AtomicU32,
}

impl<K: Hash + Eq + Clone> Counter<K> {
    /// A counter of callers who all have this quota.
    pub fn new(quota: Quota) -> Self {
        let callers = RateLimiter::keyed(quota).with_middleware();
        Self { callers, clock: DefaultClock::default(), counted: AtomicU32::new(0) }
    }

    /// Counts a request and says how many more may come at once; an error is how long to wait.
    pub fn count(&self, who: &K) -> Result<u32, Duration> {
        if self.counted.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.callers.retain_recent();
        }
        match self.callers.check_key(who) {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(until) => Err(until.wait_time_from(self.clock.now())),
        }
    }
}

impl<K: Hash + Eq + Clone> fmt::Debug for Counter<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counter").field("counted", &self.counted).finish_non_exhaustive()
    }
}

/// By what a caller is counted: an IPv6 caller owns a whole /64 and could take a new address for every request.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn ipv6_callers_are_counted_by_their_network() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn who_asks_too_often_is_told_how_long_to_wait_and_others_are_not() {
        let counter = Counter::new(Quota::per_minute(NonZeroU32::new(2).unwrap()));
        assert_eq!([counter.count(&1), counter.count(&1)], [Ok(1), Ok(0)]);
        let wait = counter.count(&1).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(30), "{wait:?}");
        assert_eq!(counter.count(&2), Ok(1));
    }
}
