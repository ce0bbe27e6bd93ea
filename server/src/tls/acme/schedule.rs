//! When a certificate is fetched: pure, so that a year passes within a test.

use std::time::Duration;

/// The first pause after a failure. Let's Encrypt allows five failures an hour for a name.
const FIRST: u64 = 5 * 60;

/// The longest. An operator who mended something need not wait for it: SIGHUP tries at once.
const LONGEST: u64 = 6 * 3600;

/// An ACME server that says "too often" means hours.
const LIMITED: u64 = 3600;

/// What was tried since the last success.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    failures: u32,
    /// Not before this time, in seconds since 1970.
    again: i64,
}

impl Attempts {
    /// How long until the next attempt; zero is now. `kept` are the ends of the certificate in use, and
    /// `luck` spreads renewals of many servers that began together.
    pub(super) fn wait(&self, kept: Option<(i64, i64)>, now: i64, luck: u32) -> Duration {
        let due = kept.map_or(now, |(from, until)| renewal(from, until));
        let at = due.max(self.again);
        let missing = u64::try_from(at - now).unwrap_or_default();
        // Up to a minute late, never early, and not where somebody waits for the first one.
        let spread = u64::from(luck) % (missing / 60).clamp(1, 60);
        Duration::from_secs(missing + spread)
    }

    /// Says how long it pauses.
    pub(super) fn failed(&mut self, now: i64, limited: bool) -> Duration {
        let pause = (FIRST << self.failures.min(10)).min(LONGEST);
        let pause = if limited { pause.max(LIMITED) } else { pause };
        self.failures += 1;
        self.again = now + i64::try_from(pause).unwrap_or(i64::MAX);
        Duration::from_secs(pause)
    }

    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// The next attempt need not wait for a pause to end.
    pub(super) fn forget(&mut self) {
        self.again = 0;
    }
}

/// Two thirds of its life: a third is left for whatever goes wrong.
const fn renewal(from: i64, until: i64) -> i64 {
    from + (until - from) / 3 * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 3600;

    // Requirements: R392
    #[test]
    fn a_certificate_of_ninety_days_is_renewed_on_the_sixtieth() {
        let attempts = Attempts::default();
        let kept = Some((0, 90 * DAY));
        assert_eq!(attempts.wait(kept, 59 * DAY, 0).as_secs(), DAY as u64);
        assert_eq!(attempts.wait(kept, 60 * DAY, 59), Duration::ZERO);
        assert_eq!(attempts.wait(None, 5, 59), Duration::ZERO);
        assert_eq!(attempts.wait(Some((0, 6 * DAY)), 4 * DAY, 0), Duration::ZERO, "a short one sooner");
    }

    #[test]
    fn pauses_grow_to_six_hours_and_end_with_a_success() {
        let mut attempts = Attempts::default();
        let mut now = 1_000_000;
        let mut pauses = Vec::new();
        for _ in 0..9 {
            let pause = attempts.failed(now, false);
            assert_eq!(attempts.wait(None, now, 0), pause);
            now += i64::try_from(pause.as_secs()).unwrap();
            assert!(attempts.wait(None, now, 0).is_zero());
            pauses.push(pause.as_secs() / 60);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 360, 360]);
        attempts.succeeded();
        assert_eq!(attempts.failed(now, true).as_secs(), 3600, "too often, said the server");
        attempts.forget();
        assert!(attempts.wait(None, now, 0).is_zero());
    }

    #[test]
    fn a_failed_renewal_is_tried_again_before_the_certificate_ends() {
        let mut attempts = Attempts::default();
        let (mut now, until) = (60 * DAY, 90 * DAY);
        let mut tries = 0;
        while now < until {
            let pause = attempts.failed(now, false);
            now += i64::try_from(pause.as_secs()).unwrap();
            tries += 1;
        }
        assert!(tries > 100, "{tries}");
    }
}
