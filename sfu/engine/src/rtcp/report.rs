//! Sender and receiver reports, and BYE (RFC 3550 §6.4 and §6.6).

use super::word;

/// Length of a report block in bytes.
const BLOCK: usize = 24;

/// The report blocks of one sender or receiver report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reports<'a> {
    /// SSRC of who reports.
    pub sender: u32,
    blocks: &'a [u8],
}

impl<'a> Reports<'a> {
    /// `info` is the length of what stands between SSRC and blocks.
    pub(super) fn parse(body: &'a [u8], count: u8, info: usize) -> Option<Self> {
        let blocks = body.get(4 + info..)?;
        Some(Self { sender: word(body, 0)?, blocks: blocks.get(..usize::from(count) * BLOCK)? })
    }

    /// Its blocks, one for each stream.
    pub fn blocks(&self) -> impl Iterator<Item = ReportBlock> + use<'a> {
        self.blocks.as_chunks::<BLOCK>().0.iter().map(ReportBlock::parse)
    }
}

/// What a receiver says about one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportBlock {
    /// SSRC of the stream.
    pub ssrc: u32,
    /// Share of packets lost since the report before, in 1/256.
    pub fraction_lost: u8,
    /// Packets lost in all; negative when duplicates outnumber losses.
    pub lost: i32,
    /// Highest sequence number received, with the count of its wraps above it.
    pub highest: u32,
    /// Interarrival jitter in units of the RTP clock.
    pub jitter: u32,
    /// Middle 32 bits of the NTP time of the last sender report; 0 without any.
    pub last_report: u32,
    /// Time since that arrived, in 1/65536 s.
    pub delay: u32,
}

impl ReportBlock {
    fn parse(bytes: &[u8; BLOCK]) -> Self {
        let at = |at| word(bytes, at).unwrap_or_default();
        Self {
            ssrc: at(0),
            fraction_lost: bytes[4],
            // Shifted up and down again: the sign is in bit 23.
            lost: (at(4) << 8).cast_signed() >> 8,
            highest: at(8),
            jitter: at(12),
            last_report: at(16),
            delay: at(20),
        }
    }

    /// Round trip in microseconds; `now` is [`ntp_middle`] of the arrival of the report, by the clock
    /// of our sender reports. `None` before the first sender report has arrived, and for nonsense.
    pub fn round_trip(&self, now: u32) -> Option<i64> {
        if self.last_report == 0 {
            return None;
        }
        let units = now.wrapping_sub(self.last_report).wrapping_sub(self.delay).cast_signed();
        // Rounding may make a short way negative; more than that is no round trip.
        (units > -ROUNDING).then(|| i64::from(units.max(0)) * 1_000_000 / 65_536)
    }
}

/// How far below zero a round trip may be by rounding, in 1/65536 s: 5 ms. More takes a wrong clock
/// for a short way.
const ROUNDING: i32 = 328;

/// The middle 32 bits of a 64-bit NTP time, which count 1/65536 s.
#[expect(clippy::cast_possible_truncation, reason = "the upper 16 bits are to go")]
pub const fn ntp_middle(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

/// The end of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bye<'a> {
    sources: &'a [u8],
}

impl<'a> Bye<'a> {
    pub(super) fn parse(body: &'a [u8], count: u8) -> Option<Self> {
        body.get(..usize::from(count) * 4).map(|sources| Self { sources })
    }

    /// SSRCs that end.
    pub fn sources(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.sources.as_chunks().0.iter().map(|ssrc| u32::from_be_bytes(*ssrc))
    }
}
