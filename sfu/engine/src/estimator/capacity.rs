//! What the line carried whenever it was full: near that, the rate climbs in small steps
//! (draft-ietf-rmcat-gcc-02 §5.5).

/// Share of a new sample in the mean.
const SHARE: f64 = 0.05;

/// The mean and its spread, in kbit/s; the spread is normalised by the mean.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Capacity {
    mean: Option<f64>,
    spread: f64,
}

/// Bounds of the normalised spread: about 20 to 80 kbit/s of deviation at 1 Mbit/s.
const SPREADS: (f64, f64) = (0.4, 6.0);

impl Capacity {
    /// The line was full at this rate in bits per second.
    pub(super) fn add(&mut self, rate: f64) {
        let sample = rate / 1e3;
        let mean = self.mean.map_or(sample, |mean| mean + SHARE * (sample - mean));
        let error = (mean - sample).powi(2) / mean.max(1.0);
        let spread = if self.mean.is_some() { self.spread } else { SPREADS.0 };
        self.spread = (spread + SHARE * (error - spread)).clamp(SPREADS.0, SPREADS.1);
        self.mean = Some(mean);
    }

    /// Whether a rate is close to what the line carries.
    pub(super) fn near(&self, rate: f64) -> bool {
        self.bounds().is_some_and(|(lower, _)| rate >= lower)
    }

    /// Whether a rate is so far from it that it must have changed.
    pub(super) fn refuted_by(&self, rate: f64) -> bool {
        self.bounds().is_some_and(|(lower, upper)| rate < lower || rate > upper)
    }

    /// Whether more than it arrives.
    pub(super) fn exceeded_by(&self, rate: f64) -> bool {
        self.bounds().is_some_and(|(_, upper)| rate > upper)
    }

    /// Three deviations to either side, in bits per second.
    fn bounds(&self) -> Option<(f64, f64)> {
        let mean = self.mean?;
        let deviation = 3.0 * (self.spread * mean).sqrt();
        Some(((mean - deviation).max(0.0) * 1e3, (mean + deviation) * 1e3))
    }

    /// Forgets it.
    pub(super) const fn clear(&mut self) {
        self.mean = None;
    }
}
