//! One received RTP stream: which packets came, which are missing, and when frames were whole.
//!
//! Packets are put into order in a ring; when the packet that is next comes, it and those waiting
//! behind it go to the frame counter. A hole that is not repaired in time is given up, which
//! breaks the frame around it.

use std::time::Instant;

use super::frames::{Frames, Part};
use crate::wire::holes::{Holes, NEXT_NACK};

/// Packets between the next one and the highest at most; at 2.5 Mbps this is four seconds.
const RING: usize = 1024;
/// A jump further than this is no loss but a broken sequence.
const MAX_JUMP: i64 = 900;
/// A packet as the tracker needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) sequence: u16,
    /// Came as a retransmission.
    pub(crate) repaired: bool,
    pub(crate) part: Part,
}

/// What an arrival was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A packet that was not there yet.
    Fresh,
    /// One that had come before.
    Duplicate,
    /// One that had been given up.
    Late,
}

/// Counts over the life of the stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StreamCounts {
    pub(crate) packets: u64,
    pub(crate) duplicates: u64,
    pub(crate) repair_duplicates: u64,
    pub(crate) reordered: u64,
    pub(crate) repaired: u64,
    pub(crate) lost: u64,
    pub(crate) late: u64,
    pub(crate) holes: u64,
    pub(crate) nacks: u64,
    pub(crate) sequence_violations: u64,
}

#[derive(Clone, Copy)]
struct Slot {
    sequence: i64,
    part: Part,
}

/// The tracker.
pub(crate) struct Stream {
    slots: Vec<Slot>,
    next: Option<i64>,
    highest: i64,
    pub(crate) holes: Holes,
    pub(crate) counts: StreamCounts,
    pub(crate) frames: Frames,
    /// For receiver reports: what was expected and received at the last one.
    reported: (i64, u64),
    first: i64,
}

impl Stream {
    pub(crate) fn new(frames: Frames) -> Self {
        Self {
            slots: Vec::new(),
            next: None,
            highest: 0,
            holes: Holes::default(),
            counts: StreamCounts::default(),
            frames,
            reported: (0, 0),
            first: 0,
        }
    }

    /// Whether anything came.
    pub(crate) fn has_started(&self) -> bool {
        self.next.is_some()
    }

    /// Takes a packet.
    pub(crate) fn receive(&mut self, now: Instant, arrival: Arrival) -> Outcome {
        let Some(next) = self.next else {
            return self.begin(now, arrival);
        };
        let distance = i64::from(arrival.sequence.wrapping_sub(self.highest as u16) as i16);
        let sequence = self.highest + distance;
        if distance.abs() > MAX_JUMP && !arrival.repaired {
            self.restart();
            return self.begin(now, arrival);
        }
        if sequence < next || self.slot(sequence).sequence == sequence {
            return self.old(sequence, &arrival);
        }
        self.counts.packets += 1;
        if sequence > self.highest {
            self.open_holes(now, sequence);
            self.highest = sequence;
        } else if arrival.repaired {
            self.counts.repaired += 1;
        } else {
            self.counts.reordered += 1;
        }
        if !self.holes.is_empty() {
            self.holes.fill(sequence);
        }
        *self.slot(sequence) = Slot { sequence, part: arrival.part };
        self.advance(now);
        Outcome::Fresh
    }

    /// The numbers do not go on where they were: the sender, or its SSRC, is another one.
    pub(crate) fn restart(&mut self) {
        self.counts.sequence_violations += 1;
        self.counts.lost += self.holes.clear() as u64;
        self.slots.iter_mut().for_each(|slot| slot.sequence = -1);
        self.frames.break_current();
        self.next = None;
    }

    fn begin(&mut self, now: Instant, arrival: Arrival) -> Outcome {
        if self.slots.is_empty() {
            let empty = Slot { sequence: -1, part: arrival.part };
            self.slots = vec![empty; RING];
        }
        // One turn up, so that a packet from before the first has a place.
        let sequence = i64::from(arrival.sequence) + 65_536;
        self.next = Some(sequence);
        self.highest = sequence;
        self.first = sequence - self.counts.packets as i64;
        self.counts.packets += 1;
        *self.slot(sequence) = Slot { sequence, part: arrival.part };
        self.advance(now);
        Outcome::Fresh
    }

    fn old(&mut self, sequence: i64, arrival: &Arrival) -> Outcome {
        if self.slot(sequence).sequence == sequence {
            if arrival.repaired {
                self.counts.repair_duplicates += 1;
            } else {
                self.counts.duplicates += 1;
            }
            Outcome::Duplicate
        } else {
            self.counts.late += 1;
            Outcome::Late
        }
    }

    fn slot(&mut self, sequence: i64) -> &mut Slot {
        &mut self.slots[sequence as usize % RING]
    }

    fn open_holes(&mut self, now: Instant, sequence: i64) {
        for hole in self.highest + 1..sequence {
            self.counts.holes += 1;
            self.holes.open(now, hole);
        }
        while self.next.is_some_and(|next| sequence - next >= RING as i64) {
            let Some(first) = self.holes.give_up_first() else {
                return;
            };
            self.give_up(now, first);
        }
    }

    /// Hands on what is in order now.
    fn advance(&mut self, now: Instant) {
        let Some(mut next) = self.next else { return };
        while next <= self.highest {
            let slot = self.slots[next as usize % RING];
            if slot.sequence != next {
                break;
            }
            self.frames.take(now, slot.part);
            next += 1;
        }
        self.next = Some(next);
    }

    fn give_up(&mut self, now: Instant, hole: i64) {
        self.counts.lost += 1;
        self.next = Some(hole + 1);
        self.frames.break_current();
        self.advance(now);
    }

    /// Gives up old holes and collects what to ask for, in order.
    pub(crate) fn handle_timeout(&mut self, now: Instant, nacks: &mut Vec<u16>) {
        while let Some(hole) = self.holes.give_up_overdue(now) {
            self.give_up(now, hole);
        }
        self.counts.nacks += self.holes.collect_nacks(now, nacks) as u64;
    }

    /// When the tracker wants to act.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        self.holes.next_timeout()
    }

    /// Counts what is still missing at the end and had its time to be repaired.
    pub(crate) fn finish(&mut self, now: Instant) {
        self.counts.lost += self.holes.older_than(now, NEXT_NACK * 2) as u64;
        self.holes.clear();
    }

    /// Fraction lost since the last report, cumulative loss and the extended highest sequence
    /// number (RFC 3550 §6.4.1).
    pub(crate) fn report(&mut self) -> (u8, u32, u32) {
        let expected = self.highest - self.first + 1;
        let expected_since = expected - self.reported.0;
        let received_since = self.counts.packets - self.reported.1;
        self.reported = (expected, self.counts.packets);
        let lost_since = expected_since - received_since as i64;
        let fraction = if expected_since > 0 && lost_since > 0 {
            (lost_since * 256 / expected_since).min(255) as u8
        } else {
            0
        };
        let lost = (expected - self.counts.packets as i64).clamp(0, 0x7f_ffff) as u32;
        (fraction, lost, (self.highest - 65_536).max(0) as u32)
    }
}

#[cfg(test)]
mod tests;
