//! Whether the line is used too much, by a threshold that adapts (draft-ietf-rmcat-gcc-02 §5.4).

/// How the line is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Usage {
    /// Queues stay as they are.
    #[default]
    Normal,
    /// Queues grow.
    Over,
    /// Queues drain.
    Under,
}

/// Where the threshold starts and what it stays between. A lower one reacts to less, and starves
/// beside TCP.
const START: f64 = 12.5;
const LEAST: f64 = 6.0;
const MOST: f64 = 600.0;

/// How fast it follows slopes above and below itself, in 1/ms.
const FOLLOW_UP: f64 = 0.0087;
const FOLLOW_DOWN: f64 = 0.039;

/// Slopes farther above it are outliers, which it does not follow.
const OUTLIER: f64 = 15.0;

/// Queues must have grown for so many milliseconds.
const HOLD: f64 = 10.0;

/// A queue shorter than this, in microseconds, is none, however its length changes; nor is one shorter
/// than so many times the jitter. Less falls for the noise of a radio, more lets queues stand.
const LEAST_QUEUE: f64 = 20_000.0;
const JITTERS: f64 = 2.5;

/// The detector.
#[derive(Debug, Clone)]
pub(super) struct Overuse {
    threshold: f64,
    before: Option<(i64, f64)>,
    over_for: f64,
    over_count: u32,
    usage: Usage,
}

impl Default for Overuse {
    fn default() -> Self {
        Self { threshold: START, before: None, over_for: 0.0, over_count: 0, usage: Usage::Normal }
    }
}

impl Overuse {
    /// The weighted slope after a group that was sent at that time, how much longer than usual
    /// packets wait, and the jitter, in microseconds.
    pub(super) fn update(&mut self, sent: i64, slope: f64, delay: f64, jitter: f64) -> Usage {
        let (passed, slope_before) = match self.before.replace((sent, slope)) {
            Some((before, slope)) => ((sent - before).max(0) as f64 / 1e3, slope),
            None => (0.0, 0.0),
        };
        if slope > self.threshold && delay >= LEAST_QUEUE.max(JITTERS * jitter) {
            self.over_for += if self.over_count == 0 { passed / 2.0 } else { passed };
            self.over_count += 1;
            if self.over_for > HOLD && self.over_count > 1 && slope >= slope_before {
                (self.over_for, self.over_count) = (0.0, 0);
                self.usage = Usage::Over;
            }
        } else {
            (self.over_for, self.over_count) = (0.0, 0);
            self.usage = if slope < -self.threshold { Usage::Under } else { Usage::Normal };
        }
        self.adapt(slope.abs(), passed.min(100.0));
        self.usage
    }

    /// How the line is used.
    pub(super) const fn usage(&self) -> Usage {
        self.usage
    }

    /// Forgets what was seen, but not the threshold.
    pub(super) const fn clear(&mut self) {
        (self.before, self.over_for, self.over_count, self.usage) = (None, 0.0, 0, Usage::Normal);
    }

    fn adapt(&mut self, slope: f64, passed: f64) {
        if slope > self.threshold + OUTLIER {
            return;
        }
        let follow = if slope < self.threshold { FOLLOW_DOWN } else { FOLLOW_UP };
        let step = follow * (slope - self.threshold) * passed;
        self.threshold = (self.threshold + step).clamp(LEAST, MOST);
    }
}
