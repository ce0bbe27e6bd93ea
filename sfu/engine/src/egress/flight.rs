//! What is on its way to one viewer, by transport-wide sequence number, until feedback tells what
//! became of it.

use std::collections::VecDeque;

/// Feedback about older packets tells nothing useful any more.
const LONGEST_MICROS: i64 = 2_000_000;

/// Most packets that are remembered: two seconds at 50 Mbit/s.
const MOST: usize = 8_192;

/// One packet on its way.
#[derive(Debug, Clone, Copy)]
struct Sent {
    /// Microseconds since the connection's epoch.
    at: i64,
    bytes: u16,
    probe: u8,
}

/// A packet that feedback named for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Landed {
    /// Its number on a count that does not wrap.
    pub seq: u64,
    /// When it was sent, in microseconds since the connection's epoch.
    pub sent: i64,
    /// Bytes of the datagram.
    pub bytes: u32,
    /// Probe cluster; 0 for none.
    pub probe: u8,
}

/// The packets on their way.
#[derive(Debug, Default)]
pub(super) struct Flight {
    sent: VecDeque<Sent>,
    /// Extended sequence number of the first in `sent`.
    first: u64,
}

impl Flight {
    /// The next packet's sequence number, of which the low 16 bits go on the wire.
    pub(super) fn next(&self) -> u16 {
        (self.first + self.sent.len() as u64) as u16
    }

    /// The packet with that number was sent.
    pub(super) fn push(&mut self, at: i64, bytes: usize, probe: u8) {
        let old = |sent: &Sent| at - sent.at > LONGEST_MICROS;
        // At most two: the ring shrinks as fast as it grows, and no packet pays for many.
        for _ in 0..2 {
            if self.sent.len() >= MOST || self.sent.front().is_some_and(old) {
                self.sent.pop_front();
                self.first += 1;
            }
        }
        self.sent.push_back(Sent { at, bytes: u16::try_from(bytes).unwrap_or(u16::MAX), probe });
    }

    /// Reads where [`Self::push`] will write.
    pub(super) fn touch(&self) -> Option<i64> {
        self.sent.back().map(|sent| sent.at)
    }

    /// What feedback says about: `None` for a number that was not sent, or so long ago that it is
    /// forgotten.
    pub(super) fn get(&self, seq: u16) -> Option<Landed> {
        let newest = self.first + self.sent.len() as u64;
        let behind = u64::from((newest as u16).wrapping_sub(seq));
        let index = newest.checked_sub(behind)?.checked_sub(self.first)?;
        let sent = self.sent.get(usize::try_from(index).ok()?)?;
        let seq = self.first + index;
        Some(Landed { seq, sent: sent.at, bytes: u32::from(sent.bytes), probe: sent.probe })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_wrap_and_are_found_again() {
        let mut flight = Flight::default();
        for packet in 0..70_000_i64 {
            assert_eq!(flight.next(), packet as u16);
            flight.push(packet * 10, 1200, 0);
        }
        let last = flight.get(69_999_u32 as u16).expect("it is on its way");
        assert_eq!(last, Landed { seq: 69_999, sent: 699_990, bytes: 1200, probe: 0 });
        assert_eq!(flight.get(70_000_u32 as u16), None, "this one was never sent");
        assert!(flight.sent.len() <= MOST);
    }

    #[test]
    fn what_is_old_is_forgotten() {
        let mut flight = Flight::default();
        flight.push(0, 100, 3);
        assert_eq!(flight.get(0).map(|landed| landed.probe), Some(3));
        flight.push(LONGEST_MICROS + 1, 100, 0);
        assert_eq!(flight.get(0), None);
        assert_eq!(flight.get(1).map(|landed| landed.sent), Some(LONGEST_MICROS + 1));
    }
}
