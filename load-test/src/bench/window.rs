//! Which packets of a stream came: one bit each, so that a thousand viewers fit into the cache.

use std::time::Instant;

use crate::wire::holes::Holes;

/// Sequence numbers remembered; at 2.5 Mbps three seconds, three times what a hole may stay open.
const BITS: i64 = 1024;
/// A jump further than this is no loss but a broken sequence.
const MAX_JUMP: i64 = 900;

/// Counts over the life of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) packets: u64,
    pub(crate) holes: u64,
    pub(crate) repaired: u64,
    pub(crate) lost: u64,
    pub(crate) duplicates: u64,
    pub(crate) nacks: u64,
    pub(crate) breaks: u64,
}

/// The receiver's view of one sequence of RTP packets.
pub(crate) struct Window {
    bits: [u64; (BITS / 64) as usize],
    /// Unwrapped; nothing before the first packet.
    highest: Option<i64>,
    first: i64,
    pub(crate) holes: Holes,
    pub(crate) counts: Counts,
    /// What was expected and received at the last report.
    reported: (i64, u64),
}

impl Window {
    pub(crate) fn new(repairable: bool) -> Self {
        Self {
            bits: [0; (BITS / 64) as usize],
            highest: None,
            first: 0,
            holes: Holes::new(repairable),
            counts: Counts::default(),
            reported: (0, 0),
        }
    }

    /// Takes a packet; true if it is one that had not come before.
    pub(crate) fn receive(&mut self, now: Instant, sequence: u16, repaired: bool) -> bool {
        let Some(highest) = self.highest else {
            if !repaired {
                self.begin(sequence);
            }
            return !repaired;
        };
        let distance = i64::from(sequence.wrapping_sub(highest as u16) as i16);
        let unwrapped = highest + distance;
        if distance == 1 {
            self.advance(unwrapped);
        } else if distance.abs() > MAX_JUMP {
            // A repair from long ago says nothing; media from elsewhere is another sequence.
            if !repaired {
                self.counts.breaks += 1;
                self.counts.lost += self.holes.clear() as u64;
                self.bits = [0; (BITS / 64) as usize];
                self.begin(sequence);
            }
            return !repaired;
        } else if distance > 1 {
            for hole in highest + 1..unwrapped {
                self.clear(hole);
                self.holes.open(now, hole);
                self.counts.holes += 1;
            }
            self.advance(unwrapped);
        } else {
            if self.holds(unwrapped) || unwrapped < self.first {
                self.counts.duplicates += 1;
                return false;
            }
            // What had been given up stays lost: nobody waits for it any more.
            if self.holes.fill(unwrapped) {
                self.counts.packets += 1;
                self.counts.repaired += u64::from(repaired);
            }
            self.set(unwrapped);
            return true;
        }
        true
    }

    fn begin(&mut self, sequence: u16) {
        // One turn up, so that a packet from before the first has a place.
        let sequence = i64::from(sequence) + 65_536;
        self.first = sequence - self.counts.packets as i64;
        self.advance(sequence);
    }

    fn advance(&mut self, sequence: i64) {
        self.highest = Some(sequence);
        self.counts.packets += 1;
        self.set(sequence);
    }

    fn place(sequence: i64) -> (usize, u64) {
        let bit = sequence.rem_euclid(BITS);
        ((bit / 64) as usize, 1 << (bit % 64))
    }

    fn set(&mut self, sequence: i64) {
        let (word, bit) = Self::place(sequence);
        self.bits[word] |= bit;
    }

    fn clear(&mut self, sequence: i64) {
        let (word, bit) = Self::place(sequence);
        self.bits[word] &= !bit;
    }

    fn holds(&self, sequence: i64) -> bool {
        let (word, bit) = Self::place(sequence);
        self.bits[word] & bit != 0
    }

    /// Gives up old holes and collects what to ask for.
    pub(crate) fn handle_timeout(&mut self, now: Instant, nacks: &mut Vec<u16>) {
        while self.holes.give_up_overdue(now).is_some() {
            self.counts.lost += 1;
        }
        self.counts.nacks += self.holes.collect_nacks(now, nacks) as u64;
    }

    /// Fraction lost since the last report, cumulative loss and the extended highest sequence
    /// number (RFC 3550 §6.4.1); nothing before the first packet.
    pub(crate) fn report(&mut self) -> Option<(u8, u32, u32)> {
        let highest = self.highest?;
        let expected = highest - self.first + 1;
        let since = expected - self.reported.0;
        let lost = since - (self.counts.packets - self.reported.1) as i64;
        self.reported = (expected, self.counts.packets);
        let fraction = if since > 0 && lost > 0 { (lost * 256 / since).min(255) } else { 0 };
        let total = (expected - self.counts.packets as i64).clamp(0, 0x7f_ffff);
        Some((fraction as u8, total as u32, (highest - 65_536).max(0) as u32))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::wire::holes::GIVE_UP;

    #[test]
    fn losses_repairs_and_duplicates_are_told_apart_across_the_wrap() {
        let now = Instant::now();
        let mut window = Window::new(true);
        for sequence in [65_533, 65_534, 1, 2] {
            assert!(window.receive(now, sequence, false));
        }
        let mut nacks = Vec::new();
        window.handle_timeout(now + Duration::from_millis(10), &mut nacks);
        assert_eq!(nacks, [65_535, 0]);
        assert!(window.receive(now, 65_535, true));
        assert!(!window.receive(now, 65_535, true));
        window.handle_timeout(now + GIVE_UP, &mut nacks);
        let counts = window.counts;
        assert_eq!((counts.packets, counts.holes, counts.repaired, counts.lost), (5, 2, 1, 1));
        assert_eq!((counts.duplicates, counts.breaks), (1, 0));
        let (_, lost, highest) = window.report().unwrap();
        assert_eq!((lost, highest), (1, 65_538 - 65_536 + 65_536));
    }

    #[test]
    fn the_window_slides_without_remembering_an_earlier_turn() {
        let now = Instant::now();
        let mut window = Window::new(false);
        for turn in 0..200_000u32 {
            if turn % 1000 != 500 {
                assert!(window.receive(now, turn as u16, false), "{turn}");
            }
        }
        assert_eq!(window.counts.holes, 200);
        assert_eq!(window.counts.packets, 199_800);
        assert_eq!(window.counts.duplicates, 0);
    }

    #[test]
    fn a_jump_is_another_sequence_and_an_old_repair_is_not() {
        let now = Instant::now();
        let mut window = Window::new(true);
        window.receive(now, 100, false);
        assert!(!window.receive(now, 5000, true));
        assert!(window.receive(now, 5000, false));
        assert_eq!((window.counts.breaks, window.counts.lost), (1, 0));
    }
}
