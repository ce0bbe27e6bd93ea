//! Packets that are missing from a stream: when to ask for them again, and when to give them up.

use std::time::{Duration, Instant};

/// How long a hole may stay open. Longer waits for repairs nobody would show any more; shorter
/// counts as lost what a slow path still repairs.
pub(crate) const GIVE_UP: Duration = Duration::from_millis(1000);
/// How long a hole may stay open that nobody repairs, as in audio without NACK: as long as a jitter
/// buffer would wait for a reordered packet.
const GIVE_UP_UNREPAIRED: Duration = Duration::from_millis(100);
/// Until the first NACK for a hole. Longer spares a NACK for reordered packets, shorter repairs
/// sooner.
const FIRST_NACK: Duration = Duration::from_millis(5);
/// Until the same packet is asked for again; a little more than a usual round trip.
pub(crate) const NEXT_NACK: Duration = Duration::from_millis(60);
/// NACKs for one packet at most.
const MAX_NACKS: u8 = 10;

#[derive(Clone, Copy)]
struct Missing {
    sequence: i64,
    since: Instant,
    next_nack: Instant,
    nacks: u8,
}

/// The missing packets of one stream, by unwrapped sequence number.
#[derive(Default)]
pub(crate) struct Holes {
    missing: Vec<Missing>,
    /// Lost packets can be asked for.
    pub(crate) repairable: bool,
}

impl Holes {
    /// Nothing is missing yet.
    pub(crate) fn new(repairable: bool) -> Self {
        Self { missing: Vec::new(), repairable }
    }

    /// Whether nothing is missing.
    pub(crate) fn is_empty(&self) -> bool {
        self.missing.is_empty()
    }

    /// Notes a packet that should have come before one that did.
    pub(crate) fn open(&mut self, now: Instant, sequence: i64) {
        self.missing.push(Missing { sequence, since: now, next_nack: now + FIRST_NACK, nacks: 0 });
    }

    /// The packet came after all; false if it was not missed, or had been given up.
    pub(crate) fn fill(&mut self, sequence: i64) -> bool {
        let before = self.missing.len();
        self.missing.retain(|hole| hole.sequence != sequence);
        self.missing.len() < before
    }

    /// Forgets everything and says how much was still missing.
    pub(crate) fn clear(&mut self) -> usize {
        let count = self.missing.len();
        self.missing.clear();
        count
    }

    /// Gives up the first hole in the order of the stream.
    pub(crate) fn give_up_first(&mut self) -> Option<i64> {
        self.sort();
        (!self.missing.is_empty()).then(|| self.missing.remove(0).sequence)
    }

    /// Gives up the first hole if it has been open for too long.
    pub(crate) fn give_up_overdue(&mut self, now: Instant) -> Option<i64> {
        self.sort();
        let first = self.missing.first()?;
        (now.duration_since(first.since) >= self.patience()).then(|| self.missing.remove(0).sequence)
    }

    fn sort(&mut self) {
        self.missing.sort_unstable_by_key(|hole| hole.sequence);
    }

    /// Adds what to ask for now, in order, and says how many.
    pub(crate) fn collect_nacks(&mut self, now: Instant, nacks: &mut Vec<u16>) -> usize {
        if !self.repairable {
            return 0;
        }
        let before = nacks.len();
        for hole in &mut self.missing {
            if hole.next_nack <= now && hole.nacks < MAX_NACKS {
                hole.nacks += 1;
                hole.next_nack = now + NEXT_NACK;
                nacks.push(hole.sequence as u16);
            }
        }
        nacks.len() - before
    }

    fn patience(&self) -> Duration {
        if self.repairable { GIVE_UP } else { GIVE_UP_UNREPAIRED }
    }

    /// When something is to be asked for or given up.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        self.missing
            .iter()
            .map(|hole| {
                let give_up = hole.since + self.patience();
                if self.repairable && hole.nacks < MAX_NACKS { hole.next_nack.min(give_up) } else { give_up }
            })
            .min()
    }

    /// How many have been missing for at least this long.
    pub(crate) fn older_than(&self, now: Instant, age: Duration) -> usize {
        self.missing.iter().filter(|hole| now.duration_since(hole.since) >= age).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_asked_for_again_and_given_up_in_the_end() {
        let start = Instant::now();
        let mut holes = Holes::new(true);
        holes.open(start, 65_537);
        let mut nacks = Vec::new();
        assert_eq!(holes.collect_nacks(start, &mut nacks), 0, "it may only be late");
        assert_eq!(holes.next_timeout(), Some(start + FIRST_NACK));
        assert_eq!(holes.collect_nacks(start + FIRST_NACK, &mut nacks), 1);
        assert_eq!(holes.collect_nacks(start + FIRST_NACK * 2, &mut nacks), 0);
        assert_eq!(holes.collect_nacks(start + FIRST_NACK + NEXT_NACK, &mut nacks), 1);
        assert_eq!(nacks, [1, 1]);
        assert_eq!(holes.give_up_overdue(start + GIVE_UP / 2), None);
        assert_eq!(holes.give_up_overdue(start + GIVE_UP), Some(65_537));
        assert!(!holes.fill(65_537), "too late");
    }

    #[test]
    fn what_nobody_repairs_is_given_up_sooner_and_never_asked_for() {
        let start = Instant::now();
        let mut holes = Holes::default();
        holes.open(start, 7);
        holes.open(start, 6);
        assert_eq!(holes.collect_nacks(start + GIVE_UP, &mut Vec::new()), 0);
        assert!(holes.fill(7));
        assert_eq!(holes.older_than(start + GIVE_UP_UNREPAIRED, GIVE_UP_UNREPAIRED), 1);
        assert_eq!(holes.give_up_overdue(start + GIVE_UP_UNREPAIRED), Some(6));
        assert!(holes.is_empty());
    }
}
