//! Puts packets into the order of their sequence numbers, and says what is missing.
//!
//! Publishers repeat lost packets on request, so a hole is waited for, but not for ever: once so many
//! packets or so much time of capture lie behind it, it becomes a [`Ordered::Gap`].

use std::collections::BTreeMap;

use sluice_domain::MediaTime;

use crate::tapped::TappedPacket;

/// What leaves the buffer.
#[derive(Debug, Clone)]
pub enum Ordered {
    /// The next packet.
    Packet(TappedPacket),
    /// So many packets never came; the next packet is from behind the hole.
    Gap {
        /// How many.
        packets: u64,
    },
}

/// Packets of one RTP stream on their way into order.
#[derive(Debug, Default)]
pub struct Reorder {
    /// Sequence number that is due; `None` before the first packet.
    due: Option<u64>,
    /// Packets from behind a hole.
    held: BTreeMap<u64, TappedPacket>,
    /// Newest time of capture among the packets held.
    newest: Option<MediaTime>,
    /// Packets in a row that came too late.
    late: u32,
}

impl Reorder {
    /// Takes a packet in, and puts what is in order now behind `out`.
    pub fn push(&mut self, packet: TappedPacket, out: &mut Vec<Ordered>) {
        let due = *self.due.get_or_insert(packet.seq);
        if packet.seq < due {
            self.late += 1;
            if self.late < MAX_LATE {
                return;
            }
            // Numbers that stay behind are no repairs: the publisher counts from anew.
            self.flush(out);
            out.push(Ordered::Gap { packets: 0 });
            self.due = Some(packet.seq);
        }
        self.late = 0;
        self.newest = self.newest.max(Some(packet.captured));
        self.held.insert(packet.seq, packet);
        self.release(out);
        while self.is_overdue() {
            self.give_up(out);
        }
    }

    /// Gives out what is held, with its holes: nothing more will come.
    pub fn flush(&mut self, out: &mut Vec<Ordered>) {
        while !self.held.is_empty() {
            self.give_up(out);
        }
    }

    /// Gives out what is held and forgets the count: the next packet is the first of another stream.
    pub fn restart(&mut self, out: &mut Vec<Ordered>) {
        self.flush(out);
        *self = Self::default();
    }

    /// Packets that wait for one that is missing.
    pub fn waiting(&self) -> usize {
        self.held.len()
    }

    fn is_overdue(&self) -> bool {
        let Some((_, oldest)) = self.held.first_key_value() else { return false };
        let waited = self.newest.map_or(0, |newest| newest.micros_since(oldest.captured));
        self.held.len() > MAX_HELD || waited > MAX_WAIT_MICROS
    }

    /// Steps over the hole in front of the oldest packet held.
    fn give_up(&mut self, out: &mut Vec<Ordered>) {
        if let (Some(due), Some((first, _))) = (self.due, self.held.first_key_value()) {
            let packets = first.saturating_sub(due);
            if packets > 0 {
                out.push(Ordered::Gap { packets });
            }
            self.due = Some(*first);
        }
        self.release(out);
    }

    fn release(&mut self, out: &mut Vec<Ordered>) {
        while let Some(due) = self.due
            && let Some(packet) = self.held.remove(&due)
        {
            out.push(Ordered::Packet(packet));
            self.due = Some(due.saturating_add(1));
        }
        if self.held.is_empty() {
            self.newest = None;
        }
    }
}

/// Half a second of 16 Mbit/s. More would hold more memory for a publisher that is gone in parts; less
/// would give up on repairs of the pictures of a large key frame.
const MAX_HELD: usize = 1_024;

/// A publisher 200 ms away has been asked twice by then. More would make live parts later after a loss;
/// less would cut recordings for repairs that are on their way.
const MAX_WAIT_MICROS: i64 = 600_000;

/// Repairs and duplicates come late one by one, never so many without a packet in time between them. More
/// would mute a stream that counts from anew for longer; less would take a burst of repairs for one.
const MAX_LATE: u32 = 64;

#[cfg(test)]
mod tests;
