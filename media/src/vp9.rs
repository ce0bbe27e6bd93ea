//! VP9 over RTP (RFC 9628): payload descriptor, key frames, renumbering.

mod header;
mod structure;

pub(crate) use header::is_key_frame;
pub use structure::ScalabilityStructure;

use crate::Resolution;

/// The payload descriptor in front of each VP9 payload (RFC 9628 4.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// P: the picture refers to earlier pictures.
    pub inter_predicted: bool,
    /// F: references are told in each packet.
    pub flexible: bool,
    /// B: a frame (one spatial layer of a picture) starts with this payload.
    pub frame_start: bool,
    /// E: a frame ends with this payload.
    pub frame_end: bool,
    /// Z: no higher spatial layer of the same picture refers to this frame.
    pub not_reference_for_inter_spatial: bool,
    /// Picture id of 7 or 15 bits.
    pub picture_id: Option<u16>,
    /// Whether the picture id has 15 bits; it wraps at 128 otherwise.
    pub long_picture_id: bool,
    /// TID, SID, U and D, where told.
    pub layer: Option<LayerIndices>,
    /// Running number of base layer pictures, modulo 256; only outside flexible mode.
    pub tl0: Option<u8>,
    /// Scalability structure, usually on key frames only.
    pub structure: Option<ScalabilityStructure>,
    /// Where the fields are.
    places: Places,
}

/// Layer of a frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LayerIndices {
    /// TID, 0 the base.
    pub temporal: u8,
    /// U: a viewer may switch up to this temporal layer here.
    pub switching_up: bool,
    /// SID, 0 the base.
    pub spatial: u8,
    /// D: the frame refers to the next lower spatial layer of the same picture.
    pub inter_layer_predicted: bool,
}

/// Byte offsets of the fields that are renumbered, and of the VP9 data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Places {
    picture_id: usize,
    tl0: usize,
    data: usize,
}

impl Descriptor {
    /// Reads the descriptor; `None` where the payload ends inside it.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let first = *payload.first()?;
        let mut descriptor = Self {
            inter_predicted: first & 0x40 != 0,
            flexible: first & 0x10 != 0,
            frame_start: first & 0x08 != 0,
            frame_end: first & 0x04 != 0,
            not_reference_for_inter_spatial: first & 0x01 != 0,
            ..Self::default()
        };
        let mut at = 1;
        if first & 0x80 != 0 {
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
        if first & 0x20 != 0 {
            let byte = *payload.get(at)?;
            at += 1;
            descriptor.layer = Some(LayerIndices {
                temporal: byte >> 5,
                switching_up: byte & 0x10 != 0,
                spatial: byte >> 1 & 0x07,
                inter_layer_predicted: byte & 0x01 != 0,
            });
            if !descriptor.flexible {
                descriptor.tl0 = Some(*payload.get(at)?);
                descriptor.places.tl0 = at;
                at += 1;
            }
        }
        if descriptor.flexible && descriptor.inter_predicted {
            // At most three references; N says that another one follows.
            for _ in 0..3 {
                let reference = *payload.get(at)?;
                at += 1;
                if reference & 1 == 0 {
                    break;
                }
            }
        }
        if first & 0x02 != 0 {
            let (structure, size) = ScalabilityStructure::parse(payload.get(at..)?)?;
            descriptor.structure = Some(structure);
            at += size;
        }
        descriptor.places.data = at;
        Some(descriptor)
    }

    /// Whether the descriptor calls this the start of a key frame: nothing earlier is referred to
    /// and it is the lowest spatial layer. Higher layers of a key picture refer to that one.
    pub fn keyframe_start(&self) -> bool {
        !self.inter_predicted && self.frame_start && self.layer.is_none_or(|layer| layer.spatial == 0)
    }

    /// The VP9 data behind the descriptor.
    pub fn data<'a>(&self, payload: &'a [u8]) -> &'a [u8] {
        payload.get(self.places.data..).unwrap_or_default()
    }
}

/// What one RTP payload carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Vp9Packet {
    /// The descriptor, all absent where it could not be read.
    pub descriptor: Descriptor,
    /// The packet starts a key frame.
    pub keyframe_start: bool,
    /// Size of the highest layer that the scalability structure tells, or of the key frame itself.
    pub resolution: Option<Resolution>,
}

/// Looks into one RTP payload.
pub fn inspect(payload: &[u8]) -> Vp9Packet {
    let Some(descriptor) = Descriptor::parse(payload) else { return Vp9Packet::default() };
    let data = descriptor.data(payload);
    // ffmpeg leaves P at 0 on every packet, and intra-only frames have it at 0 rightly: the frame
    // itself has the last word where it can be read (it cannot be with end-to-end encryption).
    let keyframe_start = descriptor.keyframe_start() && is_key_frame(data).unwrap_or(true);
    let told = descriptor.structure.and_then(|structure| structure.highest_resolution());
    let resolution =
        told.or_else(|| if keyframe_start { header::key_frame_size(descriptor.data(payload)) } else { None });
    Vp9Packet { descriptor, keyframe_start, resolution }
}

/// Copies `payload` into `out` with other numbers, each where the descriptor already has it, so
/// the size stays. A 7-bit picture id stays one. False (and `out` empty) where the descriptor
/// could not be read.
pub fn rewrite(payload: &[u8], out: &mut Vec<u8>, picture_id: u16, tl0: Option<u8>) -> bool {
    out.clear();
    if Descriptor::parse(payload).is_none() {
        return false;
    }
    out.extend_from_slice(payload);
    rewrite_in_place(out, picture_id, tl0)
}

/// As [`rewrite`], for a payload that is already a copy.
pub fn rewrite_in_place(payload: &mut [u8], picture_id: u16, tl0: Option<u8>) -> bool {
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
    true
}
