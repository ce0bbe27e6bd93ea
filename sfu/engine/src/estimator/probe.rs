//! Short bursts of padding that find out whether a line carries more, without waiting for the estimate
//! to climb there. A probe has shown the lower of the rates at which it was sent and arrived.

use super::PacketResult;

/// A probe lasts at least so many microseconds, plus [`JITTERS`] times the jitter, at most [`LONGEST`].
/// Shorter measures the noise of the radio, longer fills the queues of a narrow line.
const SHORTEST: f64 = 25_000.0;
const LONGEST: f64 = 60_000.0;
const JITTERS: f64 = 3.0;

/// It has at least so many bytes.
const LEAST_BYTES: f64 = 6_000.0;

/// It is sent in lots of at least so many bytes, at least so many microseconds apart.
const LOT: f64 = 1_200.0;
const LOT_PAUSE: f64 = 2_000.0;

/// A probe tries this multiple of the estimate.
const STEP: f64 = 2.0;

/// And not more than this multiple of what is wanted.
const BEYOND_WANTED: f64 = 1.1;

/// It was carried when so much of the rate at which it was sent arrived.
const CARRIED: f64 = 0.88;

/// What of the rate that arrived is believed, when it was not carried.
const SATURATED: f64 = 0.92;

/// Feedback must have come for this share of it, and this share must have arrived.
const REPORTED: f64 = 0.9;
const ARRIVED: f64 = 0.6;

/// What was not carried still leads on if it has shown this share of what it tried, which is more than
/// the estimate was.
const PROGRESS: f64 = 0.65;

/// Microseconds between probes: after one that leads on, after one that does not, and as long as
/// that does not change. A line that is wide again is found out within the last one.
const PAUSE_ONWARD: i64 = 40_000;
const PAUSE_FIRST: i64 = 1_000_000;
const PAUSE_MOST: i64 = 1_600_000;

/// Feedback about a probe that does not come within so many microseconds never comes.
const PATIENCE: i64 = 800_000;

/// Microseconds after which is looked again whether a probe makes sense.
const RETRY: i64 = 50_000;

/// What is left to be sent of a probe and what is known of its arrival.
#[derive(Debug, Clone, Default)]
pub(super) struct Probe {
    cluster: u8,
    stage: Stage,
    rate: f64,
    /// Bytes that it is to have, and that were sent since it began, media included.
    bytes: f64,
    sent: f64,
    /// Padding asked for, and reported on.
    asked: f64,
    reported: f64,
    began: i64,
    /// When it may begin, or its next lot is due, or it is given up.
    due: i64,
    pause: i64,
    arrival: Arrival,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Waiting,
    Sending,
    Sent,
}

/// Bytes between the first and last packet of a probe, and when they were sent and arrived.
#[derive(Debug, Clone, Copy, Default)]
struct Arrival {
    any: bool,
    sent: (i64, i64),
    received: (i64, i64),
    bytes: f64,
    first_bytes: f64,
    last_bytes: f64,
    /// Media since the last packet of the probe: counts if another follows.
    media: f64,
    probe_bytes: f64,
}

/// What a probe has shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shown {
    /// Bits per second.
    pub(super) rate: f64,
    /// Whether the line might carry more.
    pub(super) carried: bool,
}

impl Probe {
    /// When [`Self::poll`] has something to do.
    pub(super) const fn due(&self) -> i64 {
        self.due
    }

    /// Whether one is on its way.
    pub(super) fn active(&self) -> bool {
        self.stage != Stage::Waiting
    }

    /// The rate to try for an estimate and a wanted rate, if that makes sense; bits per second.
    pub(super) fn target(estimate: f64, wanted: f64) -> Option<f64> {
        let most = wanted * BEYOND_WANTED;
        (estimate < wanted).then(|| (estimate * STEP).min(most))
    }

    /// Something was sent.
    pub(super) fn sent(&mut self, bytes: u32) {
        if self.stage == Stage::Sending {
            self.sent += f64::from(bytes);
        }
    }

    /// What is to be sent now, for a line of this jitter in microseconds.
    pub(super) fn poll(&mut self, now: i64, target: Option<f64>, jitter: f64) -> Option<(u32, u8)> {
        if now < self.due {
            return None;
        }
        match self.stage {
            Stage::Waiting => {
                let Some(target) = target else {
                    self.due = now + RETRY;
                    return None;
                };
                self.begin(now, target, jitter);
                self.lot(now)
            }
            Stage::Sending => self.lot(now),
            Stage::Sent => {
                self.end(now, false);
                None
            }
        }
    }

    fn begin(&mut self, now: i64, rate: f64, jitter: f64) {
        let lasts = (SHORTEST + JITTERS * jitter).min(LONGEST);
        *self = Self {
            cluster: self.cluster.checked_add(1).unwrap_or(1),
            stage: Stage::Sending,
            rate,
            bytes: (rate * lasts / 8e6).max(LEAST_BYTES),
            began: now,
            pause: self.pause,
            ..Self::default()
        };
    }

    /// The next lot: what is missing at this time, and never nothing, because the first and last packets
    /// of the probe are what is measured.
    fn lot(&mut self, now: i64) -> Option<(u32, u8)> {
        let pause = (LOT * 8e6 / self.rate).max(LOT_PAUSE);
        let until = (now - self.began) as f64 + pause;
        let missing = (self.rate * until / 8e6).min(self.bytes) - self.sent;
        let lot = missing.max(LOT / 2.0);
        self.asked += lot;
        // Without the caller's word the probe would never end.
        let over = self.sent + lot >= self.bytes || until >= 3.0 * LONGEST.max(self.bytes * 8e6 / self.rate);
        self.stage = if over { Stage::Sent } else { Stage::Sending };
        self.due = now + if over { PATIENCE } else { pause as i64 };
        Some((lot as u32, self.cluster))
    }

    /// A result, in sequence order.
    pub(super) fn result(&mut self, result: &PacketResult) {
        if self.stage == Stage::Waiting {
            return;
        }
        let bytes = f64::from(result.bytes);
        let ours = result.probe == self.cluster;
        if ours {
            self.reported += bytes;
        }
        let Some(received) = result.received else { return };
        let arrival = &mut self.arrival;
        if !ours {
            arrival.media += if arrival.any { bytes } else { 0.0 };
            return;
        }
        if !arrival.any {
            *arrival = Arrival {
                any: true,
                sent: (result.sent, result.sent),
                received: (received, received),
                first_bytes: bytes,
                ..Arrival::default()
            };
        }
        if result.sent > arrival.sent.1 {
            arrival.sent.1 = result.sent;
            arrival.last_bytes = 0.0;
        }
        arrival.received = (arrival.received.0.min(received), arrival.received.1.max(received));
        arrival.last_bytes += bytes;
        arrival.probe_bytes += bytes;
        arrival.bytes += bytes + std::mem::take(&mut arrival.media);
    }

    /// What the probe has shown, once, when enough of it was reported.
    pub(super) fn shown(&mut self, now: i64) -> Option<Shown> {
        if self.stage != Stage::Sent || self.reported < REPORTED * self.asked {
            return None;
        }
        let arrival = self.arrival;
        let shown = arrival.rates(self.rate).filter(|_| arrival.probe_bytes >= ARRIVED * self.asked).map(
            |(sent, received)| {
                let carried = received >= CARRIED * sent;
                let rate = if carried { sent.min(received) } else { received * SATURATED };
                Shown { rate, carried }
            },
        );
        self.end(now, shown.is_some_and(|shown| shown.carried || shown.rate >= PROGRESS * self.rate));
        shown
    }

    fn end(&mut self, now: i64, onward: bool) {
        self.stage = Stage::Waiting;
        self.pause = if onward { 0 } else { (self.pause * 3 / 2).clamp(PAUSE_FIRST, PAUSE_MOST) };
        self.due = now + if onward { PAUSE_ONWARD } else { self.pause };
    }

    /// None before this time: the line was just found to be full.
    pub(super) fn wait_until(&mut self, at: i64) {
        if self.stage == Stage::Sending {
            // What is out already measures a line that is full; more would only fill it.
            self.stage = Stage::Waiting;
        }
        if self.stage == Stage::Waiting {
            self.due = self.due.max(at);
        }
        self.pause = 0;
    }
}

impl Arrival {
    /// The rates at which it was sent and arrived, in bits per second. What was sent in one batch has
    /// no rate of its own, and counts as sent at the rate that was wanted.
    fn rates(&self, wanted: f64) -> Option<(f64, f64)> {
        let sent_for = self.sent.1 - self.sent.0;
        let received_for = self.received.1 - self.received.0;
        let received_bytes = self.bytes - self.first_bytes;
        if !self.any || received_bytes <= 0.0 {
            return None;
        }
        let sent = if sent_for > 0 { (self.bytes - self.last_bytes) * 8e6 / sent_for as f64 } else { wanted };
        // A radio delivers many packets at once: what has no length was not slower than it was sent.
        let received = if received_for > 0 { received_bytes * 8e6 / received_for as f64 } else { sent };
        Some((sent, received))
    }
}
