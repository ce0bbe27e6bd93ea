//! How many answers a network prefix gets before anybody there has proven to be who they say: IPv4 by /24, IPv6
//! by /64. The table has a fixed size, so that a flood from everywhere costs no memory.

use std::net::IpAddr;
use std::time::Instant;

use ahash::RandomState;

/// Places of the table. Prefixes that fall onto one place share its budget; more places make that rarer.
const PLACES: usize = 4096;

/// A budget for each prefix.
#[derive(Debug)]
pub struct Limiter {
    start: Instant,
    seeds: RandomState,
    per_second: f32,
    burst: f32,
    places: Vec<Place>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    left: f32,
    /// Milliseconds since the start.
    at: u32,
}

impl Limiter {
    /// Lets a prefix have `per_second` in the long run and `burst` at once.
    pub fn new(start: Instant, seed: u64, per_second: u32, burst: u32) -> Self {
        let (per_second, burst) = (per_second as f32, burst.max(1) as f32);
        let seeds = RandomState::with_seeds(seed, 1, 2, 3);
        Self { start, seeds, per_second, burst, places: vec![Place { left: burst, at: 0 }; PLACES] }
    }

    /// Takes one out of the budget of this address's prefix; false where it is used up.
    pub fn take(&mut self, now: Instant, ip: IpAddr) -> bool {
        let index = usize::try_from(self.seeds.hash_one(prefix(ip))).unwrap_or(usize::MAX) % PLACES;
        let since = now.saturating_duration_since(self.start).as_millis();
        let at = u32::try_from(since & u128::from(u32::MAX)).unwrap_or(0);
        let place = &mut self.places[index];
        let passed = at.wrapping_sub(place.at) as f32 / 1000.0;
        place.left = (place.left + passed * self.per_second).min(self.burst);
        place.at = at;
        if place.left < 1.0 {
            return false;
        }
        place.left -= 1.0;
        true
    }
}

fn prefix(ip: IpAddr) -> u64 {
    match ip {
        IpAddr::V4(ip) => u64::from(u32::from(ip) >> 8),
        // Never the number of an IPv4 prefix: those have 24 bits.
        IpAddr::V6(ip) => u64::try_from(u128::from(ip) >> 64).unwrap_or(0) | 1 << 63,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a point to count from")]
    fn a_prefix_has_one_budget_and_gets_it_back_with_time() {
        let start = Instant::now();
        let mut limiter = Limiter::new(start, 1, 10, 20);
        let taken = |limiter: &mut Limiter, now, host: u8| {
            (0..100).filter(|_| limiter.take(now, IpAddr::from([192, 0, 2, host]))).count()
        };
        assert_eq!(taken(&mut limiter, start, 1), 20);
        assert_eq!(taken(&mut limiter, start, 200), 0, "of the same /24");
        assert_eq!(taken(&mut limiter, start + Duration::from_secs(1), 1), 10);
        assert_eq!(taken(&mut limiter, start + Duration::from_secs(9), 1), 20);
        assert!(limiter.take(start, "2001:db8::1".parse().unwrap()), "another prefix");
    }
}
