//! Dependency descriptors as Chromium sends them with every codec.

use proptest::prelude::*;
use sluice_media::dd::{DependencyDescriptor, TemplateLayer, TemplateStructure, rewrite_frame_number};

use crate::fixture::packets;

const AV1_L1T2: &[u8] = include_bytes!("../data/chromium-av1-l1t2.payloads");
const VP9_L3T3_KEY: &[u8] = include_bytes!("../data/chromium-vp9-l3t3-key.payloads");
const H264_L1T2: &[u8] = include_bytes!("../data/chromium-h264-l1t2.payloads");

/// All descriptors of a recording, read as a receiver does: with the newest structure in mind.
fn descriptors(bytes: &[u8]) -> (Vec<DependencyDescriptor>, TemplateStructure) {
    let mut known: Option<TemplateStructure> = None;
    let mut descriptors = Vec::new();
    for packet in packets(bytes) {
        let descriptor = DependencyDescriptor::parse(packet.descriptor, known.as_ref()).expect("recorded");
        known = descriptor.structure.or(known);
        descriptors.push(descriptor);
    }
    (descriptors, known.expect("key frame first"))
}

#[test]
fn the_structure_comes_with_the_key_frame_and_only_there() {
    for bytes in [AV1_L1T2, VP9_L3T3_KEY, H264_L1T2] {
        let (descriptors, _) = descriptors(bytes);
        assert!(descriptors[0].is_keyframe_start());
        assert!(descriptors[1..].iter().all(|descriptor| !descriptor.is_keyframe_start()));
    }
}

#[test]
fn frames_are_numbered_one_by_one_and_bounded_by_start_and_end() {
    for bytes in [AV1_L1T2, VP9_L3T3_KEY, H264_L1T2] {
        let (descriptors, _) = descriptors(bytes);
        let mut expected = descriptors[0].frame_number;
        for (descriptor, packet) in descriptors.iter().zip(packets(bytes)) {
            assert_eq!(descriptor.frame_number, expected);
            assert_eq!(descriptor.end_of_frame, packet.marker);
            expected += u16::from(descriptor.end_of_frame);
        }
    }
}

#[test]
fn the_structure_tells_templates_targets_and_size() {
    let (descriptors, structure) = descriptors(AV1_L1T2);
    assert_eq!((structure.decode_targets, structure.spatial_layers, structure.chains), (2, 1, 1));
    assert_eq!(structure.highest_resolution(), Some((320, 180)));
    assert_eq!(descriptors[0].active_decode_targets, Some(0b11));
}

#[test]
fn each_frame_finds_its_layer_through_its_template() {
    let temporal = |bytes| {
        let (descriptors, structure) = descriptors(bytes);
        let starts = descriptors.iter().filter(|descriptor| descriptor.start_of_frame);
        starts
            .take(5)
            .map(|descriptor| descriptor.layer(Some(&structure)).unwrap().temporal)
            .collect::<Vec<_>>()
    };
    assert_eq!(temporal(AV1_L1T2), [0, 1, 0, 1, 0]);
    assert_eq!(temporal(VP9_L3T3_KEY), [0, 2, 1, 2, 0]);
    assert_eq!(temporal(H264_L1T2), [0, 1, 0, 1, 0]);
}

#[test]
fn template_ids_wrap_around_the_offset() {
    let (descriptors, structure) = descriptors(AV1_L1T2);
    let mut wrapped = structure;
    wrapped.id_offset = 63;
    assert_eq!(wrapped.layer(63), Some(TemplateLayer::default()));
    assert_eq!(wrapped.layer(0), structure.layer(structure.id_offset + 1));
    assert_eq!(wrapped.layer(62), None);
    assert_eq!(descriptors[3].layer(None), None, "no structure known, no layer");
}

#[test]
fn the_bitmask_of_a_packet_without_structure_needs_the_known_one() {
    let (_, structure) = descriptors(AV1_L1T2);
    // Active targets present, then custom flags 000, then the mask 01 for two targets.
    let bytes = [0x80, 0x12, 0x34, 0b0100_0010];
    let descriptor = DependencyDescriptor::parse(&bytes, Some(&structure)).unwrap();
    assert_eq!(descriptor.active_decode_targets, Some(0b01));
    assert_eq!(DependencyDescriptor::parse(&bytes, None).unwrap().active_decode_targets, None);
}

proptest! {
    #[test]
    fn a_rewritten_frame_number_is_read_again_and_nothing_else_changes(
        index in any::<prop::sample::Index>(), number: u16,
    ) {
        let packets = packets(VP9_L3T3_KEY);
        let original = index.get(&packets).descriptor;
        let before = DependencyDescriptor::parse(original, None).unwrap();
        let mut bytes = original.to_vec();
        prop_assert!(rewrite_frame_number(&mut bytes, number));
        let after = DependencyDescriptor::parse(&bytes, None).unwrap();
        prop_assert_eq!(after, DependencyDescriptor { frame_number: number, ..before });
        rewrite_frame_number(&mut bytes, before.frame_number);
        prop_assert_eq!(bytes.as_slice(), original);
    }
}

#[test]
fn a_descriptor_of_two_bytes_is_none() {
    assert_eq!(DependencyDescriptor::parse(&[0x80, 0], None), None);
    assert!(!rewrite_frame_number(&mut [0x80, 0], 1));
}
