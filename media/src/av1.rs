//! AV1 over RTP (the AOM's RTP payload specification): aggregation header, OBUs, key frames.

mod sequence;

pub use sequence::SequenceHeader;

use crate::Resolution;

/// The byte in front of each AV1 payload (section 4.4 of the payload specification).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AggregationHeader {
    /// Z: the first OBU element goes on from the packet before.
    pub continues: bool,
    /// Y: the last OBU element goes on in the next packet.
    pub continued: bool,
    /// W: number of OBU elements, 0 where each has a length.
    pub count: u8,
    /// N: the packet starts a coded video sequence.
    pub new_sequence: bool,
}

impl AggregationHeader {
    /// Reads the first byte of a payload.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let byte = *payload.first()?;
        Some(Self {
            continues: byte & 0x80 != 0,
            continued: byte & 0x40 != 0,
            count: byte >> 4 & 0x03,
            new_sequence: byte & 0x08 != 0,
        })
    }
}

/// One OBU, or the start of one, inside a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Obu<'a> {
    /// `obu_type`.
    pub kind: u8,
    /// Temporal and spatial layer, where the OBU has an extension header.
    pub layer: Option<(u8, u8)>,
    /// The bytes behind the header, as far as they are in this packet.
    pub body: &'a [u8],
}

impl<'a> Obu<'a> {
    fn parse(element: &'a [u8]) -> Option<Self> {
        let (header, mut body) = element.split_first()?;
        if header & 0x80 != 0 {
            return None;
        }
        let mut layer = None;
        if header & 0x04 != 0 {
            let (extension, rest) = body.split_first()?;
            layer = Some((extension >> 5, extension >> 3 & 0x03));
            body = rest;
        }
        if header & 0x02 != 0 {
            let (size, rest) = leb128(body)?;
            body = rest.get(..size).unwrap_or(rest);
        }
        Some(Self { kind: header >> 3 & 0x0f, layer, body })
    }
}

/// The OBUs that start inside a payload; the rest of one from the packet before is left out.
pub fn obus(payload: &[u8]) -> impl Iterator<Item = Obu<'_>> {
    let header = AggregationHeader::parse(payload);
    let skipped = usize::from(header.is_some_and(|header| header.continues));
    let elements = Elements {
        rest: payload.get(1..).unwrap_or_default(),
        left: header.map(|header| header.count).filter(|count| *count > 0),
    };
    elements.skip(skipped).filter_map(Obu::parse)
}

/// Walks OBU elements; a cut one ends the walk.
struct Elements<'a> {
    rest: &'a [u8],
    /// Elements left, where the aggregation header counts them; the last one has no length then.
    left: Option<u8>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() || self.left == Some(0) {
            return None;
        }
        if self.left == Some(1) {
            return Some(std::mem::take(&mut self.rest));
        }
        self.left = self.left.map(|left| left - 1);
        let (size, rest) = leb128(std::mem::take(&mut self.rest))?;
        let (element, rest) = rest.split_at_checked(size)?;
        self.rest = rest;
        Some(element)
    }
}

/// Little-endian base 128 (AV1 4.10.5), at most eight bytes and 32 bits.
pub(crate) fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(8).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let size = usize::try_from(u32::try_from(value).ok()?).ok()?;
            return Some((size, &bytes[index + 1..]));
        }
    }
    None
}

/// What one RTP payload carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Av1Packet {
    /// The packet starts a key frame: a new coded video sequence, or a sequence header in front.
    pub keyframe_start: bool,
    /// A frame or its header starts here. Several layers of one picture each start one.
    pub frame_start: bool,
    /// A sequence header is inside.
    pub has_sequence_header: bool,
    /// Temporal layer of the first OBU that tells one.
    pub temporal: u8,
    /// Spatial layer of the first OBU that tells one.
    pub spatial: u8,
    /// Largest picture size of the sequence, where a sequence header is inside.
    pub resolution: Option<Resolution>,
}

/// Looks into one RTP payload.
pub fn inspect(payload: &[u8]) -> Av1Packet {
    let mut packet = Av1Packet::default();
    let Some(header) = AggregationHeader::parse(payload) else { return packet };
    let mut layer = None;
    for obu in obus(payload) {
        layer = layer.or(obu.layer);
        match obu.kind {
            OBU_SEQUENCE_HEADER => {
                packet.has_sequence_header = true;
                packet.resolution = SequenceHeader::parse(obu.body).map(|sequence| sequence.resolution);
            }
            OBU_FRAME_HEADER | OBU_FRAME => packet.frame_start = true,
            _ => {}
        }
    }
    (packet.temporal, packet.spatial) = layer.unwrap_or_default();
    packet.frame_start |= packet.has_sequence_header;
    // N together with Z is forbidden; such a packet is the middle of something.
    packet.keyframe_start = !header.continues && (header.new_sequence || packet.has_sequence_header);
    packet
}

pub(crate) const OBU_SEQUENCE_HEADER: u8 = 1;
pub(crate) const OBU_FRAME_HEADER: u8 = 3;
pub(crate) const OBU_FRAME: u8 = 6;
