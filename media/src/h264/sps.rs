//! The sequence parameter set of H.264 (7.3.2.1.1), as far as the picture size.

use crate::bits::BitReader;
use crate::h264::vui;

/// Profile, level and size of an H.264 stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sps {
    /// `seq_parameter_set_id`, 0 to 31.
    pub id: u8,
    /// 66 baseline, 77 main, 100 high and so on.
    pub profile_idc: u8,
    /// The eight bits behind the profile: constraint flags 0 to 5 and two zeros.
    pub constraint_flags: u8,
    /// Ten times the level number.
    pub level_idc: u8,
    /// Width after cropping, in pixels.
    pub width: u16,
    /// Height after cropping, in pixels.
    pub height: u16,
    /// Pictures that may precede another one in decoding order and follow it on the screen; `None` where
    /// the set does not tell, and its profile leaves it open.
    pub max_reorder: Option<u8>,
}

impl Sps {
    /// Reads a whole NAL unit with its one-byte header.
    pub fn parse(nal: &[u8]) -> Option<Self> {
        let (header, body) = nal.split_first()?;
        if header & 0x1f != super::NAL_SPS {
            return None;
        }
        let mut reader = BitReader::nal(body);
        let profile_idc = reader.byte()?;
        let constraint_flags = reader.byte()?;
        let level_idc = reader.byte()?;
        let id = u8::try_from(reader.ue()?).ok().filter(|id| *id < 32)?;
        let chroma = Chroma::parse(profile_idc, &mut reader)?;
        reader.ue()?; // log2_max_frame_num_minus4
        let order_kind = skip_picture_order(&mut reader)?;
        reader.ue()?; // max_num_ref_frames
        reader.flag()?; // gaps_in_frame_num_value_allowed_flag
        let width_in_mbs = reader.ue()?.checked_add(1)?;
        let height_in_map_units = reader.ue()?.checked_add(1)?;
        let frame_mbs_only = reader.flag()?;
        if !frame_mbs_only {
            reader.flag()?; // mb_adaptive_frame_field_flag
        }
        reader.flag()?; // direct_8x8_inference_flag
        let crop =
            if reader.flag()? { [reader.ue()?, reader.ue()?, reader.ue()?, reader.ue()?] } else { [0; 4] };
        // An interlaced map unit is two macroblocks high, and so are its crop units.
        let fields = if frame_mbs_only { 1 } else { 2 };
        let width = cropped(width_in_mbs.checked_mul(16)?, chroma.unit_x, crop[0], crop[1])?;
        let height = height_in_map_units.checked_mul(16 * fields)?;
        let height = cropped(height, chroma.unit_y * fields, crop[2], crop[3])?;
        // Nothing else is read behind it, so an end inside it matters to nobody.
        let told = if reader.flag().unwrap_or(false) { vui::max_reorder(&mut reader) } else { None };
        let intra_only = constraint_flags & CONSTRAINT_SET3 != 0 && HIGH_PROFILES.contains(&profile_idc);
        let in_order = profile_idc == BASELINE || order_kind == IN_DECODING_ORDER || intra_only;
        let max_reorder = told.or(in_order.then_some(0));
        Some(Self { id, profile_idc, constraint_flags, level_idc, width, height, max_reorder })
    }
}

/// Takes `(before + after) * unit` off a length; `None` where nothing sensible is left.
pub(crate) fn cropped(length: u32, unit: u32, before: u32, after: u32) -> Option<u16> {
    let cut = before.checked_add(after)?.checked_mul(unit)?;
    let length = length.checked_sub(cut)?;
    u16::try_from(length).ok().filter(|length| *length > 0)
}

/// How many luma samples one crop unit has (table 6-1 and equations 7-19 to 7-22).
struct Chroma {
    unit_x: u32,
    unit_y: u32,
}

impl Chroma {
    fn parse(profile_idc: u8, reader: &mut BitReader<'_>) -> Option<Self> {
        if !HIGH_PROFILES.contains(&profile_idc) {
            return Some(Self { unit_x: 2, unit_y: 2 });
        }
        let format = reader.ue()?;
        if format == 3 {
            reader.flag()?; // separate_colour_plane_flag
        }
        reader.ue()?; // bit_depth_luma_minus8
        reader.ue()?; // bit_depth_chroma_minus8
        reader.flag()?; // qpprime_y_zero_transform_bypass_flag
        if reader.flag()? {
            for list in 0..if format == 3 { 12 } else { 8 } {
                if reader.flag()? {
                    skip_scaling_list(reader, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
        match format {
            1 => Some(Self { unit_x: 2, unit_y: 2 }),
            2 => Some(Self { unit_x: 2, unit_y: 1 }),
            0 | 3 => Some(Self { unit_x: 1, unit_y: 1 }),
            _ => None,
        }
    }
}

/// H.264 7.3.2.1.1.1: a delta of which the list becomes constant ends it.
fn skip_scaling_list(reader: &mut BitReader<'_>, size: u32) -> Option<()> {
    let (mut last, mut next) = (8_i32, 8_i32);
    for _ in 0..size {
        if next != 0 {
            next = last.checked_add(reader.se()?)?.checked_add(256)?.rem_euclid(256);
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

/// Answers with `pic_order_cnt_type`.
fn skip_picture_order(reader: &mut BitReader<'_>) -> Option<u32> {
    let kind = reader.ue()?;
    match kind {
        0 => {
            reader.ue()?; // log2_max_pic_order_cnt_lsb_minus4
        }
        1 => {
            reader.flag()?; // delta_pic_order_always_zero_flag
            reader.se()?; // offset_for_non_ref_pic
            reader.se()?; // offset_for_top_to_bottom_field
            for _ in 0..reader.ue().filter(|count| *count < 256)? {
                reader.se()?; // offset_for_ref_frame
            }
        }
        _ => {}
    }
    Some(kind)
}

/// Has no B slices.
const BASELINE: u8 = 66;
/// `constraint_set3_flag`; with a high profile it means that every picture stands for itself (A.2.8 to A.2.11).
const CONSTRAINT_SET3: u8 = 0x10;
/// `pic_order_cnt_type` of streams whose pictures leave the decoder in the order in which they enter it.
const IN_DECODING_ORDER: u32 = 2;

/// Profiles whose parameter set tells the chroma format (7.3.2.1.1).
const HIGH_PROFILES: [u8; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
