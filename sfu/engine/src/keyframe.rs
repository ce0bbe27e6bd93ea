//! Many requests for a key frame become one.

use std::time::{Duration, Instant};

/// Requests for key frames of one layer.
#[derive(Debug, Clone)]
pub struct KeyFrames {
    interval: Duration,
    wanted: bool,
    asked_at: Option<Instant>,
    arrived_at: Option<Instant>,
    unanswered: u32,
}

/// Requests in a row without a key frame after which a publisher counts as one that ignores them
/// (OBS does, B-OBS9). Fewer would misjudge a lossy uplink, more would keep viewers waiting.
const IGNORED_AFTER: u32 = 2;

impl KeyFrames {
    /// At most one request an `interval`.
    pub const fn new(interval: Duration) -> Self {
        Self { interval, wanted: false, asked_at: None, arrived_at: None, unanswered: 0 }
    }

    /// Somebody needs a key frame.
    pub const fn want(&mut self) {
        self.wanted = true;
    }

    /// A key frame has begun to arrive.
    pub fn arrived(&mut self, now: Instant) {
        if self.asked_at.is_some_and(|asked| now.saturating_duration_since(asked) < 2 * self.interval) {
            self.unanswered = 0;
        }
        self.arrived_at = Some(now);
        self.wanted = false;
    }

    /// Whether to ask the publisher now. Each `true` must be followed by a request.
    pub fn ask(&mut self, now: Instant) -> bool {
        if !self.wanted
            || self.asked_at.is_some_and(|asked| now.saturating_duration_since(asked) < self.interval)
        {
            return false;
        }
        if self.asked_at.is_some_and(|asked| self.arrived_at.is_none_or(|arrived| arrived < asked)) {
            self.unanswered += 1;
        }
        self.asked_at = Some(now);
        true
    }

    /// When [`Self::ask`] is worth calling again.
    pub fn next(&self) -> Option<Instant> {
        if !self.wanted {
            return None;
        }
        self.asked_at.map(|asked| asked + self.interval)
    }

    /// Whether the publisher seems to ignore requests.
    pub const fn ignored(&self) -> bool {
        self.unanswered >= IGNORED_AFTER
    }

    /// How long the oldest open request has been waiting, if one is.
    pub fn waiting(&self, now: Instant) -> Option<Duration> {
        let asked = self.asked_at.filter(|_| self.wanted)?;
        Some(now.saturating_duration_since(asked) + self.interval * self.unanswered)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test needs some instant to begin with")]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(300);

    #[test]
    fn a_thousand_wishes_in_one_interval_make_one_request() {
        let start = Instant::now();
        let mut frames = KeyFrames::new(INTERVAL);
        let mut asked = 0;
        for milli in 0..299 {
            frames.want();
            asked += u32::from(frames.ask(start + Duration::from_millis(milli)));
        }
        assert_eq!(asked, 1);
        assert_eq!(frames.next(), Some(start + INTERVAL));
        assert!(frames.ask(start + INTERVAL), "an unanswered request is repeated");
    }

    #[test]
    fn a_key_frame_answers_all_wishes() {
        let start = Instant::now();
        let mut frames = KeyFrames::new(INTERVAL);
        frames.want();
        assert!(frames.ask(start));
        frames.arrived(start + Duration::from_millis(50));
        assert_eq!(frames.next(), None);
        assert!(!frames.ask(start + 2 * INTERVAL));
    }

    #[test]
    fn a_publisher_that_never_answers_is_known_as_such() {
        let start = Instant::now();
        let mut frames = KeyFrames::new(INTERVAL);
        frames.want();
        for round in 0..3 {
            assert!(!frames.ignored());
            assert!(frames.ask(start + round * INTERVAL));
        }
        assert!(frames.ignored());
        frames.arrived(start + 2 * INTERVAL + Duration::from_millis(40));
        assert!(!frames.ignored(), "one that answers again is believed again");
    }
}
