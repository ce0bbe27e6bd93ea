//! Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1): which packets
//! arrived, and when.
//!
//! ```text
//! base seq │ count │ reference time (64 ms), number │ chunks: a status each │ deltas of what arrived
//! ```

use super::word;

/// Unit of arrival deltas in microseconds.
pub const TICK_MICROS: i64 = 250;

/// Ticks of one step of the reference time: 64 ms.
const REFERENCE_TICKS: i64 = 256;

/// Values of the 24-bit reference time.
const REFERENCE_VALUES: i64 = 1 << 24;

/// One message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransportFeedback<'a> {
    /// SSRC of who sends it.
    pub sender: u32,
    /// First transport sequence number that it is about.
    pub base: u16,
    /// How many packets it is about.
    pub count: u16,
    /// Reference time in steps of 64 ms, 24 bits; see [`ArrivalClock`].
    pub reference: u32,
    /// Number of the message, which wraps.
    pub number: u8,
    chunks: &'a [u8],
    deltas: &'a [u8],
}

impl<'a> TransportFeedback<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        let counts = word(body, 8)?;
        let times = word(body, 12)?;
        let [base0, base1, count0, count1] = counts.to_be_bytes();
        let count = u16::from_be_bytes([count0, count1]);
        let rest = body.get(16..)?;
        let (mut covered, mut length) = (0, 0);
        while covered < u32::from(count) {
            covered += u32::from(Chunk(*rest.get(length..)?.first_chunk()?).len());
            length += 2;
        }
        let (chunks, deltas) = rest.split_at(length);
        let base = u16::from_be_bytes([base0, base1]);
        let [.., number] = times.to_be_bytes();
        Some(Self { sender: word(body, 0)?, base, count, reference: times >> 8, number, chunks, deltas })
    }

    /// Each packet's sequence number and, if it arrived, when: in [`TICK_MICROS`] since the reference
    /// time. Ends early where deltas are missing.
    pub const fn arrivals(&self) -> Arrivals<'a> {
        Arrivals {
            chunks: self.chunks,
            deltas: self.deltas,
            chunk: Chunk([0, 0]),
            at: 0,
            length: 0,
            seq: self.base,
            left: self.count,
            ticks: 0,
        }
    }
}

/// See [`TransportFeedback::arrivals`].
#[derive(Debug, Clone)]
pub struct Arrivals<'a> {
    chunks: &'a [u8],
    deltas: &'a [u8],
    chunk: Chunk,
    at: u16,
    length: u16,
    seq: u16,
    left: u16,
    ticks: i64,
}

impl Iterator for Arrivals<'_> {
    type Item = (u16, Option<i64>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        while self.at == self.length {
            let (chunk, rest) = self.chunks.split_first_chunk::<2>()?;
            self.chunks = rest;
            self.chunk = Chunk(*chunk);
            (self.at, self.length) = (0, self.chunk.len());
        }
        let arrived = match self.chunk.status(self.at) {
            SMALL => {
                let (delta, rest) = self.deltas.split_first()?;
                self.deltas = rest;
                self.ticks += i64::from(*delta);
                Some(self.ticks)
            }
            LARGE => {
                let (delta, rest) = self.deltas.split_first_chunk::<2>()?;
                self.deltas = rest;
                self.ticks += i64::from(i16::from_be_bytes(*delta));
                Some(self.ticks)
            }
            _ => None,
        };
        let seq = self.seq;
        self.at += 1;
        self.left -= 1;
        self.seq = seq.wrapping_add(1);
        Some((seq, arrived))
    }
}

/// Arrived, with a delta of 8 bits without a sign (§3.1.1). Status 0 is a packet that did not arrive,
/// status 3 is reserved and has no delta.
const SMALL: u8 = 1;

/// Arrived, with a delta of 16 bits with a sign.
const LARGE: u8 = 2;

/// Statuses of some packets in a row (§3.1.2 to §3.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chunk([u8; 2]);

impl Chunk {
    const fn bits(self) -> u16 {
        u16::from_be_bytes(self.0)
    }

    /// How many packets it is about: a run, or a vector of one or two bits each.
    const fn len(self) -> u16 {
        match self.bits() >> 14 {
            0 | 1 => self.bits() & 0x1fff,
            2 => 14,
            _ => 7,
        }
    }

    const fn status(self, at: u16) -> u8 {
        let status = match self.bits() >> 14 {
            0 | 1 => self.bits() >> 13 & 3,
            2 => self.bits() >> (13 - at) & 1,
            _ => self.bits() >> (12 - 2 * at) & 3,
        };
        status.to_be_bytes()[1]
    }
}

/// The receiver's clock, whose 24-bit reference time wraps every 12.4 days.
#[derive(Debug, Clone, Copy, Default)]
pub struct ArrivalClock {
    newest: Option<i64>,
}

impl ArrivalClock {
    /// The reference time of a message in microseconds on a clock that does not wrap. Messages may
    /// come in another order than they were sent.
    pub fn reference(&mut self, feedback: &TransportFeedback<'_>) -> i64 {
        let value = i64::from(feedback.reference) % REFERENCE_VALUES;
        let steps = match self.newest {
            None => value,
            Some(newest) => {
                let ahead = (value - newest).rem_euclid(REFERENCE_VALUES);
                let behind = ahead >= REFERENCE_VALUES / 2;
                newest + if behind { ahead - REFERENCE_VALUES } else { ahead }
            }
        };
        self.newest = Some(self.newest.map_or(steps, |newest| newest.max(steps)));
        steps * REFERENCE_TICKS * TICK_MICROS
    }
}
