//! AV1 as Chromium's libaom sends it.

use sluice_domain::Codec;
use sluice_media::av1::{self, AggregationHeader, obus};

use crate::fixture::{key_pictures, packets, pictures};

const L1T2: &[u8] = include_bytes!("../data/chromium-av1-l1t2.payloads");
const L3T3_KEY: &[u8] = include_bytes!("../data/chromium-av1-l3t3-key.payloads");

#[test]
fn a_new_coded_video_sequence_starts_a_key_frame_and_tells_its_size() {
    for bytes in [L1T2, L3T3_KEY] {
        assert_eq!(key_pictures(&pictures(Codec::Av1, bytes)), [0]);
        let first = av1::inspect(packets(bytes)[0].payload);
        assert!(first.has_sequence_header && first.frame_start);
        assert_eq!(first.resolution, Some((320, 180)));
    }
}

#[test]
fn each_picture_starts_with_its_first_packet_only() {
    for bytes in [L1T2, L3T3_KEY] {
        for picture in pictures(Codec::Av1, bytes) {
            assert!(picture[0].frame_start);
            assert_eq!(picture.iter().filter(|info| info.frame_start).count(), 1);
        }
    }
}

#[test]
fn layers_come_from_the_obu_extension() {
    let temporal = |bytes| {
        let pictures = pictures(Codec::Av1, bytes);
        pictures.iter().take(5).map(|picture| picture[0].temporal).collect::<Vec<_>>()
    };
    assert_eq!(temporal(L3T3_KEY), [0, 2, 1, 2, 0]);
}

#[test]
fn elements_with_and_without_a_length_are_told_apart() {
    // A sequence header of two bytes and a frame, once counted (W=2), once not (W=0).
    let counted = [0b0010_1000, 2, 0x08, 0xaa, 0x30, 0xbb, 0xcc];
    let measured = [0b0000_1000, 2, 0x08, 0xaa, 3, 0x30, 0xbb, 0xcc];
    for payload in [counted.as_slice(), &measured] {
        let found: Vec<_> = obus(payload).map(|obu| (obu.kind, obu.body.len())).collect();
        assert_eq!(found, [(1, 1), (6, 2)]);
    }
}

#[test]
fn the_rest_of_an_obu_from_the_packet_before_is_left_out() {
    let payload = [0b1010_0000, 2, 0x08, 0xaa, 0x30, 0xbb];
    assert!(AggregationHeader::parse(&payload).unwrap().continues);
    assert_eq!(obus(&payload).map(|obu| obu.kind).collect::<Vec<_>>(), [6]);
    assert!(!av1::inspect(&payload).keyframe_start, "the 0x08 is not a sequence header here");
}

#[test]
fn an_obu_with_its_own_size_field_is_cut_there() {
    let payload = [0b0001_0000, 0x32, 0x01, 0xbb, 0xcc];
    assert_eq!(obus(&payload).map(|obu| obu.body).collect::<Vec<_>>(), [&[0xbb]]);
}
