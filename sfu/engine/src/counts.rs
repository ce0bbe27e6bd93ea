//! Many numbers, counted in buckets whose width grows with the number.

use std::time::Duration;

/// Buckets a doubling: 19 % apart.
const STEPS: usize = 4;

/// Doublings from one on: up to 67 million.
const DOUBLINGS: usize = 26;

/// Number of buckets.
pub const BUCKETS: usize = STEPS * DOUBLINGS;

/// Numbers seen so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts([u64; BUCKETS]);

impl Default for Counts {
    fn default() -> Self {
        Self([0; BUCKETS])
    }
}

impl Counts {
    /// Counts one number; zero counts as one.
    pub fn add(&mut self, number: u64) {
        let number = number.max(1);
        let doubling = number.ilog2() as usize;
        // The two bits below the highest one.
        let step = ((u128::from(number) << 2 >> doubling) & 3) as usize;
        self.0[(doubling * STEPS + step).min(BUCKETS - 1)] += 1;
    }

    /// Counts a span in microseconds.
    pub fn add_span(&mut self, span: Duration) {
        self.add(u64::try_from(span.as_micros()).unwrap_or(u64::MAX));
    }

    /// Counts of the buckets, smallest number first.
    pub const fn counts(&self) -> &[u64; BUCKETS] {
        &self.0
    }

    /// The number in the middle of a bucket.
    pub fn middle(bucket: usize) -> f64 {
        let (doubling, step) = (bucket / STEPS, bucket % STEPS);
        let lower = (1_u64 << doubling) as f64 * (1.0 + step as f64 / STEPS as f64);
        lower * (1.0 + 0.5 / STEPS as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_told_within_an_eighth() {
        for number in [1, 3, 17, 250, 999, 12_345, 1_000_000] {
            let mut counts = Counts::default();
            counts.add(number);
            let bucket = counts.counts().iter().position(|count| *count == 1).expect("it was counted");
            let told = Counts::middle(bucket);
            assert!((told / number as f64 - 1.0).abs() <= 0.130, "{number} is told as {told}");
        }
    }

    #[test]
    fn an_hour_and_nothing_are_counted_too() {
        let mut counts = Counts::default();
        counts.add_span(Duration::ZERO);
        counts.add_span(Duration::from_secs(3600));
        counts.add(u64::MAX);
        assert_eq!(counts.counts().iter().sum::<u64>(), 3);
    }
}
