//! What is on its way to one viewer, by transport-wide sequence number, until feedback tells what
//! became of it.

use std::collections::VecDeque;

use super::ring;

/// Feedback about older packets tells nothing useful any more.
const LONGEST_MICROS: i64 = 2_000_000;

/// Most packets that are remembered: two seconds at 50 Mbit/s.
const MOST: usize = 8_192;

/// Most packets that one push forgets: no packet pays for many. As pushes more than [`LONGEST_MICROS`] apart
/// begin anew, no packet is remembered for longer than 18 minutes, which is half of what [`Sent::at`] tells
/// apart. Fewer than 8 would not do.
const FORGOTTEN: usize = 16;

/// One packet on its way, in 8 bytes.
#[derive(Debug, Clone, Copy)]
struct Sent {
    /// Low bits of the microseconds since the connection's epoch.
    at: u32,
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
    /// When the last in `sent` was sent, in microseconds since the connection's epoch.
    newest: i64,
}

impl Flight {
    /// The next packet's sequence number, of which the low 16 bits go on the wire.
    pub(super) fn next(&self) -> u16 {
        (self.first + self.sent.len() as u64) as u16
    }

    /// The packet with that number was sent.
    pub(super) fn push(&mut self, at: i64, bytes: usize, probe: u8) {
        if at - self.newest > LONGEST_MICROS {
            self.first += self.sent.len() as u64;
            self.sent.clear();
        }
        self.newest = at;
        for _ in 0..FORGOTTEN {
            let old = |sent: &Sent| at - full(at, sent.at) > LONGEST_MICROS;
            if self.sent.len() < MOST && !self.sent.front().is_some_and(old) {
                break;
            }
            self.sent.pop_front();
            self.first += 1;
        }
        let bytes = u16::try_from(bytes).unwrap_or(u16::MAX);
        ring::append(&mut self.sent, Sent { at: at as u32, bytes, probe }, MOST);
    }

    /// Asks the processor for where [`Self::push`] will write.
    pub(super) fn prefetch(&self) {
        ring::prefetch(&self.sent);
    }

    /// What feedback says about: `None` for a number that was not sent, or so long ago that it is
    /// forgotten.
    pub(super) fn get(&self, seq: u16) -> Option<Landed> {
        let newest = self.first + self.sent.len() as u64;
        let behind = u64::from((newest as u16).wrapping_sub(seq));
        let index = newest.checked_sub(behind)?.checked_sub(self.first)?;
        let sent = self.sent.get(usize::try_from(index).ok()?)?;
        let seq = self.first + index;
        let at = full(self.newest, sent.at);
        Some(Landed { seq, sent: at, bytes: u32::from(sent.bytes), probe: sent.probe })
    }
}

/// The time with these low bits that is nearest to `near`.
fn full(near: i64, low: u32) -> i64 {
    near - i64::from((near as u32).wrapping_sub(low) as i32)
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

    /// Pauses around which the low bits of a time begin again.
    const PAUSES: [i64; 7] = [
        LONGEST_MICROS + 1,
        3_000_000,
        66_000_000,
        40 * 60_000_000,
        72 * 60_000_000,
        (1 << 31) - 1_000,
        (1 << 32) + 1_000,
    ];

    #[test]
    fn a_packet_takes_eight_bytes() {
        assert_eq!(size_of::<Sent>(), 8);
    }

    #[test]
    fn nothing_of_before_a_pause_is_named_after_it() {
        for pause in PAUSES {
            let mut flight = Flight::default();
            for packet in 0..700_i64 {
                flight.push(packet * 2_800, 1200, 1);
            }
            let before = flight.get(10).map(|landed| (landed.seq, landed.sent));
            assert_eq!(before, Some((10, 28_000)), "a pause alone changes nothing");
            let after = 699 * 2_800 + pause;
            assert_eq!(flight.next(), 700);
            flight.push(after, 900, 2);
            assert!((0..700).all(|seq| flight.get(seq).is_none()), "{pause}");
            assert_eq!(flight.get(700), Some(Landed { seq: 700, sent: after, bytes: 900, probe: 2 }));
            assert_eq!(flight.next(), 701, "numbers go on");
        }
    }

    #[test]
    fn times_are_whole_wherever_the_low_bits_begin_again() {
        for start in [0, (1 << 31) - 1_000_000, (1 << 32) - 1_000_000, (1 << 40) - 1_000_000] {
            let mut flight = Flight::default();
            for packet in 0..700_i64 {
                flight.push(start + packet * 2_800, 1200, 0);
                for back in [0, packet / 2, packet] {
                    let landed = flight.get((packet - back) as u16).expect("it is on its way");
                    assert_eq!(landed.sent, start + (packet - back) * 2_800);
                }
            }
        }
    }

    #[test]
    fn times_are_whole_where_many_packets_are_followed_by_few() {
        let mut flight = Flight::default();
        let mut sent = vec![0_i64; MOST];
        sent.extend((1..4_000).map(|packet| packet * LONGEST_MICROS));
        let mut oldest = 0;
        for (packet, at) in sent.iter().enumerate() {
            flight.push(*at, 1200, 0);
            for back in 0..flight.sent.len() {
                let landed = flight.get((packet - back) as u16).expect("it is on its way");
                assert_eq!(landed.sent, sent[packet - back]);
                oldest = oldest.max(at - landed.sent);
                if back > 4 && back + 4 < flight.sent.len() && packet < MOST {
                    break;
                }
            }
        }
        assert!(flight.sent.len() <= 2, "what is old is gone");
        assert!(oldest < 18 * 60_000_000, "{oldest}");
    }

    #[test]
    fn a_clock_that_steps_back_a_little_does_no_harm() {
        let mut flight = Flight::default();
        flight.push(5_000, 100, 0);
        flight.push(4_000, 100, 0);
        assert_eq!(flight.get(0).map(|landed| landed.sent), Some(5_000));
        assert_eq!(flight.get(1).map(|landed| landed.sent), Some(4_000));
    }

    #[test]
    fn room_is_for_little_more_than_two_seconds() {
        let mut flight = Flight::default();
        // 350 packets a second.
        let mut push = |packets: std::ops::Range<i64>| {
            packets.for_each(|packet| flight.push(packet * 1_000_000 / 350, 1200, 0));
            flight.sent.capacity()
        };
        let room = push(0..1_000);
        assert!(room <= 900, "{room}");
        assert_eq!(push(1_000..350 * 600), room);
    }
}
