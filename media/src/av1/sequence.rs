//! The sequence header OBU (AV1 5.5), as far as the picture size.

use crate::Resolution;
use crate::bits::BitReader;

/// Profile and size of an AV1 stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceHeader {
    /// `seq_profile`: 0 main, 1 high, 2 professional.
    pub profile: u8,
    /// `seq_level_idx` of the first operating point.
    pub level_idx: u8,
    /// Largest size that a picture of the sequence has.
    pub resolution: Resolution,
}

impl SequenceHeader {
    /// Reads the OBU's bytes behind its header.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut reader = BitReader::plain(body);
        let profile = u8::try_from(reader.bits(3)?).ok()?;
        reader.flag()?; // still_picture
        let level_idx = if reader.flag()? {
            reader.bits(5)? // reduced_still_picture_header
        } else {
            skip_operating_points(&mut reader)?
        };
        let width_bits = reader.bits(4)? + 1;
        let height_bits = reader.bits(4)? + 1;
        let width = u16::try_from(reader.bits(width_bits)? + 1).ok()?;
        let height = u16::try_from(reader.bits(height_bits)? + 1).ok()?;
        Some(Self { profile, level_idx: u8::try_from(level_idx).ok()?, resolution: (width, height) })
    }
}

/// Timing, decoder model and operating points; answers with the level of the first of them.
fn skip_operating_points(reader: &mut BitReader<'_>) -> Option<u32> {
    let mut decoder_model_bits = None;
    if reader.flag()? {
        reader.skip(64)?; // num_units_in_display_tick, time_scale
        if reader.flag()? {
            reader.ue()?; // num_ticks_per_picture_minus_1
        }
        if reader.flag()? {
            decoder_model_bits = Some(reader.bits(5)? + 1); // buffer_delay_length_minus_1
            reader.skip(32 + 5 + 5)?; // num_units_in_decoding_tick and two lengths
        }
    }
    let display_delay = reader.flag()?;
    let points = reader.bits(5)? + 1;
    let mut first_level = None;
    for _ in 0..points {
        reader.skip(12)?; // operating_point_idc
        let level = reader.bits(5)?;
        first_level = first_level.or(Some(level));
        if level > 7 {
            reader.flag()?; // seq_tier
        }
        if let Some(bits) = decoder_model_bits
            && reader.flag()?
        {
            reader.skip(2 * bits + 1)?; // two buffer delays, low_delay_mode_flag
        }
        if display_delay && reader.flag()? {
            reader.skip(4)?; // initial_display_delay_minus_1
        }
    }
    first_level
}
