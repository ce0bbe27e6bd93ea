//! Many requests for a key frame become one.

use std::time::{Duration, Instant};

/// Requests for key frames of one layer.
#[derive(Debug, Clone)]
pub struct KeyFrames {
    interval: Duration,
    wanted: bool,
    asked_at: Option<Instant>,
    /// First request since the newest key frame.
    open_since: Option<Instant>,
    /// Above 0 while the publisher counts as one that ignores requests.
    distrust: u8,
}

/// A key frame this many intervals after the first request for it is no answer. Fewer would
/// misjudge a lossy uplink, more would keep viewers waiting.
const ANSWER_WITHIN: u32 = 2;

/// Answers in time after which a publisher that ignored a request is believed again. One may be
/// chance: encoders that ignore requests (OBS does, B-OBS9) make key frames by themselves.
const TRUST_AFTER: u8 = 3;

impl KeyFrames {
    /// At most one request an `interval`.
    pub const fn new(interval: Duration) -> Self {
        Self { interval, wanted: false, asked_at: None, open_since: None, distrust: 0 }
    }

    /// Somebody needs a key frame.
    pub const fn want(&mut self) {
        self.wanted = true;
    }

    /// A key frame has begun to arrive.
    pub fn arrived(&mut self, now: Instant) {
        if let Some(since) = self.open_since.take() {
            self.distrust =
                if self.is_late(since, now) { TRUST_AFTER } else { self.distrust.saturating_sub(1) };
        }
        self.wanted = false;
    }

    /// Whether to ask the publisher now. Each `true` must be followed by a request.
    pub fn ask(&mut self, now: Instant) -> bool {
        if !self.wanted
            || self.asked_at.is_some_and(|asked| now.saturating_duration_since(asked) < self.interval)
        {
            return false;
        }
        let since = *self.open_since.get_or_insert(now);
        if self.is_late(since, now) {
            self.distrust = TRUST_AFTER;
        }
        self.asked_at = Some(now);
        true
    }

    fn is_late(&self, since: Instant, now: Instant) -> bool {
        now.saturating_duration_since(since) >= self.interval * ANSWER_WITHIN
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
        self.distrust > 0
    }

    /// How long the oldest open request has been waiting, if one is.
    pub fn waiting(&self, now: Instant) -> Option<Duration> {
        let since = self.open_since.filter(|_| self.wanted)?;
        Some(now.saturating_duration_since(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::start;

    const INTERVAL: Duration = Duration::from_millis(300);

    #[test]
    fn a_thousand_wishes_in_one_interval_make_one_request() {
        let start = start();
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
        let start = start();
        let mut frames = KeyFrames::new(INTERVAL);
        frames.want();
        assert!(frames.ask(start));
        frames.arrived(start + Duration::from_millis(50));
        assert_eq!(frames.next(), None);
        assert!(!frames.ask(start + 2 * INTERVAL));
    }

    #[test]
    fn a_publisher_that_never_answers_is_known_as_such() {
        let start = start();
        let mut frames = KeyFrames::new(INTERVAL);
        frames.want();
        for round in 0..3 {
            assert!(!frames.ignored());
            assert!(frames.ask(start + round * INTERVAL));
        }
        assert!(frames.ignored());
    }

    #[test]
    fn key_frames_that_come_by_themselves_are_no_answers() {
        let start = start();
        let mut frames = KeyFrames::new(INTERVAL);
        // One every two seconds, whatever is asked; the last request comes just before it.
        frames.want();
        for milli in (0..2000).step_by(50) {
            frames.ask(start + Duration::from_millis(milli));
        }
        frames.arrived(start + Duration::from_millis(2000));
        assert!(frames.ignored());
        frames.want();
        assert!(frames.ask(start + Duration::from_millis(3900)));
        frames.arrived(start + Duration::from_millis(4000));
        assert!(frames.ignored(), "one key frame in time may be chance");
    }

    #[test]
    fn a_publisher_that_answers_again_and_again_is_believed_again() {
        let start = start();
        let mut frames = KeyFrames::new(INTERVAL);
        frames.want();
        assert!(frames.ask(start));
        frames.arrived(start + 3 * INTERVAL);
        for round in 1..=3 {
            assert!(frames.ignored());
            let asked = start + round * Duration::from_secs(5);
            frames.want();
            assert!(frames.ask(asked));
            assert_eq!(frames.waiting(asked + INTERVAL), Some(INTERVAL));
            frames.arrived(asked + Duration::from_millis(80));
        }
        assert!(!frames.ignored());
        assert_eq!(frames.waiting(start + Duration::from_secs(60)), None);
    }
}
