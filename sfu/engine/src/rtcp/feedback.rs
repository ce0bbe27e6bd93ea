//! Feedback about one stream: NACK, FIR, REMB.

use super::word;

/// Lost packets of one stream (RFC 4585 §6.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nack<'a> {
    /// SSRC of the stream.
    pub media: u32,
    entries: &'a [u8],
}

impl<'a> Nack<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        Some(Self { media: word(body, 4)?, entries: body.get(8..)? })
    }

    /// Sequence numbers that are missing.
    pub fn lost(&self) -> impl Iterator<Item = u16> + use<'a> {
        self.entries.as_chunks().0.iter().flat_map(|&[p0, p1, b0, b1]| {
            let (first, following) = (u16::from_be_bytes([p0, p1]), u16::from_be_bytes([b0, b1]));
            let bits = (0..16).filter(move |bit| following >> bit & 1 == 1);
            std::iter::once(first).chain(bits.map(move |bit: u16| first.wrapping_add(bit + 1)))
        })
    }
}

/// Requests for key frames (RFC 5104 §4.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fir<'a> {
    entries: &'a [u8],
}

impl<'a> Fir<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        body.get(8..).map(|entries| Self { entries })
    }

    /// SSRC and number of each request; a repeated request has the same number.
    pub fn requests(&self) -> impl Iterator<Item = (u32, u8)> + use<'a> {
        let entry = |&[a, b, c, d, seq, ..]: &[u8; 8]| (u32::from_be_bytes([a, b, c, d]), seq);
        self.entries.as_chunks::<8>().0.iter().map(entry)
    }
}

/// The receiver's own estimate (draft-alvestrand-rmcat-remb-03 §2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remb<'a> {
    /// Bits per second.
    pub bitrate: u64,
    sources: &'a [u8],
}

impl<'a> Remb<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        if body.get(8..12)? != b"REMB" {
            return None;
        }
        let value = word(body, 12)?;
        let (count, exponent, mantissa) = (value >> 24, value >> 18 & 0x3f, u64::from(value & 0x3_ffff));
        // An exponent is 6 bits wide and may shift the mantissa out of any integer.
        let bitrate = u64::try_from(u128::from(mantissa) << exponent).unwrap_or(u64::MAX);
        let length = usize::try_from(count).ok()? * 4;
        Some(Self { bitrate, sources: body.get(16..)?.get(..length)? })
    }

    /// SSRCs that it is about.
    pub fn sources(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.sources.as_chunks().0.iter().map(|ssrc| u32::from_be_bytes(*ssrc))
    }
}
