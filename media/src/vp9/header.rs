//! The uncompressed header of a VP9 key frame (VP9 bitstream specification 6.2).

use crate::Resolution;
use crate::bits::BitReader;

/// Whether the frame is a key frame; `None` where the bytes are no VP9 frame.
pub(crate) fn is_key_frame(data: &[u8]) -> Option<bool> {
    Some(frame_start(&mut BitReader::plain(data))?.is_key)
}

/// Picture size of a key frame; `None` for any other frame.
pub(super) fn key_frame_size(data: &[u8]) -> Option<Resolution> {
    let mut reader = BitReader::plain(data);
    let FrameStart { profile, .. } = frame_start(&mut reader).filter(|start| start.is_key)?;
    reader.skip(2)?; // show_frame, error_resilient_mode
    if reader.bits(24)? != SYNC_CODE {
        return None;
    }
    skip_color_config(&mut reader, profile)?;
    let width = u16::try_from(reader.bits(16)? + 1).ok()?;
    let height = u16::try_from(reader.bits(16)? + 1).ok()?;
    Some((width, height))
}

/// The fields that all frames have.
struct FrameStart {
    profile: u32,
    is_key: bool,
}

fn frame_start(reader: &mut BitReader<'_>) -> Option<FrameStart> {
    if reader.bits(2)? != FRAME_MARKER {
        return None;
    }
    let low = reader.bits(1)?;
    let profile = reader.bits(1)? << 1 | low;
    if profile == 3 {
        reader.flag()?; // reserved_zero
    }
    let show_existing_frame = reader.flag()?;
    let is_key = !show_existing_frame && !reader.flag()?;
    Some(FrameStart { profile, is_key })
}

/// Section 6.2.2 of the bitstream specification.
fn skip_color_config(reader: &mut BitReader<'_>, profile: u32) -> Option<()> {
    if profile >= 2 {
        reader.flag()?; // ten_or_twelve_bit
    }
    let odd_profile = profile & 1 == 1;
    let skipped = if reader.bits(3)? == COLOR_SPACE_RGB {
        if odd_profile { 1 } else { 0 } // reserved_zero
    } else if odd_profile {
        4 // color_range, subsampling_x, subsampling_y, reserved_zero
    } else {
        1 // color_range
    };
    reader.skip(skipped)
}

const FRAME_MARKER: u32 = 2;
const SYNC_CODE: u32 = 0x49_83_42;
const COLOR_SPACE_RGB: u32 = 7;
