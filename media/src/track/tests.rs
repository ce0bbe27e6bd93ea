//! Tracks that need no stream; those of video are tested with the streams of `tests/data`.

use super::*;

#[test]
fn opus_is_48_khz_stereo_and_has_no_size() {
    let config = TrackConfig::opus();
    assert_eq!((config.codec_string(), config.timescale(), config.size()), ("opus", 48_000, None));
    assert_eq!((config.codec(), config.kind()), (Codec::Opus, MediaKind::Audio));
    assert_eq!(config, TrackConfig::opus());
}

#[test]
fn a_turned_track_is_another_one_with_sides_swapped() {
    // A VP8 key frame of 320 times 180.
    let frame = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00];
    let upright = vp8(&frame).unwrap();
    assert_eq!((upright.codec_string(), upright.size()), ("vp08.00.00.08", Some((320, 180))));
    let turned = upright.clone().turned(Rotation::from_cvo(0x01));
    assert_ne!(turned, upright);
    assert_eq!((turned.size(), turned.coded_size()), (Some((180, 320)), Some((320, 180))));
    let rotations = [0, 1, 2, 3, 0x0c].map(Rotation::from_cvo);
    use Rotation::{Half, None, Quarter, ThreeQuarters};
    assert_eq!(rotations, [None, Quarter, Half, ThreeQuarters, None]);
}

#[test]
fn what_is_no_key_frame_makes_no_track() {
    assert_eq!(vp8(&[0x11, 0, 0]), None);
    assert_eq!(vp9([[0_u8; 4].as_slice()], Some((320, 180))), None);
    assert_eq!(vp9([], Some((320, 180))), None);
    assert_eq!(av1(&[0x0a, 1, 0xff]), None);
    assert_eq!(h264(&[0x67, 66], &[&[0x68]]), None);
    assert_eq!(h265(&[0x40, 1], &[0x42, 1], &[&[0x44, 1]]), None);
}
