//! RTP headers as viewers get them (RFC 3550 §5.1, RFC 8285), written straight into bytes.

use smallvec::SmallVec;
use str0m::rtp::{Extension, ExtensionMap};

use crate::extension::DEPENDENCY_DESCRIPTOR;
use crate::packet::Carried;

/// A longer dependency descriptor is left out; 255 is what a two-byte element can hold.
const LONGEST_DESCRIPTOR: usize = 255;

/// Profiles of RFC 8285 §4.2 and §4.3.
const ONE_BYTE: u16 = 0xbede;
const TWO_BYTE: u16 = 0x1000;

/// Ids of the header extensions that a viewer has negotiated for a track; 0 for those that it has not.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ids {
    /// transport-wide-cc.
    pub transport: u8,
    /// RFC 8843 MID.
    pub mid: u8,
    /// playout-delay.
    pub playout: u8,
    /// abs-capture-time.
    pub capture: u8,
    /// RFC 6464 audio level.
    pub level: u8,
    /// Coordination of video orientation (3GPP TS 26.114).
    pub orientation: u8,
    /// AV1 dependency descriptor.
    pub descriptor: u8,
}

impl Ids {
    /// The ids that an answer agreed on for one m-section.
    pub fn of(map: &ExtensionMap) -> Self {
        let mut ids = Self::default();
        for (id, extension) in map.iter() {
            match extension {
                Extension::TransportSequenceNumber => ids.transport = id,
                Extension::RtpMid => ids.mid = id,
                Extension::PlayoutDelay => ids.playout = id,
                Extension::AbsoluteCaptureTime => ids.capture = id,
                Extension::AudioLevel => ids.level = id,
                Extension::VideoOrientation => ids.orientation = id,
                other if other.as_uri() == DEPENDENCY_DESCRIPTOR => ids.descriptor = id,
                _ => {}
            }
        }
        ids
    }

    fn any_above_one_byte(&self) -> bool {
        let Self { transport, mid, playout, capture, level, orientation, descriptor } = *self;
        [transport, mid, playout, capture, level, orientation, descriptor].into_iter().any(|id| id > 14)
    }
}

/// The fixed part of a header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fixed {
    /// Payload type.
    pub pt: u8,
    /// Marker bit.
    pub marker: bool,
    /// Whether padding follows the payload.
    pub padding: bool,
    /// Low 16 bits of the sequence number.
    pub seq: u16,
    /// RTP timestamp.
    pub timestamp: u32,
    /// SSRC.
    pub ssrc: u32,
}

/// What goes into the extension block of one packet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Elements<'a> {
    /// Transport-wide sequence number.
    pub transport: u16,
    /// MID, as long as the viewer may not know the SSRC yet.
    pub mid: Option<&'a [u8]>,
    /// Playout delay: 12 bits least, 12 bits most, in units of 10 ms.
    pub playout: Option<[u8; 3]>,
    /// What the publisher said about the packet.
    pub carried: Option<&'a Carried>,
    /// Frame number for the dependency descriptor.
    pub frame_number: Option<u16>,
}

struct Block<'a> {
    out: &'a mut [u8],
    at: usize,
    two_byte: bool,
}

impl Block<'_> {
    fn put(&mut self, id: u8, value: &[u8]) -> Option<usize> {
        if id == 0 || value.is_empty() {
            return None;
        }
        if self.two_byte {
            self.out[self.at] = id;
            self.out[self.at + 1] = value.len() as u8;
            self.at += 2;
        } else {
            self.out[self.at] = id << 4 | (value.len() as u8 - 1);
            self.at += 1;
        }
        let start = self.at;
        self.out[start..start + value.len()].copy_from_slice(value);
        self.at += value.len();
        Some(start)
    }
}

/// Bytes of the header that [`write`] writes.
pub(super) fn length(ids: &Ids, elements: &Elements<'_>) -> usize {
    let each = |id: u8, length: usize| if id == 0 || length == 0 { (0, 0) } else { (1, length) };
    let carried = elements.carried;
    let capture = carried.and_then(|carried| carried.capture.as_ref()).map_or(0, SmallVec::len);
    let descriptor = descriptor(ids, elements).map_or(0, <[u8]>::len);
    let parts = [
        each(ids.transport, 2),
        each(ids.playout, elements.playout.map_or(0, |_| 3)),
        each(ids.mid, elements.mid.map_or(0, <[u8]>::len)),
        each(ids.level, usize::from(carried.is_some_and(|carried| carried.level.is_some()))),
        each(ids.orientation, usize::from(carried.is_some_and(|carried| carried.orientation.is_some()))),
        each(ids.capture, capture),
        each(ids.descriptor, descriptor),
    ];
    let two_byte = ids.any_above_one_byte() || descriptor > 16;
    let (count, bytes) = parts.iter().fold((0, 0), |(count, bytes), part| (count + part.0, bytes + part.1));
    let block: usize = bytes + count * (1 + usize::from(two_byte));
    if block == 0 { 12 } else { 16 + block.next_multiple_of(4) }
}

/// The dependency descriptor of a packet, where it was agreed on and has room.
fn descriptor<'a>(ids: &Ids, elements: &Elements<'a>) -> Option<&'a [u8]> {
    let bytes = elements.carried?.descriptor.as_deref()?;
    (ids.descriptor != 0 && bytes.len() <= LONGEST_DESCRIPTOR).then_some(bytes)
}

/// Writes a header into `out`, which has [`length`] bytes at least; returns that length.
pub(super) fn write(out: &mut [u8], fixed: Fixed, ids: &Ids, elements: Elements<'_>) -> usize {
    let Fixed { pt, marker, padding, seq, timestamp, ssrc } = fixed;
    out[1] = pt & 0x7f | u8::from(marker) << 7;
    out[2..4].copy_from_slice(&seq.to_be_bytes());
    out[4..8].copy_from_slice(&timestamp.to_be_bytes());
    out[8..12].copy_from_slice(&ssrc.to_be_bytes());
    let descriptor = descriptor(ids, &elements);
    let two_byte = ids.any_above_one_byte() || descriptor.is_some_and(|bytes| bytes.len() > 16);
    let mut block = Block { out, at: 16, two_byte };
    block.put(ids.transport, &elements.transport.to_be_bytes());
    if let Some(playout) = elements.playout {
        block.put(ids.playout, &playout);
    }
    if let Some(mid) = elements.mid {
        block.put(ids.mid, mid);
    }
    if let Some(carried) = elements.carried {
        if let Some(level) = carried.level {
            block.put(ids.level, &[level]);
        }
        if let Some(orientation) = carried.orientation {
            block.put(ids.orientation, &[orientation]);
        }
        if let Some(capture) = &carried.capture {
            block.put(ids.capture, capture);
        }
    }
    if let Some(bytes) = descriptor
        && let Some(start) = block.put(ids.descriptor, bytes)
        && let Some(number) = elements.frame_number
    {
        let end = block.at;
        sluice_media::dd::rewrite_frame_number(&mut block.out[start..end], number);
    }
    let filled = block.at;
    let extended = filled > 16;
    out[0] = 0x80 | u8::from(padding) << 5 | u8::from(extended) << 4;
    if !extended {
        return 12;
    }
    let end = filled.next_multiple_of(4);
    out[filled..end].fill(0);
    let profile = if two_byte { TWO_BYTE } else { ONE_BYTE };
    out[12..14].copy_from_slice(&profile.to_be_bytes());
    out[14..16].copy_from_slice(&(((end - 16) / 4) as u16).to_be_bytes());
    end
}

#[cfg(test)]
mod tests;
