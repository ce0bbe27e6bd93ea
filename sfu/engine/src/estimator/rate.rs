//! The estimate: down to what arrives at once, up with care (draft-ietf-rmcat-gcc-02 §5.5).

use super::capacity::Capacity;
use super::overuse::Usage;

/// What is left of what arrived when the line is used too much. Less drains queues faster, more keeps
/// more of the picture.
const BACK_OFF: f64 = 0.85;

/// Growth in a second far from what the line carries.
const GROWTH: f64 = 1.08;

/// The estimate climbs to at most this multiple of what arrives, and [`BEYOND`]. More trusts a line
/// with what nobody has tried.
const DEMONSTRATED: f64 = 1.5;

/// See [`DEMONSTRATED`]; in bits per second.
const BEYOND: f64 = 10_000.0;

/// Near what the line carries it climbs by a packet of so many bits in a response time.
const STEP: f64 = 9_600.0;

/// A response takes the round trip and so many microseconds.
const RESPONSE: i64 = 100_000;

/// Longer without feedback is not time to climb in; microseconds.
const MOST_PASSED: i64 = 300_000;

/// Bounds of the estimate in bits per second.
const LEAST: f64 = 50_000.0;
const MOST: f64 = 500_000_000.0;

/// The estimate and how it moves.
#[derive(Debug, Clone)]
pub(super) struct Rate {
    bits: f64,
    capacity: Capacity,
    updated: i64,
    fell: Option<i64>,
    rtt: i64,
}

impl Rate {
    pub(super) fn new(initial: u64, now: i64) -> Self {
        let bits = (initial as f64).clamp(LEAST, MOST);
        Self { bits, capacity: Capacity::default(), updated: now, fell: None, rtt: 100_000 }
    }

    /// Bits per second.
    pub(super) const fn bits(&self) -> f64 {
        self.bits
    }

    /// When it last fell.
    pub(super) const fn fell(&self) -> Option<i64> {
        self.fell
    }

    /// Sets the round trip in microseconds.
    pub(super) fn set_rtt(&mut self, rtt: i64) {
        self.rtt = rtt.clamp(1_000, 3_000_000);
    }

    /// The word of the detector after a feedback message. `held` keeps it from climbing.
    pub(super) fn update(&mut self, now: i64, usage: Usage, acked: Option<f64>, held: bool) {
        let passed = (now - self.updated).clamp(0, MOST_PASSED);
        self.updated = now;
        let Some(acked) = acked else { return };
        match usage {
            Usage::Over => self.fall(now, acked),
            Usage::Normal if !held => self.climb(passed, acked),
            Usage::Normal | Usage::Under => {}
        }
    }

    /// The line is full and carries this much.
    pub(super) fn fall(&mut self, now: i64, carried: f64) {
        if self.capacity.refuted_by(carried) {
            self.capacity.clear();
        }
        self.capacity.add(carried);
        self.limit(now, carried * BACK_OFF);
    }

    /// Down to this, if it is higher.
    pub(super) fn limit(&mut self, now: i64, bits: f64) {
        let bits = bits.max(LEAST);
        if bits < self.bits {
            (self.bits, self.fell) = (bits, Some(now));
        }
    }

    /// A probe has shown that the line carries this much.
    pub(super) fn shown(&mut self, bits: f64) {
        if bits > self.bits {
            self.bits = bits.min(MOST);
            if self.capacity.exceeded_by(bits) {
                self.capacity.clear();
            }
        }
    }

    fn climb(&mut self, passed: i64, acked: f64) {
        if self.capacity.exceeded_by(acked) {
            self.capacity.clear();
        }
        let passed = passed as f64 / 1e6;
        let step = if self.capacity.near(self.bits) {
            passed * STEP / ((self.rtt + RESPONSE) as f64 / 1e6)
        } else {
            self.bits * (GROWTH.powf(passed) - 1.0)
        };
        let most = (acked * DEMONSTRATED + BEYOND).max(self.bits);
        self.bits = (self.bits + step).min(most).min(MOST);
    }
}
