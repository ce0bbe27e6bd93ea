//! Video usability information (H.264 annex E), as far as the reorder count.

use crate::bits::BitReader;

/// `max_num_reorder_frames`, where it is told. The reader stands behind `vui_parameters_present_flag`.
pub(super) fn max_reorder(reader: &mut BitReader<'_>) -> Option<u8> {
    if reader.flag()? && reader.byte()? == EXTENDED_RATIO {
        reader.skip(32)?; // sar_width, sar_height
    }
    if reader.flag()? {
        reader.flag()?; // overscan_appropriate_flag
    }
    if reader.flag()? {
        reader.skip(3 + 1)?; // video_format, video_full_range_flag
        if reader.flag()? {
            reader.skip(24)?; // colour primaries, transfer characteristics, matrix
        }
    }
    if reader.flag()? {
        reader.ue()?; // chroma_sample_loc_type_top_field
        reader.ue()?; // chroma_sample_loc_type_bottom_field
    }
    if reader.flag()? {
        reader.skip(32 + 32 + 1)?; // num_units_in_tick, time_scale, fixed_frame_rate_flag
    }
    let nal_hrd = reader.flag()?;
    if nal_hrd {
        skip_hrd(reader)?;
    }
    let vcl_hrd = reader.flag()?;
    if vcl_hrd {
        skip_hrd(reader)?;
    }
    if nal_hrd || vcl_hrd {
        reader.flag()?; // low_delay_hrd_flag
    }
    reader.flag()?; // pic_struct_present_flag
    if !reader.flag()? {
        return None;
    }
    reader.flag()?; // motion_vectors_over_pic_boundaries_flag
    for _ in 0..4 {
        reader.ue()?; // two denominators, two lengths of motion vectors
    }
    u8::try_from(reader.ue()?).ok().filter(|frames| *frames <= MAX_FRAMES)
}

/// E.1.2
fn skip_hrd(reader: &mut BitReader<'_>) -> Option<()> {
    let count = reader.ue()?.checked_add(1).filter(|count| *count <= 32)?;
    reader.skip(4 + 4)?; // bit_rate_scale, cpb_size_scale
    for _ in 0..count {
        reader.ue()?; // bit_rate_value_minus1
        reader.ue()?; // cpb_size_value_minus1
        reader.flag()?; // cbr_flag
    }
    reader.skip(4 * 5) // lengths of delays and of the time offset
}

/// `Extended_SAR` (table E-1).
const EXTENDED_RATIO: u8 = 255;
/// `MaxDpbFrames` is 16 at most (A.3.1).
const MAX_FRAMES: u8 = 16;
