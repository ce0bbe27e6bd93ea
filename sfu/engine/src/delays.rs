//! How long packets stay in the engine, counted in buckets.

use std::time::Duration;

/// Buckets a doubling: 19 % apart.
const STEPS: usize = 4;

/// Doublings from one microsecond on: up to about a minute.
const DOUBLINGS: usize = 26;

/// Number of buckets.
pub const BUCKETS: usize = STEPS * DOUBLINGS;

/// Delays seen so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delays([u64; BUCKETS]);

impl Default for Delays {
    fn default() -> Self {
        Self([0; BUCKETS])
    }
}

impl Delays {
    /// Counts one delay.
    pub fn add(&mut self, delay: Duration) {
        let micros = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX).max(1);
        let doubling = micros.ilog2() as usize;
        // The two bits below the highest one.
        let step = ((micros << 2 >> doubling) & 3) as usize;
        self.0[(doubling * STEPS + step).min(BUCKETS - 1)] += 1;
    }

    /// Counts of the buckets, smallest delay first.
    pub const fn counts(&self) -> &[u64; BUCKETS] {
        &self.0
    }

    /// The delay in the middle of a bucket.
    pub fn middle(bucket: usize) -> Duration {
        let (doubling, step) = (bucket / STEPS, bucket % STEPS);
        let lower = (1_u64 << doubling) as f64 * (1.0 + step as f64 / STEPS as f64);
        Duration::from_secs_f64(lower * (1.0 + 0.5 / STEPS as f64) / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_told_within_an_eighth() {
        for micros in [1, 3, 17, 250, 999, 12_345, 1_000_000] {
            let mut delays = Delays::default();
            delays.add(Duration::from_micros(micros));
            let bucket = delays.counts().iter().position(|count| *count == 1).expect("it was counted");
            let told = Delays::middle(bucket).as_secs_f64() * 1e6;
            assert!((told / micros as f64 - 1.0).abs() <= 0.130, "{micros} us is told as {told}");
        }
    }

    #[test]
    fn an_hour_and_nothing_are_counted_too() {
        let mut delays = Delays::default();
        delays.add(Duration::ZERO);
        delays.add(Duration::from_secs(3600));
        assert_eq!(delays.counts().iter().sum::<u64>(), 2);
    }
}
