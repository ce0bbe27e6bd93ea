//! H.264 packets (RFC 6184) to access units as `avc1` has them (ISO/IEC 14496-15).

use crate::depacketise::nal::{Fresh, Units};
use crate::depacketise::{Assembled, Broken};
use crate::h264::{
    KIND, NAL_DELIMITER, NAL_IDR, NAL_PPS, NAL_SLICE, NAL_SPS, PACKET_FU_A, PACKET_STAP_A, ParameterSets,
    SliceHeader,
};
use crate::track::{self, TrackConfig};
use crate::unit;

/// The access unit in the making, and the parameter sets of the stream.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    sets: ParameterSets,
    /// Parameter sets that the sample entry has.
    entry: Vec<Vec<u8>>,
    units: Units,
    slices: Slices,
    fresh: Fresh,
}

/// What the slices of the access unit say.
#[derive(Debug, Default)]
struct Slices {
    begun: bool,
    idr: bool,
    /// Picture parameter set of the first slice; `None` where the slices do not begin with the first one.
    picture_set: Option<u32>,
}

impl Assembler {
    pub(super) fn push(&mut self, payload: &[u8]) -> Result<(), Broken> {
        let kind = payload.first().ok_or(Broken)? & KIND;
        match kind {
            1..=23 => self.unit(payload),
            PACKET_STAP_A => {
                let mut units = unit::Units::new(&payload[1..]);
                if !units.is_whole() {
                    return Err(Broken);
                }
                units.try_for_each(|unit| self.unit(unit))
            }
            PACKET_FU_A => self.fragment(payload),
            // The interleaved mode, which nobody negotiates.
            25..=29 => Err(Broken),
            _ => Ok(()),
        }
    }

    fn unit(&mut self, unit: &[u8]) -> Result<(), Broken> {
        let (header, body) = unit.split_first().ok_or(Broken)?;
        match header & KIND {
            kind @ (NAL_SLICE | NAL_IDR | PARTITIONS_FIRST..=PARTITIONS_LAST) => {
                self.slices.see(kind, body);
                self.units.push(unit)
            }
            NAL_SPS | NAL_PPS => {
                self.sets.keep(unit);
                self.fresh.see(header & KIND == NAL_SPS, header & KIND == NAL_PPS);
                self.units.push_optional(unit)
            }
            NAL_DELIMITER | END_OF_SEQUENCE | END_OF_STREAM | FILLER => Ok(()),
            // 0 and 24 to 31 are no NAL units inside an aggregate.
            0 | 24.. => Err(Broken),
            _ => self.units.push(unit),
        }
    }

    fn fragment(&mut self, payload: &[u8]) -> Result<(), Broken> {
        let ([indicator, header], body) = payload.split_first_chunk::<2>().ok_or(Broken)?;
        let kind = header & KIND;
        if !(1..=23).contains(&kind) {
            return Err(Broken);
        }
        let Some(unit) = self.units.fragment(&[indicator & !KIND | kind], *header, body)? else {
            return Ok(());
        };
        match kind {
            NAL_SLICE | NAL_IDR | PARTITIONS_FIRST..=PARTITIONS_LAST => self.slices.see(kind, &unit[1..]),
            NAL_SPS | NAL_PPS | NAL_DELIMITER | END_OF_SEQUENCE | END_OF_STREAM | FILLER => {
                // Nobody fragments these, but for parameter sets of absurd size.
                let unit = unit.to_vec();
                self.units.take_back(unit.len());
                return self.unit(&unit);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn finish(&mut self) -> Result<Option<Assembled>, Broken> {
        let slices = std::mem::take(&mut self.slices);
        if !slices.begun {
            self.clear();
            return Ok(None);
        }
        let picture_set = slices.picture_set.ok_or(Broken)?;
        let trusted = self.fresh.trusted();
        let config = if slices.idr && trusted { self.config(picture_set) } else { None };
        let data = self.units.finish(|set| self.entry.iter().any(|known| known == set))?;
        Ok(Some(Assembled { data, key: slices.idr, config, orphan: false }))
    }

    /// The track as it is from this key frame on.
    fn config(&mut self, picture_set: u32) -> Option<TrackConfig> {
        let (sequence, pictures) = self.sets.active(picture_set)?;
        let pictures: Vec<_> = pictures.collect();
        let config = track::h264(sequence, &pictures)?;
        self.entry = std::iter::once(sequence).chain(pictures).map(<[u8]>::to_vec).collect();
        Some(config)
    }

    pub(super) fn has_picture(&self) -> bool {
        self.slices.begun
    }

    pub(super) fn clear(&mut self) {
        self.units.clear();
        self.slices = Slices::default();
    }

    /// Packets are missing in front of what comes next.
    pub(super) fn lost(&mut self) {
        self.clear();
        self.fresh = Fresh::after_hole();
    }

    pub(super) fn len(&self) -> usize {
        self.units.len()
    }
}

impl Slices {
    fn see(&mut self, kind: u8, body: &[u8]) {
        self.idr |= kind == NAL_IDR;
        if self.begun {
            return;
        }
        self.begun = true;
        // Without its first slice a picture is not whole. Slices in another order exist in theory only.
        self.picture_set =
            SliceHeader::parse_with_set(body).filter(|(slice, _)| slice.first_mb == 0).map(|(_, set)| set);
    }
}

/// Slices in three parts (extended profile).
const PARTITIONS_FIRST: u8 = 2;
const PARTITIONS_LAST: u8 = 4;
const END_OF_SEQUENCE: u8 = 10;
const END_OF_STREAM: u8 = 11;
const FILLER: u8 = 12;
