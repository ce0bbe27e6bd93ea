//! Tracks of pictures, from what their key frames bring.

use shiguredo_mp4::bitstream::av1::{Av1SampleEntryConfig, build_av01_box_from_config_obus};
use shiguredo_mp4::bitstream::h264::{H264SampleEntryConfig, LengthSize, build_avc1_box};
use shiguredo_mp4::bitstream::h265::{H265ConstantFrameRate, H265SampleEntryConfig, build_hvc1_box};
use shiguredo_mp4::bitstream::vp8::{Vp8SampleEntryConfig, build_vp08_box};
use shiguredo_mp4::bitstream::vp9::{
    Vp9FrameHeader, Vp9FrameSize, Vp9SampleEntryConfig, build_vp09_box, parse_frame_header,
};
use shiguredo_mp4::boxes::SampleEntry;
use sluice_domain::Codec;

use crate::Resolution;
use crate::track::TrackConfig;

/// H.264 of one sequence parameter set and the picture parameter sets that refer to it.
pub(crate) fn h264(sequence: &[u8], pictures: &[&[u8]]) -> Option<TrackConfig> {
    let max_reorder = crate::h264::Sps::parse(sequence)?.max_reorder;
    let config = H264SampleEntryConfig { length_size: LengthSize::FourBytes };
    let entry = build_avc1_box(&[sequence.to_vec()], &owned(pictures), &config).ok()?;
    TrackConfig::new(Codec::H264, SampleEntry::Avc1(entry), max_reorder)
}

/// H.265 of one video and sequence parameter set and the picture parameter sets that refer to them.
pub(crate) fn h265(video: &[u8], sequence: &[u8], pictures: &[&[u8]]) -> Option<TrackConfig> {
    let max_reorder = crate::h265::Sps::parse(sequence)?.max_reorder;
    let config = H265SampleEntryConfig {
        length_size: LengthSize::FourBytes,
        avg_frame_rate: H265SampleEntryConfig::AVG_FRAME_RATE_UNSPECIFIED,
        constant_frame_rate: H265ConstantFrameRate::Unknown,
    };
    let entry = build_hvc1_box(&[video.to_vec()], &[sequence.to_vec()], &owned(pictures), &config).ok()?;
    TrackConfig::new(Codec::H265, SampleEntry::Hvc1(entry), u8::try_from(max_reorder).ok())
}

/// VP8 of a key frame.
pub(crate) fn vp8(frame: &[u8]) -> Option<TrackConfig> {
    let (width, height) = crate::vp8::key_frame_size(frame)?;
    let entry = build_vp08_box(&Vp8SampleEntryConfig {
        video_full_range_flag: false,
        // VP8 knows one colour space, that of BT.601 (RFC 6386 9.2).
        colour_primaries: Vp8SampleEntryConfig::COLOUR_PRIMARIES_BT601,
        transfer_characteristics: Vp8SampleEntryConfig::TRANSFER_CHARACTERISTICS_BT601,
        matrix_coefficients: Vp8SampleEntryConfig::MATRIX_COEFFICIENTS_BT601,
        width,
        height,
    });
    TrackConfig::new(Codec::Vp8, SampleEntry::Vp08(entry), Some(0))
}

/// VP9 of the frames of a key picture, the lowest spatial layer first, and the largest size that its
/// scalability structure tells.
pub(crate) fn vp9<'a>(
    frames: impl IntoIterator<Item = &'a [u8]>,
    told: Option<Resolution>,
) -> Option<TrackConfig> {
    let mut header = None;
    let mut size = told;
    for frame in frames {
        let parsed = parse_frame_header(frame).ok()?;
        size = size.max(frame_size(&parsed));
        header.get_or_insert(parsed);
    }
    let (header, (width, height)) = (header?, size?);
    let (colour_primaries, transfer_characteristics, matrix_coefficients) = vp9_colours(header.color_space);
    let config = Vp9SampleEntryConfig {
        level: vp9_level(width, height),
        colour_primaries,
        transfer_characteristics,
        matrix_coefficients,
        width,
        height,
    };
    TrackConfig::new(Codec::Vp9, SampleEntry::Vp09(build_vp09_box(&header, &config).ok()?), Some(0))
}

fn frame_size(header: &Vp9FrameHeader) -> Option<Resolution> {
    match header.frame_size {
        Vp9FrameSize::Resolved { width, height } => {
            Some((u16::try_from(width).ok()?, u16::try_from(height).ok()?))
        }
        Vp9FrameSize::UsesRefFrames { .. } | Vp9FrameSize::NotPresent => None,
    }
}

/// Primaries, transfer and matrix (ISO/IEC 23001-8) of VP9's `color_space` (7.2.2 of its specification).
const fn vp9_colours(color_space: u8) -> (u8, u8, u8) {
    match color_space {
        1 | 3 => (6, 6, 6),
        2 => (1, 1, 1),
        5 => (9, 14, 9),
        7 => (1, 13, 0),
        _ => (2, 2, 2),
    }
}

/// The lowest level that allows pictures of the size, sixty a second (annex A): the stream does not tell, and
/// players refuse a track without one.
fn vp9_level(width: u16, height: u16) -> u8 {
    let picture = u64::from(width) * u64::from(height);
    let fits = |(_, rate, size): &&(u8, u64, u64)| picture <= *size && picture * 60 <= *rate;
    VP9_LEVELS.iter().find(fits).map_or(HIGHEST_VP9_LEVEL, |(level, _, _)| *level)
}

/// AV1 of a sequence header OBU with its size field.
pub(crate) fn av1(sequence_header: &[u8]) -> Option<TrackConfig> {
    let config = Av1SampleEntryConfig { initial_presentation_delay_minus_one: None };
    let entry = build_av01_box_from_config_obus(sequence_header, &config).ok()?;
    TrackConfig::new(Codec::Av1, SampleEntry::Av01(entry), Some(0))
}

fn owned(sets: &[&[u8]]) -> Vec<Vec<u8>> {
    sets.iter().map(|set| set.to_vec()).collect()
}

/// Level, luma samples a second, luma samples a picture.
const VP9_LEVELS: [(u8, u64, u64); 13] = [
    (10, 829_440, 36_864),
    (11, 2_764_800, 73_728),
    (20, 4_608_000, 122_880),
    (21, 9_216_000, 245_760),
    (30, 20_736_000, 552_960),
    (31, 36_864_000, 983_040),
    (40, 83_558_400, 2_228_224),
    (41, 160_432_128, 2_228_224),
    (50, 311_951_360, 8_912_896),
    (51, 588_251_136, 8_912_896),
    (52, 1_176_502_272, 8_912_896),
    (60, 1_176_502_272, 35_651_584),
    (61, 2_353_004_544, 35_651_584),
];
const HIGHEST_VP9_LEVEL: u8 = 62;
