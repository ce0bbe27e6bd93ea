//! Padding that keeps the line at a rate, to find out whether a better layer fits.

/// Microseconds between two lots of padding. Shorter costs timers, longer makes bursts.
const PAUSE: i64 = 10_000;

/// Microseconds after which is looked again at a line that is full, or may not be filled.
const REST: i64 = 50_000;

/// Smallest lot in bytes.
const LEAST: f64 = 600.0;

/// What was sent too much counts for so many microseconds of the rate, what was sent too little for
/// so many. A burst of media is followed by a pause of padding, and not the other way round.
const CREDIT: f64 = 300_000.0;
const DEBT: f64 = 30_000.0;

/// The balance of what is sent and what is to be sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Fill {
    /// Bytes that are missing; negative when more was sent.
    missing: f64,
    updated: Option<i64>,
    due: i64,
}

impl Fill {
    /// When [`Self::poll`] has something to do.
    pub(super) const fn due(&self) -> i64 {
        self.due
    }

    /// Something was sent.
    pub(super) fn sent(&mut self, bytes: u32) {
        self.missing -= f64::from(bytes);
    }

    /// Bytes to send now, to keep up this many bits per second.
    pub(super) fn poll(&mut self, now: i64, rate: f64) -> Option<u32> {
        if now < self.due {
            return None;
        }
        let passed = self.updated.replace(now).map_or(0, |updated| now - updated);
        let bytes = |micros: f64| rate * micros / 8e6;
        let missing = self.missing + bytes(passed.max(0) as f64);
        self.missing = missing.clamp(-bytes(CREDIT), bytes(DEBT).max(LEAST));
        let enough = (LEAST - self.missing) * 8e6 / rate.max(1.0);
        self.due = now + (enough as i64).clamp(PAUSE, REST);
        (self.missing >= LEAST).then_some(self.missing as u32)
    }

    /// There is nothing to fill: what was sent until it is filled again does not count.
    pub(super) const fn rest(&mut self, now: i64) {
        *self = Self { missing: 0.0, updated: None, due: now + REST };
    }
}
