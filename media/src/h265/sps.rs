//! The sequence parameter set of H.265 (7.3.2.2.1), as far as the reorder count.

use crate::bits::BitReader;
use crate::h264::cropped;

/// Profile, level, size and reordering of an H.265 stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sps {
    /// `sps_seq_parameter_set_id`, 0 to 15.
    pub id: u8,
    /// `sps_video_parameter_set_id`, 0 to 15.
    pub vps_id: u8,
    /// 1 main, 2 main 10 and so on.
    pub profile_idc: u8,
    /// Thirty times the level number.
    pub level_idc: u8,
    /// Width after cropping, in pixels.
    pub width: u16,
    /// Height after cropping, in pixels.
    pub height: u16,
    /// Pictures that may precede another one in decoding order and follow it on the screen; 0 in
    /// every low-delay stream.
    pub max_reorder: u32,
}

impl Sps {
    /// Reads a whole NAL unit with its two-byte header.
    pub fn parse(nal: &[u8]) -> Option<Self> {
        let (header, body) = nal.split_first_chunk::<2>()?;
        if super::kind(header[0]) != super::NAL_SPS {
            return None;
        }
        let mut reader = BitReader::nal(body);
        let vps_id = u8::try_from(reader.bits(4)?).ok()?;
        let sub_layers = reader.bits(3)?;
        reader.flag()?; // sps_temporal_id_nesting_flag
        let (profile_idc, level_idc) = profile_tier_level(&mut reader, sub_layers)?;
        let id = u8::try_from(reader.ue()?).ok().filter(|id| *id < 16)?;
        let (unit_x, unit_y) = match reader.ue()? {
            0 => (1, 1),
            1 => (2, 2),
            2 => (2, 1),
            3 => {
                reader.flag()?; // separate_colour_plane_flag
                (1, 1)
            }
            _ => return None,
        };
        let width = reader.ue()?;
        let height = reader.ue()?;
        let crop =
            if reader.flag()? { [reader.ue()?, reader.ue()?, reader.ue()?, reader.ue()?] } else { [0; 4] };
        let width = cropped(width, unit_x, crop[0], crop[1])?;
        let height = cropped(height, unit_y, crop[2], crop[3])?;
        reader.ue()?; // bit_depth_luma_minus8
        reader.ue()?; // bit_depth_chroma_minus8
        reader.ue()?; // log2_max_pic_order_cnt_lsb_minus4
        let told = if reader.flag()? { sub_layers + 1 } else { 1 };
        let mut max_reorder = 0;
        for _ in 0..told {
            reader.ue()?; // sps_max_dec_pic_buffering_minus1
            max_reorder = reader.ue()?;
            reader.ue()?; // sps_max_latency_increase_plus1
        }
        Some(Self { id, vps_id, profile_idc, level_idc, width, height, max_reorder })
    }
}

/// 7.3.3, of which only the general profile and level are kept.
fn profile_tier_level(reader: &mut BitReader<'_>, sub_layers: u32) -> Option<(u8, u8)> {
    reader.skip(3)?; // general_profile_space, general_tier_flag
    let profile_idc = u8::try_from(reader.bits(5)?).ok()?;
    reader.skip(32 + 48)?; // compatibility flags, constraint flags
    let level_idc = reader.byte()?;
    let mut skipped = 0;
    for _ in 0..sub_layers {
        let profile = reader.flag()?;
        let level = reader.flag()?;
        skipped += if profile { 88 } else { 0 } + if level { 8 } else { 0 };
    }
    if sub_layers > 0 {
        skipped += 2 * (8 - sub_layers); // reserved_zero_2bits
    }
    reader.skip(skipped)?;
    Some((profile_idc, level_idc))
}
