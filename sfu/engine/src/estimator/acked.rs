//! What arrives, in bits per second of the receiver's clock.

/// Width of a bucket in microseconds. Wider makes the window's end coarser, narrower shortens the window.
const BUCKET: i64 = 32_000;

/// Together half a second: shorter jumps with every key frame, longer notices a change late.
const BUCKETS: usize = 16;

/// Shorter spans say nothing.
const LEAST_SPAN: i64 = 100_000;

/// Bytes by time of arrival.
#[derive(Debug, Clone, Default)]
pub(super) struct Acked {
    bytes: [u32; BUCKETS],
    /// First and newest arrival of the window.
    window: Option<(i64, i64)>,
}

impl Acked {
    /// A packet has arrived.
    pub(super) fn add(&mut self, arrived: i64, bytes: u32) {
        let index = arrived.div_euclid(BUCKET);
        let Some((first, newest)) = self.window else { return self.begin(arrived) };
        let last = newest.div_euclid(BUCKET);
        if (index - last).abs() >= WINDOW_BUCKETS {
            // A pause, or a clock that jumped.
            return self.begin(arrived);
        }
        for passed in last + 1..=index {
            self.bytes[slot(passed)] = 0;
        }
        self.bytes[slot(index)] += bytes;
        let newest = newest.max(arrived);
        let start = (newest.div_euclid(BUCKET) - WINDOW_BUCKETS + 1) * BUCKET;
        self.window = Some((first.max(start), newest));
    }

    /// Forgets everything: what comes next does not follow what was added.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Bits per second; `None` while too little is known.
    pub(super) fn rate(&self) -> Option<f64> {
        let (first, newest) = self.window?;
        let span = newest - first;
        let bytes = self.bytes.iter().map(|&bytes| f64::from(bytes)).sum::<f64>();
        (span >= LEAST_SPAN).then(|| bytes * 8e6 / span as f64)
    }

    /// The first packet only says when the span begins.
    fn begin(&mut self, arrived: i64) {
        *self = Self { bytes: [0; BUCKETS], window: Some((arrived, arrived)) };
    }
}

const WINDOW_BUCKETS: i64 = BUCKETS as i64;

const fn slot(index: i64) -> usize {
    index.rem_euclid(WINDOW_BUCKETS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_stream_has_its_rate() {
        let mut acked = Acked::default();
        assert_eq!(acked.rate(), None);
        for at in 0..2_000 {
            acked.add(at * 1_000 - 700_000, 250);
        }
        let rate = acked.rate().unwrap();
        assert!((rate - 2e6).abs() < 5e4, "{rate}");
    }

    #[test]
    fn a_jump_of_the_clock_begins_anew() {
        let mut acked = Acked::default();
        (0..500).for_each(|at| acked.add(at * 1_000, 250));
        acked.add(-9_000_000, 250);
        assert_eq!(acked.rate(), None);
        (0..500).for_each(|at| acked.add(at * 1_000 - 9_000_000, 125));
        assert!((acked.rate().unwrap() - 1e6).abs() < 5e4);
    }
}
