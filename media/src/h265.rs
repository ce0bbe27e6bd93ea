//! H.265 over RTP (RFC 7798): what one packet carries.
//!
//! Single NAL unit packets, aggregation packets and fragmentation units without decoding order
//! numbers (`sprop-max-don-diff` 0), which is all that WebRTC uses.

mod parameters;
mod sps;

pub use parameters::ParameterSets;
pub use sps::Sps;

use crate::Resolution;
use crate::unit::Units;

/// What one RTP payload carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct H265Packet {
    /// The packet starts a random access picture (IDR, CRA or BLA): it holds a VPS or SPS, or the
    /// first slice segment of the picture whole or as the first fragment.
    pub keyframe_start: bool,
    /// The packet may be the first of its picture.
    pub frame_start: bool,
    /// A slice of a random access picture is inside, or a fragment of one.
    pub has_irap: bool,
    /// A video parameter set is inside.
    pub has_vps: bool,
    /// A sequence parameter set is inside.
    pub has_sps: bool,
    /// A picture parameter set is inside.
    pub has_pps: bool,
    /// Pictures leave the decoder in another order than they enter it. The slice type says
    /// nothing here, because low-delay encoders write B slices that refer backwards only; the
    /// reorder count of the SPS and leading pictures do.
    pub reorders: bool,
    /// Temporal sub-layer of the last unit, 0 the base.
    pub temporal: u8,
    /// Picture size, where a sequence parameter set is inside.
    pub resolution: Option<Resolution>,
}

/// Looks into one RTP payload.
pub fn inspect(payload: &[u8]) -> H265Packet {
    let mut packet = H265Packet::default();
    let mut has_other_slice = false;
    for nal in nals(payload) {
        packet.temporal = nal.temporal;
        match nal.kind {
            0..=31 => {
                let irap = IRAP.contains(&nal.kind);
                packet.has_irap |= irap;
                has_other_slice |= !irap;
                packet.reorders |= LEADING.contains(&nal.kind);
                let first_segment =
                    nal.body.and_then(<[u8]>::first).is_some_and(|byte| byte & FIRST_SEGMENT != 0);
                packet.frame_start |= first_segment;
                packet.keyframe_start |= irap && first_segment;
            }
            NAL_VPS => packet.has_vps = true,
            NAL_SPS => {
                packet.has_sps = true;
                if let Some(sps) = nal.whole.and_then(Sps::parse) {
                    packet.resolution = Some((sps.width, sps.height));
                    packet.reorders |= sps.max_reorder > 0;
                }
            }
            NAL_PPS => packet.has_pps = true,
            NAL_DELIMITER => packet.frame_start = true,
            _ => {}
        }
    }
    let has_set = packet.has_vps || packet.has_sps;
    packet.frame_start |= has_set;
    packet.keyframe_start |= has_set && !has_other_slice;
    packet
}

/// One NAL unit, or the fragment of one, inside a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nal<'a> {
    /// `nal_unit_type`, 0 to 47 (for a fragment, of the whole unit).
    pub kind: u8,
    /// `TemporalId`, 0 to 6.
    pub temporal: u8,
    /// The bytes behind the two-byte NAL header, where the unit starts here.
    pub body: Option<&'a [u8]>,
    /// The unit with its header, where all of it is here.
    pub whole: Option<&'a [u8]>,
}

/// The NAL units inside a payload; none inside PACI packets.
pub fn nals(payload: &[u8]) -> impl Iterator<Item = Nal<'_>> {
    let (single, units) = match payload.first().map_or(0, |header| kind(*header)) {
        PACKET_AP => (None, payload.get(2..).unwrap_or_default()),
        PACKET_FU => (fragment(payload), [].as_slice()),
        _ => (whole(payload), [].as_slice()),
    };
    single.into_iter().chain(Units::new(units).filter_map(whole))
}

fn whole(unit: &[u8]) -> Option<Nal<'_>> {
    let (header, body) = unit.split_first_chunk::<2>()?;
    let kind = kind(header[0]);
    (kind < 48).then_some(Nal { kind, temporal: temporal(header[1]), body: Some(body), whole: Some(unit) })
}

fn fragment(payload: &[u8]) -> Option<Nal<'_>> {
    let (header, body) = payload.split_first_chunk::<3>()?;
    let starts = header[2] & FU_START != 0;
    let kind = header[2] & 0x3f;
    (kind < 48).then_some(Nal {
        kind,
        temporal: temporal(header[1]),
        body: starts.then_some(body),
        whole: None,
    })
}

pub(crate) const fn kind(first: u8) -> u8 {
    first >> 1 & 0x3f
}

/// `nuh_temporal_id_plus1` is never 0 in a valid stream.
const fn temporal(second: u8) -> u8 {
    (second & 0x07).saturating_sub(1)
}

const FU_START: u8 = 0x80;
/// `first_slice_segment_in_pic_flag`, the first bit of each slice segment header (7.3.6.1).
pub(crate) const FIRST_SEGMENT: u8 = 0x80;
/// BLA, IDR, CRA and the two reserved random access types (table 7-1).
pub(crate) const IRAP: std::ops::RangeInclusive<u8> = 16..=23;
/// RADL and RASL: shown before the random access picture that they follow.
const LEADING: std::ops::RangeInclusive<u8> = 6..=9;
pub(crate) const NAL_VPS: u8 = 32;
pub(crate) const NAL_SPS: u8 = 33;
pub(crate) const NAL_PPS: u8 = 34;
pub(crate) const NAL_DELIMITER: u8 = 35;
pub(crate) const PACKET_AP: u8 = 48;
pub(crate) const PACKET_FU: u8 = 49;
