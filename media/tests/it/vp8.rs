//! VP8 as Chromium and ffmpeg send it, and renumbering of it.

use proptest::prelude::*;
use sluice_domain::Codec;
use sluice_media::vp8::{self, Descriptor, rewrite};

use crate::fixture::{key_pictures, packets, pictures};

const CHROMIUM: &[u8] = include_bytes!("../data/chromium-vp8-l1t3.payloads");
const CHROMIUM_DD: &[u8] = include_bytes!("../data/chromium-vp8-l1t3-dd.payloads");
const FFMPEG: &[u8] = include_bytes!("../data/ffmpeg-vp8.payloads");

#[test]
fn key_frames_are_found_with_their_size() {
    assert_eq!(key_pictures(&pictures(Codec::Vp8, CHROMIUM)), [0]);
    assert_eq!(key_pictures(&pictures(Codec::Vp8, FFMPEG)), [0, 4]);
    for bytes in [CHROMIUM, FFMPEG] {
        assert_eq!(vp8::inspect(packets(bytes)[0].payload).resolution, Some((320, 180)));
    }
}

#[test]
fn exactly_one_packet_of_a_picture_starts_it() {
    for bytes in [CHROMIUM, FFMPEG] {
        for picture in pictures(Codec::Vp8, bytes) {
            assert!(picture[0].frame_start);
            assert_eq!(picture.iter().filter(|info| info.frame_start).count(), 1);
        }
    }
}

#[test]
fn chromium_counts_pictures_up_and_tells_three_temporal_layers() {
    let pictures = pictures(Codec::Vp8, CHROMIUM);
    let ids: Vec<_> = pictures.iter().map(|picture| picture[0].picture_id.unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[1] == (pair[0] + 1) & 0x7fff), "{ids:?}");
    let temporal: Vec<_> = pictures.iter().take(5).map(|picture| picture[0].temporal).collect();
    assert_eq!(temporal, [0, 2, 1, 2, 0]);
    let tl0: Vec<_> = pictures.iter().take(5).map(|picture| picture[0].tl0.unwrap()).collect();
    assert_eq!(tl0, [0xa2, 0xa2, 0xa2, 0xa2, 0xa3], "it counts base layer pictures");
}

#[test]
fn chromium_tells_no_numbers_where_it_sends_dependency_descriptors() {
    for picture in pictures(Codec::Vp8, CHROMIUM_DD) {
        let first = picture[0];
        assert_eq!((first.picture_id, first.tl0, first.key_idx), (None, None, None));
    }
    assert_eq!(key_pictures(&pictures(Codec::Vp8, CHROMIUM_DD)), [0]);
}

#[test]
fn a_short_picture_id_stays_short() {
    let payload = [0x90, 0x80, 0x05, 0x00];
    let mut out = Vec::new();
    assert!(rewrite(&payload, &mut out, 0x1234, Some(7), Some(7)));
    assert_eq!(out, [0x90, 0x80, 0x34, 0x00]);
}

#[test]
fn the_key_frame_number_shares_its_byte_with_the_temporal_layer() {
    // All four fields; TID 2, Y set, KEYIDX 1.
    let payload = [0x90, 0xf0, 0x92, 0x34, 0x05, 0b1010_0001, 0x01];
    let mut out = Vec::new();
    assert!(rewrite(&payload, &mut out, 0x1235, Some(6), Some(31)));
    assert_eq!(out, [0x90, 0xf0, 0x92, 0x35, 0x06, 0b1011_1111, 0x01]);
    let descriptor = Descriptor::parse(&out).unwrap();
    assert_eq!((descriptor.temporal, descriptor.layer_sync, descriptor.key_idx), (Some(2), true, Some(31)));
}

#[test]
fn a_descriptor_without_numbers_is_copied_as_it_is() {
    let mut out = vec![1, 2, 3];
    assert!(rewrite(&[0x10, 0x00, 0x01], &mut out, 9, Some(9), Some(9)));
    assert_eq!(out, [0x10, 0x00, 0x01]);
    assert!(!rewrite(&[0x90, 0xf0, 0x81], &mut out, 9, None, None));
    assert!(out.is_empty());
}

proptest! {
    #[test]
    fn rewritten_numbers_are_read_again_and_nothing_else_changes(
        index in any::<prop::sample::Index>(), id in 0_u16..0x8000, tl0: u8, key_idx: u8,
    ) {
        let packets = packets(CHROMIUM);
        let payload = index.get(&packets).payload;
        let before = Descriptor::parse(payload).unwrap();
        let mut out = Vec::new();
        prop_assert!(rewrite(payload, &mut out, id, Some(tl0), Some(key_idx)));
        let after = Descriptor::parse(&out).unwrap();
        prop_assert_eq!(after.picture_id, Some(id));
        prop_assert_eq!(after.tl0, Some(tl0));
        prop_assert_eq!(after.key_idx, None, "Chromium sends none, so none is put in");
        prop_assert_eq!((after.temporal, after.layer_sync), (before.temporal, before.layer_sync));
        prop_assert_eq!(after.data(&out), before.data(payload));
        prop_assert!(rewrite(&out.clone(), &mut out, before.picture_id.unwrap(), before.tl0, before.key_idx));
        prop_assert_eq!(out.as_slice(), payload);
    }
}
