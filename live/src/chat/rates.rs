//! How often somebody may do something. Pure.

use std::time::{Duration, Instant};

use sluice_domain::{Bucket, Rate};

/// What people say by hand. A quick exchange is about one message a second; ten at once and two a second
/// leave room for it, and a flood is still readable.
pub(crate) const PEOPLE: Rate = Rate::per_second(2, 10);

/// Bots and those who keep order: they answer many.
pub(crate) const BUSY: Rate = Rate::per_second(20, 40);

/// What one chat takes in all. Nobody reads more; more would only cost every member.
pub(crate) const CHAT: Rate = Rate::per_second(200, 200);

/// Reactions of one member: a burst of applause.
pub(crate) const REACTIONS: Rate = Rate::per_second(5, 20);

/// Requests of any kind of one connection.
const REQUESTS: Rate = Rate::per_second(20, 50);

/// Above this many requests a second, for [`FLOOD_SECONDS`] on end, a member is put out.
const FLOOD: u32 = 200;
const FLOOD_SECONDS: u32 = 3;

/// What becomes of a request of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is looked at.
    Take,
    /// It is not, and the member is told when to come back.
    Refuse(Duration),
    /// It is not, and the member has been told a moment ago.
    Drop,
    /// It is not, and the member is put out.
    Cut,
}

/// The guard of one connection, before anybody reads what it says. Peers have theirs in the media plane.
#[derive(Debug)]
pub(crate) struct Guard {
    bucket: Bucket,
    told: Option<Instant>,
    second: Instant,
    in_second: u32,
    flooded: u32,
}

impl Guard {
    pub(crate) fn new(now: Instant) -> Self {
        Self { bucket: Bucket::full(now), told: None, second: now, in_second: 0, flooded: 0 }
    }

    /// Counts a request.
    pub(crate) fn count(&mut self, now: Instant) -> Admission {
        let passed = now.saturating_duration_since(self.second).as_secs();
        if passed > 0 {
            self.flooded = if passed == 1 && self.in_second > FLOOD { self.flooded + 1 } else { 0 };
            self.second = now;
            self.in_second = 0;
        }
        self.in_second += 1;
        if self.flooded >= FLOOD_SECONDS {
            return Admission::Cut;
        }
        let Err(wait) = self.bucket.take(REQUESTS, now) else { return Admission::Take };
        let told = self.told.is_some_and(|told| now.saturating_duration_since(told) < TOLD);
        if told {
            return Admission::Drop;
        }
        self.told = Some(now);
        Admission::Refuse(wait)
    }
}

/// How often a member is told that it asks too much.
const TOLD: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_asks_too_much_is_told_so_once_a_second_and_a_flood_is_cut() {
        let start = Instant::now();
        let mut guard = Guard::new(start);
        let mut seen = Vec::new();
        // A thousand a second.
        for ms in 0..5000_u64 {
            seen.push(guard.count(start + Duration::from_millis(ms)));
        }
        let refused = seen.iter().filter(|seen| matches!(seen, Admission::Refuse(_))).count();
        assert!((2..=4).contains(&refused), "{refused}");
        assert_eq!(seen.iter().position(|seen| *seen == Admission::Cut), Some(3000));
    }

    #[test]
    fn somebody_who_writes_quickly_by_hand_is_never_refused() {
        let start = Instant::now();
        let mut guard = Guard::new(start);
        for step in 0..600_u64 {
            assert_eq!(guard.count(start + Duration::from_millis(100 * step)), Admission::Take);
        }
    }
}
