//! How long packets wait on the way, beyond what our own bursts explain.
//!
//! A key frame leaves in one burst, and a whole batch has one send time. Its last packet waits for all
//! before it on any line, which says nothing about congestion. So a model line of the rate that the
//! estimator believes in takes the same packets, and only what exceeds its delay counts:
//!
//! ```text
//! excess = transit - least transit - wait on the model line        (not below zero)
//! ```
//!
//! A line that carries what we believe gives zero, with or without bursts; a line that carries less
//! gives an excess that grows.

/// Span of one of two windows for the least transit, in microseconds. Longer takes a new route with a
/// longer way for a queue for longer and trusts clocks that drift, shorter takes a queue for the way.
const WINDOW: i64 = 6_000_000;

/// A transit that changes by more than this from packet to packet is a clock that jumped.
const JUMP: i64 = 500_000;

/// The wait on the model line explains at most this many microseconds. More hides true queues of a
/// sender that exceeds the estimate.
const MOST_EXPLAINED: f64 = 400_000.0;

/// The model line carries at least this multiple of what is sent on average, so that it drains.
const HEADROOM: f64 = 1.25;

/// Time constant of that average, in microseconds.
const AVERAGE: f64 = 500_000.0;

/// The model line and the least transit.
#[derive(Debug, Clone, Default)]
pub(super) struct Backlog {
    /// Send time of the newest packet and the wait on the model line after it, in microseconds.
    sent: Option<i64>,
    wait: f64,
    micros_per_byte: f64,
    /// Bytes per microsecond sent on average.
    average: f64,
    transit: Option<i64>,
    least: i64,
    least_before: i64,
    window_began: i64,
}

impl Backlog {
    /// Sets what the model line carries, in bits per second.
    pub(super) fn set_rate(&mut self, estimate: f64) {
        let bytes_per_micro = (estimate / 8e6).max(self.average * HEADROOM);
        self.micros_per_byte = 1.0 / bytes_per_micro.max(1e-6);
    }

    /// A packet was sent, whether it arrived or not. Returns its wait on the model line.
    pub(super) fn sent(&mut self, at: i64, bytes: u32) -> f64 {
        let passed = self.sent.map_or(0, |sent| (at - sent).max(0));
        if passed > 0 {
            self.average *= 1.0 - (passed as f64 / AVERAGE).min(1.0);
            self.wait = (self.wait - passed as f64).max(0.0);
        }
        self.sent = Some(self.sent.map_or(at, |sent| sent.max(at)));
        self.average += f64::from(bytes) / AVERAGE;
        let wait = self.wait;
        self.wait = (wait + f64::from(bytes) * self.micros_per_byte).min(MOST_EXPLAINED);
        wait
    }

    /// A packet that waited so long on the model line has arrived: its excess in microseconds. `None`
    /// when a clock jumped and nothing before can be compared.
    pub(super) fn arrived(&mut self, sent: i64, received: i64, wait: f64) -> Option<f64> {
        let transit = received.saturating_sub(sent);
        let jumped =
            self.transit.is_some_and(|before| transit.saturating_sub(before).saturating_abs() > JUMP);
        if self.transit.is_none() || jumped {
            (self.least, self.least_before, self.window_began) = (transit, transit, sent);
        } else if sent - self.window_began > WINDOW {
            (self.least_before, self.least, self.window_began) = (self.least, transit, sent);
        }
        self.transit = Some(transit);
        self.least = self.least.min(transit);
        let queue = transit - self.least.min(self.least_before);
        (!jumped).then_some((queue as f64 - wait).max(0.0))
    }

    /// Forgets the least transit and the model line: a long time has passed.
    pub(super) fn clear(&mut self) {
        *self = Self { micros_per_byte: self.micros_per_byte, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends 10 bursts of 20 packets over a line of so many microseconds per packet.
    fn run(believed: f64, micros_per_packet: i64) -> f64 {
        let mut backlog = Backlog::default();
        let (mut free, mut most) = (0, 0.0_f64);
        for burst in 0..10 {
            for _ in 0..20 {
                backlog.set_rate(believed);
                let sent = burst * 100_000;
                let wait = backlog.sent(sent, 1_250);
                free = free.max(sent) + micros_per_packet;
                let excess = backlog.arrived(sent, free + 5_000_000, wait).expect("no jump");
                most = most.max(excess);
            }
        }
        most
    }

    #[test]
    fn bursts_explain_their_own_queue() {
        // 1,250 bytes in 2 ms are 5 Mbit/s.
        assert!(run(5e6, 2_000) < 1_000.0);
        assert!(run(4e6, 2_000) < 1_000.0);
        assert!(run(5e6, 8_000) > 200_000.0, "a line of 1.25 Mbit/s");
    }

    #[test]
    fn a_jump_of_the_clock_is_no_queue() {
        let mut backlog = Backlog::default();
        backlog.set_rate(1e6);
        assert_eq!(backlog.arrived(0, 50_000, 0.0), Some(0.0));
        assert_eq!(backlog.arrived(10_000, 3_600_000_000, 0.0), None);
        assert_eq!(backlog.arrived(20_000, 3_600_010_000, 0.0), Some(0.0));
    }
}
