//! VP8 over RTP (RFC 7741): payload descriptor, key frames, renumbering.
//!
//! Chromium tells picture id and tl0picidx only where no dependency descriptor was negotiated, and
//! never the key frame number; receivers then rely on the descriptor or on plain continuity.

use crate::Resolution;

/// The payload descriptor in front of each VP8 payload (RFC 7741 4.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// N: no other picture refers to this one.
    pub non_reference: bool,
    /// S: a partition starts with this payload.
    pub partition_start: bool,
    /// PID: which partition, 0 to 7.
    pub partition: u8,
    /// Picture id of 7 or 15 bits.
    pub picture_id: Option<u16>,
    /// Whether the picture id has 15 bits; it wraps at 128 otherwise.
    pub long_picture_id: bool,
    /// Running number of base layer pictures, modulo 256.
    pub tl0: Option<u8>,
    /// TID: temporal layer, 0 the base.
    pub temporal: Option<u8>,
    /// Y: the picture refers to the base layer only, so a viewer may switch up here.
    pub layer_sync: bool,
    /// KEYIDX: running number of key frames, modulo 32.
    pub key_idx: Option<u8>,
    /// Where the fields are.
    places: Places,
}

/// Byte offsets of the fields that are renumbered, and of the VP8 data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Places {
    picture_id: usize,
    tl0: usize,
    key_idx: usize,
    data: usize,
}

impl Descriptor {
    /// Reads the descriptor; `None` where the payload ends inside it.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let mut descriptor = Self {
            non_reference: first & 0x20 != 0,
            partition_start: first & 0x10 != 0,
            partition: first & 0x07,
            ..Self::default()
        };
        let mut at = 1;
        if first & 0x80 != 0 {
            let extension = *payload.get(at)?;
            at += 1;
            if extension & 0x80 != 0 {
                let high = *payload.get(at)?;
                descriptor.places.picture_id = at;
                descriptor.long_picture_id = high & 0x80 != 0;
                if descriptor.long_picture_id {
                    let low = *payload.get(at + 1)?;
                    descriptor.picture_id = Some(u16::from_be_bytes([high & 0x7f, low]));
                    at += 2;
                } else {
                    descriptor.picture_id = Some(u16::from(high));
                    at += 1;
                }
            }
            if extension & 0x40 != 0 {
                descriptor.tl0 = Some(*payload.get(at)?);
                descriptor.places.tl0 = at;
                at += 1;
            }
            if extension & 0x30 != 0 {
                let byte = *payload.get(at)?;
                if extension & 0x20 != 0 {
                    descriptor.temporal = Some(byte >> 6);
                    descriptor.layer_sync = byte & 0x20 != 0;
                }
                if extension & 0x10 != 0 {
                    descriptor.key_idx = Some(byte & 0x1f);
                    descriptor.places.key_idx = at;
                }
                at += 1;
            }
        }
        descriptor.places.data = at;
        Some(descriptor)
    }

    /// Whether a picture starts with this payload.
    pub const fn frame_start(&self) -> bool {
        self.partition_start && self.partition == 0
    }

    /// The VP8 data behind the descriptor.
    pub fn data<'a>(&self, payload: &'a [u8]) -> &'a [u8] {
        payload.get(self.places.data..).unwrap_or_default()
    }
}

/// What one RTP payload carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Vp8Packet {
    /// The descriptor, all absent where it could not be read.
    pub descriptor: Descriptor,
    /// The packet starts a key frame.
    pub keyframe_start: bool,
    /// Picture size, where a key frame starts here.
    pub resolution: Option<Resolution>,
}

/// Looks into one RTP payload.
pub fn inspect(payload: &[u8]) -> Vp8Packet {
    let Some(descriptor) = Descriptor::parse(payload) else { return Vp8Packet::default() };
    let data = descriptor.data(payload);
    // The first bit of the frame tag is 0 on key frames (RFC 6386 9.1).
    let keyframe_start = descriptor.frame_start() && data.first().is_some_and(|tag| tag & 1 == 0);
    let resolution = if keyframe_start { key_frame_size(data) } else { None };
    Vp8Packet { descriptor, keyframe_start, resolution }
}

/// Size in the header of a key frame: three bytes of tag, start code, 14 bits each and 2 bits of
/// upscaling that WebRTC does not use.
pub(crate) fn key_frame_size(data: &[u8]) -> Option<Resolution> {
    let header = data.first_chunk::<10>()?;
    if header[3..6] != START_CODE {
        return None;
    }
    let width = u16::from_le_bytes([header[6], header[7]]) & 0x3fff;
    let height = u16::from_le_bytes([header[8], header[9]]) & 0x3fff;
    (width > 0 && height > 0).then_some((width, height))
}

/// Copies `payload` into `out` with other numbers, each where the descriptor already has it, so
/// the size stays. A 7-bit picture id stays one. False (and `out` empty) where the descriptor
/// could not be read.
pub fn rewrite(
    payload: &[u8],
    out: &mut Vec<u8>,
    picture_id: u16,
    tl0: Option<u8>,
    key_idx: Option<u8>,
) -> bool {
    out.clear();
    if Descriptor::parse(payload).is_none() {
        return false;
    }
    out.extend_from_slice(payload);
    rewrite_in_place(out, picture_id, tl0, key_idx)
}

/// As [`rewrite`], for a payload that is already a copy.
pub fn rewrite_in_place(payload: &mut [u8], picture_id: u16, tl0: Option<u8>, key_idx: Option<u8>) -> bool {
    let Some(descriptor) = Descriptor::parse(payload) else { return false };
    let places = descriptor.places;
    if descriptor.picture_id.is_some() {
        let [high, low] = picture_id.to_be_bytes();
        if descriptor.long_picture_id {
            payload[places.picture_id] = high | 0x80;
            payload[places.picture_id + 1] = low;
        } else {
            payload[places.picture_id] = low & 0x7f;
        }
    }
    if let (Some(tl0), Some(_)) = (tl0, descriptor.tl0) {
        payload[places.tl0] = tl0;
    }
    if let (Some(key_idx), Some(_)) = (key_idx, descriptor.key_idx) {
        payload[places.key_idx] = payload[places.key_idx] & 0xe0 | key_idx & 0x1f;
    }
    true
}

const START_CODE: [u8; 3] = [0x9d, 0x01, 0x2a];
