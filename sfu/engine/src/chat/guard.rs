//! How much a member may write before `live` looks at it at all.

use std::time::{Duration, Instant};

use sluice_domain::{Bucket, Rate};

/// Requests at once: a page that comes back sends what waited. Requests a second in the long run: what bots and
/// moderators may have. `live` has closer limits.
const REQUESTS: Rate = Rate::per_second(20, 50);

/// Requests a second that no program in good faith sends.
const FLOOD: u32 = 200;

/// Seconds of flood after which the channel is cut. Fewer would punish a burst after an outage, more lets a
/// flood cost processor time for longer.
const FLOOD_SECONDS: u32 = 3;

/// Openings of the channel at once, and how long one more takes to be allowed.
const OPENINGS: Rate = Rate::one_each(Duration::from_secs(2), 6);

const SECOND: Duration = Duration::from_secs(1);

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is looked at.
    Pass,
    /// It is not.
    Refuse {
        /// The member is to be told: at most once a second.
        tell: bool,
    },
    /// It is one of far too many: the channel is to be cut.
    Flood,
}

/// Counts what one peer does on its chat channel, whether or not it closes it in between.
#[derive(Debug)]
pub struct Guard {
    requests: Bucket,
    openings: Bucket,
    told: Option<Instant>,
    second: Instant,
    seen: u32,
    floods: u32,
}

impl Guard {
    /// Of a peer that did nothing yet.
    pub const fn new(now: Instant) -> Self {
        Self {
            requests: Bucket::full(now),
            openings: Bucket::full(now),
            told: None,
            second: now,
            seen: 0,
            floods: 0,
        }
    }

    /// A request came.
    pub fn request(&mut self, now: Instant) -> Verdict {
        let passed = now.saturating_duration_since(self.second);
        if passed >= SECOND {
            let flood = self.seen > FLOOD && passed < 2 * SECOND;
            self.floods = if flood { self.floods + 1 } else { 0 };
            (self.second, self.seen) = (now, 0);
        }
        self.seen = self.seen.saturating_add(1);
        if self.floods >= FLOOD_SECONDS {
            self.floods = 0;
            return Verdict::Flood;
        }
        if self.requests.take(REQUESTS, now).is_ok() {
            return Verdict::Pass;
        }
        let tell = self.told.is_none_or(|told| now.saturating_duration_since(told) >= SECOND);
        if tell {
            self.told = Some(now);
        }
        Verdict::Refuse { tell }
    }

    /// Whether the channel may be opened once more.
    pub fn open(&mut self, now: Instant) -> bool {
        self.openings.take(OPENINGS, now).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::start;

    /// Sends `rate` requests a second for some seconds; what became of them.
    fn send(guard: &mut Guard, from: Instant, rate: u32, seconds: u32) -> Vec<Verdict> {
        let each = SECOND / rate;
        (0..rate * seconds).map(|number| guard.request(from + each * number)).collect()
    }

    fn count(verdicts: &[Verdict], wanted: Verdict) -> usize {
        verdicts.iter().filter(|verdict| **verdict == wanted).count()
    }

    #[test]
    fn a_bot_at_its_rate_is_never_refused() {
        let now = start();
        let verdicts = send(&mut Guard::new(now), now, 20, 60);
        assert_eq!(count(&verdicts, Verdict::Pass), verdicts.len());
    }

    #[test]
    fn a_burst_passes_and_what_is_beyond_is_refused_and_told_once_a_second() {
        let now = start();
        let verdicts = send(&mut Guard::new(now), now, 100, 5);
        let passed = count(&verdicts, Verdict::Pass);
        assert!((50 + 5 * 20 - 1..=50 + 5 * 20 + 1).contains(&(passed as u32)), "{passed}");
        let told = count(&verdicts, Verdict::Refuse { tell: true });
        assert!((4..=5).contains(&told), "{told}");
        assert_eq!(count(&verdicts, Verdict::Flood), 0);
    }

    #[test]
    fn a_flood_is_cut_after_three_seconds_and_a_burst_is_not() {
        let now = start();
        let mut guard = Guard::new(now);
        let verdicts = send(&mut guard, now, 1000, 4);
        let at = verdicts.iter().position(|verdict| *verdict == Verdict::Flood).unwrap();
        assert!((3000..3100).contains(&at), "{at}");
        let mut guard = Guard::new(now);
        for burst in 0..10 {
            let from = now + SECOND * 3 * burst;
            assert_eq!(count(&send(&mut guard, from, 1000, 1), Verdict::Flood), 0);
        }
    }

    #[test]
    fn a_channel_that_flaps_is_not_opened_again_and_again() {
        let now = start();
        let mut guard = Guard::new(now);
        let opened = (0..100).filter(|number| guard.open(now + Duration::from_millis(100) * *number)).count();
        assert!((10..=12).contains(&opened), "{opened}");
        assert!(guard.open(now + Duration::from_secs(30)));
    }
}
