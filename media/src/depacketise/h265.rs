//! H.265 packets (RFC 7798) to access units as `hvc1` has them (ISO/IEC 14496-15).

use crate::bits::BitReader;
use crate::depacketise::nal::{Fresh, Units};
use crate::depacketise::{Assembled, Broken};
use crate::h265::{
    FIRST_SEGMENT, IRAP, NAL_DELIMITER, NAL_PPS, NAL_SPS, NAL_VPS, PACKET_AP, PACKET_FU, ParameterSets, kind,
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

/// What the slice segments of the access unit say.
#[derive(Debug, Default)]
struct Slices {
    begun: bool,
    random_access: bool,
    skipped_leading: bool,
    /// Picture parameter set of the first segment; `None` where the segments do not begin with the first.
    picture_set: Option<u32>,
}

impl Assembler {
    pub(super) fn push(&mut self, payload: &[u8]) -> Result<(), Broken> {
        match kind(*payload.first().ok_or(Broken)?) {
            0..=47 => self.unit(payload),
            PACKET_AP => {
                let mut units = unit::Units::new(payload.get(2..).ok_or(Broken)?);
                if !units.is_whole() {
                    return Err(Broken);
                }
                units.try_for_each(|unit| self.unit(unit))
            }
            PACKET_FU => self.fragment(payload),
            // PACI, and what is not specified.
            _ => Err(Broken),
        }
    }

    fn unit(&mut self, unit: &[u8]) -> Result<(), Broken> {
        let (header, body) = unit.split_first_chunk::<2>().ok_or(Broken)?;
        if is_enhancement(*header) {
            return Ok(());
        }
        match kind(header[0]) {
            kind @ 0..=31 => {
                self.slices.see(kind, body);
                self.units.push(unit)
            }
            kind @ NAL_VPS..=NAL_PPS => {
                self.sets.keep(unit);
                self.fresh.see(kind == NAL_SPS, kind == NAL_PPS);
                self.units.push_optional(unit)
            }
            NAL_DELIMITER..=FILLER => Ok(()),
            39..=47 => self.units.push(unit),
            _ => Err(Broken),
        }
    }

    fn fragment(&mut self, payload: &[u8]) -> Result<(), Broken> {
        let ([first, second, header], body) = payload.split_first_chunk::<3>().ok_or(Broken)?;
        let kind = header & 0x3f;
        if kind > 47 {
            return Err(Broken);
        }
        let unit_header = [first & 0x81 | kind << 1, *second];
        if is_enhancement(unit_header) {
            return Ok(());
        }
        let Some(unit) = self.units.fragment(&unit_header, *header, body)? else { return Ok(()) };
        match kind {
            0..=31 => self.slices.see(kind, &unit[2..]),
            NAL_VPS..=FILLER => {
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
        let config = if slices.random_access && trusted { self.config(picture_set) } else { None };
        let data = self.units.finish(|set| self.entry.iter().any(|known| known == set))?;
        Ok(Some(Assembled { data, key: slices.random_access, config, orphan: slices.skipped_leading }))
    }

    /// The track as it is from this key frame on.
    fn config(&mut self, picture_set: u32) -> Option<TrackConfig> {
        let (video, sequence, pictures) = self.sets.active(picture_set)?;
        let pictures: Vec<_> = pictures.collect();
        let config = track::h265(video, sequence, &pictures)?;
        self.entry = [video, sequence].into_iter().chain(pictures).map(<[u8]>::to_vec).collect();
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
    /// `body` is what stands behind the header of two bytes.
    fn see(&mut self, kind: u8, body: &[u8]) {
        self.random_access |= IRAP.contains(&kind);
        self.skipped_leading |= SKIPPED_LEADING.contains(&kind);
        if self.begun {
            return;
        }
        self.begun = true;
        // Without its first segment a picture is not whole.
        self.picture_set = picture_set(kind, body);
    }
}

/// `slice_pic_parameter_set_id` of a first segment (7.3.6.1).
fn picture_set(kind: u8, body: &[u8]) -> Option<u32> {
    if body.first()? & FIRST_SEGMENT == 0 {
        return None;
    }
    let mut reader = BitReader::nal(body);
    reader.flag()?; // first_slice_segment_in_pic_flag
    if IRAP.contains(&kind) {
        reader.flag()?; // no_output_of_prior_pics_flag
    }
    reader.ue()
}

/// `nuh_layer_id` above 0: scalable and multiview extensions, which no player of ours decodes.
const fn is_enhancement(header: [u8; 2]) -> bool {
    header[0] & 1 != 0 || header[1] >> 3 != 0
}

/// `FD_NUT`; 36 and 37 before it end sequences and streams.
const FILLER: u8 = 38;
/// RASL pictures, which refer to pictures before the random access picture that they follow.
const SKIPPED_LEADING: std::ops::RangeInclusive<u8> = 8..=9;
