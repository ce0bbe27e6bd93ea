//! H.265 as ffmpeg's x265 sends it.

use sluice_domain::Codec;
use sluice_media::h265::{self, ParameterSets, nals};

use crate::fixture::{key_pictures, packets, pictures};

const LOW_DELAY: &[u8] = include_bytes!("../data/ffmpeg-h265.payloads");
const BFRAMES: &[u8] = include_bytes!("../data/ffmpeg-h265-bframes.payloads");

#[test]
fn random_access_pictures_start_a_key_frame() {
    assert_eq!(key_pictures(&pictures(Codec::H265, LOW_DELAY)), [0, 4]);
    assert_eq!(key_pictures(&pictures(Codec::H265, BFRAMES)), [0]);
}

#[test]
fn the_size_is_the_one_inside_the_conformance_window() {
    for bytes in [LOW_DELAY, BFRAMES] {
        let told: Vec<_> =
            packets(bytes).iter().filter_map(|packet| h265::inspect(packet.payload).resolution).collect();
        assert!(!told.is_empty());
        assert!(told.iter().all(|size| *size == (320, 180)), "{told:?}");
    }
}

#[test]
fn reordering_is_reported_although_low_delay_streams_have_b_slices_too() {
    let reorders = |bytes| packets(bytes).iter().any(|packet| h265::inspect(packet.payload).reorders);
    assert!(!reorders(LOW_DELAY));
    assert!(reorders(BFRAMES));
}

#[test]
fn a_late_joiner_gets_vps_sps_and_pps() {
    let mut sets = ParameterSets::default();
    for packet in packets(LOW_DELAY) {
        sets.observe(packet.payload);
    }
    let payload = sets.aggregation_packet().unwrap();
    let kinds: Vec<_> = nals(&payload).map(|nal| nal.kind).collect();
    assert_eq!(kinds, [32, 33, 34]);
    let packet = h265::inspect(&payload);
    assert!(packet.keyframe_start && packet.has_vps && packet.has_sps && packet.has_pps);
    assert_eq!(packet.resolution, Some((320, 180)));
}

#[test]
fn the_middle_and_the_end_of_a_fragmented_picture_start_nothing() {
    // FU of an IDR_W_RADL (19): start, middle, end.
    let fragment = |flags: u8| h265::inspect(&[49 << 1, 1, flags | 19, 0x80, 0]);
    assert!(fragment(0x80).keyframe_start);
    assert!(!fragment(0x00).keyframe_start && fragment(0x00).has_irap);
    assert!(!fragment(0x40).keyframe_start);
}

#[test]
fn the_temporal_layer_is_the_one_of_the_nal_header() {
    assert_eq!(h265::inspect(&[1 << 1, 3, 0x80]).temporal, 2);
    assert_eq!(h265::inspect(&[1 << 1, 0, 0x80]).temporal, 0, "0 is forbidden and taken for the base");
}
