//! How often something may happen: a token bucket, kept as the moment at which it is full again (the generic cell
//! rate algorithm of ITU-T I.371). Whole numbers only, so that a slow rate loses nothing however often it is asked.

use std::time::{Duration, Instant};

/// How many at once, and how many in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How long one takes to come back.
    every: Duration,
    /// Most that gather.
    burst: u32,
}

impl Rate {
    /// So many a second, and so many at once. Of a rate of 0 none comes back within an hour.
    pub const fn per_second(rate: u32, burst: u32) -> Self {
        let every = match 1_000_000_000_u64.checked_div(rate as u64) {
            Some(nanos) => Duration::from_nanos(nanos),
            None => Duration::from_secs(3600),
        };
        Self { every, burst }
    }

    /// One after each such time, and so many at once.
    pub const fn one_each(every: Duration, burst: u32) -> Self {
        Self { every, burst }
    }
}

/// What is left of a [`Rate`].
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    full_at: Instant,
}

impl Bucket {
    /// A full one.
    pub const fn full(now: Instant) -> Self {
        Self { full_at: now }
    }

    /// Takes one; where there is none, how long until there is.
    pub fn take(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        let Some(room) = rate.burst.checked_sub(1) else { return Err(rate.every) };
        let missing = self.full_at.saturating_duration_since(now);
        match missing.checked_sub(rate.every.saturating_mul(room)) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                self.full_at = self.full_at.max(now) + rate.every;
                Ok(())
            }
        }
    }

    /// Whether nothing is missing: to forget such a bucket forgives nothing.
    pub fn is_full(&self, now: Instant) -> bool {
        self.full_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "an Instant cannot be made without the clock")]
    fn start() -> Instant {
        Instant::now()
    }

    /// How many can be taken at this time.
    fn given(bucket: &mut Bucket, rate: Rate, now: Instant) -> usize {
        (0..1000).filter(|_| bucket.take(rate, now).is_ok()).count()
    }

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_rate() {
        let (rate, start) = (Rate::per_second(50, 5), start());
        let mut bucket = Bucket::full(start);
        let mut at = |ms| given(&mut bucket, rate, start + Duration::from_millis(ms));
        assert_eq!((at(0), at(19), at(20), at(60)), (5, 0, 1, 2));
        assert_eq!(at(100_000), 5, "no more than the burst gathers");
    }

    #[test]
    fn who_asks_all_the_time_gets_the_rate_too() {
        let (rate, start) = (Rate::per_second(100, 1), start());
        let mut bucket = Bucket::full(start);
        let asked = (0..10_000_u64).map(|step| start + Duration::from_micros(300 * step));
        assert_eq!(asked.filter(|now| bucket.take(rate, *now).is_ok()).count(), 295, "3 s, every 10.2 ms");
    }

    #[test]
    fn the_wait_is_until_there_is_one() {
        let (rate, start) = (Rate::one_each(Duration::from_millis(500), 10), start());
        let mut bucket = Bucket::full(start);
        assert!(bucket.is_full(start));
        assert_eq!(given(&mut bucket, rate, start), 10);
        let wait = bucket.take(rate, start).unwrap_err();
        assert_eq!(wait, Duration::from_millis(500));
        assert!(bucket.take(rate, start + wait).is_ok());
        assert!(!bucket.is_full(start + Duration::from_millis(5499)));
        assert!(bucket.is_full(start + Duration::from_millis(5500)));
    }

    #[test]
    fn a_rate_of_nothing_gives_its_burst_alone() {
        let start = start();
        let mut bucket = Bucket::full(start);
        assert_eq!(given(&mut bucket, Rate::per_second(0, 3), start), 3);
        assert_eq!(given(&mut bucket, Rate::per_second(0, 3), start + Duration::from_secs(60)), 0);
        assert!(Bucket::full(start).take(Rate::per_second(5, 0), start).is_err());
    }
}
