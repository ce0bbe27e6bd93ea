//! The one question that the engine asks about every received packet, for every codec.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_domain::Codec;
use sluice_media::frame;

fuzz_target!(|data: &[u8]| {
    let Some((codec, payload)) = data.split_first() else { return };
    let codec = match codec % 6 {
        0 => Codec::H264,
        1 => Codec::H265,
        2 => Codec::Vp8,
        3 => Codec::Vp9,
        4 => Codec::Av1,
        _ => Codec::Opus,
    };
    let info = frame::inspect(codec, payload);
    assert!(info.spatial < 8 && info.temporal < 8);
    assert!(info.resolution.is_none_or(|(width, height)| width > 0 && height > 0));
    assert!(info.picture_id.is_none_or(|id| id < 0x8000));
    assert!(info.key_idx.is_none_or(|index| index < 32));
});
