//! H.264 over RTP (RFC 6184): what one packet carries.
//!
//! Packetisation modes 0 and 1 are understood (single NAL unit, STAP-A, FU-A); the interleaved
//! mode's packets are carried without being looked into, because WebRTC never negotiates it.

mod parameters;
mod sps;
mod vui;

pub use parameters::ParameterSets;
pub use sps::Sps;
pub(crate) use sps::cropped;

use crate::Resolution;
use crate::bits::BitReader;
use crate::unit::Units;

/// What one RTP payload carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct H264Packet {
    /// The packet starts an IDR access unit: it holds its sequence parameter set, or the first
    /// slice of the IDR picture whole or as the first fragment. Where the encoder sends SPS and
    /// IDR in packets of their own, both say so; they share one RTP timestamp.
    pub keyframe_start: bool,
    /// The packet may be the first of its picture: a parameter set, a delimiter or a slice that
    /// begins at the first macroblock.
    pub frame_start: bool,
    /// A slice of an IDR picture is inside, or a fragment of one.
    pub has_idr: bool,
    /// A sequence parameter set is inside.
    pub has_sps: bool,
    /// A picture parameter set is inside.
    pub has_pps: bool,
    /// A bidirectionally predicted slice begins inside; browsers do not play those in order.
    pub has_b_slice: bool,
    /// Picture size, where a sequence parameter set is inside.
    pub resolution: Option<Resolution>,
}

/// Looks into one RTP payload.
pub fn inspect(payload: &[u8]) -> H264Packet {
    let mut packet = H264Packet::default();
    let mut has_other_slice = false;
    for nal in nals(payload) {
        match nal.kind {
            NAL_SLICE | NAL_PARTITION_A | NAL_IDR => {
                let idr = nal.kind == NAL_IDR;
                packet.has_idr |= idr;
                has_other_slice |= !idr;
                let Some(slice) = nal.body.filter(|_| nal.starts).and_then(SliceHeader::parse) else {
                    continue;
                };
                packet.has_b_slice |= slice.is_b;
                packet.frame_start |= slice.first_mb == 0;
                packet.keyframe_start |= idr && slice.first_mb == 0;
            }
            NAL_SPS => {
                packet.has_sps = true;
                packet.resolution = nal.whole.and_then(Sps::parse).map(|sps| (sps.width, sps.height));
            }
            NAL_PPS => packet.has_pps = true,
            NAL_DELIMITER => packet.frame_start = true,
            _ => {}
        }
    }
    packet.frame_start |= packet.has_sps;
    // Some encoders repeat the SPS before ordinary pictures; together in one packet that shows.
    packet.keyframe_start |= packet.has_sps && !has_other_slice;
    packet
}

/// One NAL unit, or the fragment of one, inside a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nal<'a> {
    /// `nal_unit_type`, 1 to 23 (for a fragment, of the whole unit).
    pub kind: u8,
    /// False for all fragments but the first.
    pub starts: bool,
    /// The bytes behind the NAL header, where the unit starts here.
    pub body: Option<&'a [u8]>,
    /// The unit with its header, where all of it is here.
    pub whole: Option<&'a [u8]>,
}

/// The NAL units inside a payload; none for packets of the interleaved mode.
pub fn nals(payload: &[u8]) -> impl Iterator<Item = Nal<'_>> {
    let kind = payload.first().map_or(0, |header| header & KIND);
    let (single, units) = match kind {
        PACKET_STAP_A => (None, payload.get(1..).unwrap_or_default()),
        PACKET_FU_A => (fragment(payload), [].as_slice()),
        _ => (whole(payload), [].as_slice()),
    };
    single.into_iter().chain(Units::new(units).filter_map(whole))
}

fn whole(unit: &[u8]) -> Option<Nal<'_>> {
    let (header, body) = unit.split_first()?;
    let kind = header & KIND;
    (1..=23).contains(&kind).then_some(Nal { kind, starts: true, body: Some(body), whole: Some(unit) })
}

fn fragment(payload: &[u8]) -> Option<Nal<'_>> {
    let header = *payload.get(1)?;
    let starts = header & FU_START != 0;
    let body = starts.then(|| payload.get(2..).unwrap_or_default());
    Some(Nal { kind: header & KIND, starts, body, whole: None })
}

/// The first fields of a slice header (H.264 7.3.3); nothing more is needed here.
pub(crate) struct SliceHeader {
    /// Where in the picture the slice begins.
    pub(crate) first_mb: u32,
    is_b: bool,
}

impl SliceHeader {
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        Self::read(&mut BitReader::nal(body))
    }

    /// With the picture parameter set that the slice refers to.
    pub(crate) fn parse_with_set(body: &[u8]) -> Option<(Self, u32)> {
        let mut reader = BitReader::nal(body);
        let header = Self::read(&mut reader)?;
        Some((header, reader.ue()?))
    }

    fn read(reader: &mut BitReader<'_>) -> Option<Self> {
        let first_mb = reader.ue()?;
        let slice_type = reader.ue()?;
        // Values 5 to 9 promise that all slices of the picture have the type (table 7-6).
        Some(Self { first_mb, is_b: slice_type < 10 && slice_type % 5 == 1 })
    }
}

pub(crate) const KIND: u8 = 0x1f;
const FU_START: u8 = 0x80;
pub(crate) const NAL_SLICE: u8 = 1;
const NAL_PARTITION_A: u8 = 2;
pub(crate) const NAL_IDR: u8 = 5;
pub(crate) const NAL_SPS: u8 = 7;
pub(crate) const NAL_PPS: u8 = 8;
pub(crate) const NAL_DELIMITER: u8 = 9;
pub(crate) const PACKET_STAP_A: u8 = 24;
pub(crate) const PACKET_FU_A: u8 = 28;
