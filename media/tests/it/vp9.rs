//! VP9 as Chromium and ffmpeg send it, and renumbering of it.

use proptest::prelude::*;
use sluice_domain::Codec;
use sluice_media::vp9::{self, Descriptor, rewrite};

use crate::fixture::{key_pictures, packets, pictures};

const L1T2: &[u8] = include_bytes!("../data/chromium-vp9-l1t2.payloads");
const L3T3_KEY: &[u8] = include_bytes!("../data/chromium-vp9-l3t3-key.payloads");
const FFMPEG: &[u8] = include_bytes!("../data/ffmpeg-vp9.payloads");

#[test]
fn key_frames_are_found_with_their_size() {
    assert_eq!(key_pictures(&pictures(Codec::Vp9, L1T2)), [0]);
    assert_eq!(key_pictures(&pictures(Codec::Vp9, L3T3_KEY)), [0]);
    for bytes in [L1T2, L3T3_KEY, FFMPEG] {
        assert_eq!(vp9::inspect(packets(bytes)[0].payload).resolution, Some((320, 180)));
    }
}

#[test]
fn ffmpeg_calls_every_picture_independent_and_is_not_believed() {
    assert!(packets(FFMPEG).iter().all(|packet| !Descriptor::parse(packet.payload).unwrap().inter_predicted));
    assert_eq!(key_pictures(&pictures(Codec::Vp9, FFMPEG)), [0, 4]);
}

#[test]
fn a_frame_that_cannot_be_read_is_judged_by_its_descriptor() {
    // An end-to-end encrypted frame: no frame marker where one must be.
    assert!(vp9::inspect(&[0x08, 0x00, 0xff]).keyframe_start);
    assert!(!vp9::inspect(&[0x48, 0x00, 0xff]).keyframe_start);
}

#[test]
fn the_higher_spatial_layers_of_a_key_picture_start_nothing() {
    // I=0 P=0 L=1 F=1 B=1, then SID 1 with D set, then a key frame's first byte.
    assert!(!vp9::inspect(&[0x38, 0x03, 0x82]).keyframe_start);
    assert_eq!(vp9::inspect(&[0x38, 0x03, 0x82]).descriptor.layer.unwrap().spatial, 1);
}

#[test]
fn chromium_counts_pictures_up_and_tells_its_layers() {
    for (bytes, expected) in [(L1T2, [0, 1, 0, 1, 0]), (L3T3_KEY, [0, 2, 1, 2, 0])] {
        let pictures = pictures(Codec::Vp9, bytes);
        let ids: Vec<_> = pictures.iter().map(|picture| picture[0].picture_id.unwrap()).collect();
        assert!(ids.windows(2).all(|pair| pair[1] == (pair[0] + 1) & 0x7fff), "{ids:?}");
        let temporal: Vec<_> = pictures.iter().take(5).map(|picture| picture[0].temporal).collect();
        assert_eq!(temporal, expected);
    }
}

#[test]
fn the_scalability_structure_tells_the_size_of_each_layer() {
    // V only: three layers with sizes, a group of two pictures with one and two references.
    let mut payload = vec![0x0a, 0b0101_1000];
    for (width, height) in [(320_u16, 180_u16), (640, 360), (1280, 720)] {
        payload.extend(width.to_be_bytes());
        payload.extend(height.to_be_bytes());
    }
    payload.extend([2, 0b0000_0100, 1, 0b0010_1000, 1, 2]);
    payload.extend([0x82, 0x49]);
    let packet = vp9::inspect(&payload);
    let structure = packet.descriptor.structure.unwrap();
    assert_eq!((structure.spatial_layers, structure.group_size), (3, Some(2)));
    assert_eq!(structure.resolutions[1], Some((640, 360)));
    assert_eq!(packet.resolution, Some((1280, 720)), "the highest layer counts");
    assert_eq!(packet.descriptor.data(&payload), [0x82, 0x49]);
    assert_eq!(Descriptor::parse(&payload[..payload.len() - 4]), None, "cut inside the references");
}

#[test]
fn the_base_layer_number_exists_outside_flexible_mode_only() {
    let mut out = Vec::new();
    let inflexible = [0xa8, 0x81, 0x02, 0x00, 0x44, 0x82];
    assert_eq!(Descriptor::parse(&inflexible).unwrap().tl0, Some(0x44));
    assert!(rewrite(&inflexible, &mut out, 0x7fff, Some(0x45)));
    assert_eq!(out, [0xa8, 0xff, 0xff, 0x00, 0x45, 0x82]);
    let flexible = [0xb8, 0x01, 0x00, 0x82];
    assert!(rewrite(&flexible, &mut out, 0x7fff, Some(0x45)));
    assert_eq!(out, [0xb8, 0x7f, 0x00, 0x82]);
}

proptest! {
    #[test]
    fn rewritten_numbers_are_read_again_and_nothing_else_changes(
        svc: bool, index in any::<prop::sample::Index>(), id in 0_u16..0x8000, tl0: u8,
    ) {
        let packets = packets(if svc { L3T3_KEY } else { L1T2 });
        let payload = index.get(&packets).payload;
        let before = Descriptor::parse(payload).unwrap();
        let mut out = Vec::new();
        prop_assert!(rewrite(payload, &mut out, id, Some(tl0)));
        let after = Descriptor::parse(&out).unwrap();
        prop_assert_eq!(after.picture_id, Some(id));
        prop_assert_eq!(after.tl0, before.tl0.map(|_| tl0));
        prop_assert_eq!((after.layer, after.structure), (before.layer, before.structure));
        prop_assert_eq!(after.data(&out), before.data(payload));
        prop_assert!(rewrite(&out.clone(), &mut out, before.picture_id.unwrap(), before.tl0));
        prop_assert_eq!(out.as_slice(), payload);
    }
}
