//! H.264 as Chromium's OpenH264 and ffmpeg's x264 send it.

use sluice_domain::Codec;
use sluice_media::h264::{self, ParameterSets, Sps, nals};

use crate::fixture::{key_pictures, packets, pictures};

const CHROMIUM: &[u8] = include_bytes!("../data/chromium-h264-l1t2.payloads");
const BASELINE: &[u8] = include_bytes!("../data/ffmpeg-h264-baseline.payloads");
const BFRAMES: &[u8] = include_bytes!("../data/ffmpeg-h264-bframes.payloads");

#[test]
fn only_idr_pictures_start_a_key_frame() {
    assert_eq!(key_pictures(&pictures(Codec::H264, CHROMIUM)), [0]);
    assert_eq!(key_pictures(&pictures(Codec::H264, BASELINE)), [0, 4]);
    assert_eq!(key_pictures(&pictures(Codec::H264, BFRAMES)), [0, 4]);
}

#[test]
fn the_size_is_the_cropped_one() {
    for bytes in [CHROMIUM, BASELINE, BFRAMES] {
        let first = h264::inspect(packets(bytes)[0].payload);
        assert!(first.has_sps && first.has_pps && !first.has_b_slice);
        assert_eq!(first.resolution, Some((320, 180)), "12 macroblocks high are 192 lines");
    }
}

#[test]
fn later_slices_of_a_sliced_idr_picture_do_not_start_it_again() {
    let packets = packets(BASELINE);
    let kinds: Vec<_> = packets.iter().take(8).map(|packet| h264::inspect(packet.payload)).collect();
    let starts: Vec<_> = kinds.iter().map(|kind| kind.keyframe_start).collect();
    // STAP-A with SPS and PPS, two fragments of SEI, slice one, slice two.
    assert_eq!(starts, [true, false, false, true, false, false, false, false]);
    assert!(kinds[5].has_idr, "the second slice is IDR all the same");
    assert!(packets[7].marker);
}

#[test]
fn b_slices_are_found_where_the_encoder_uses_them_and_nowhere_else() {
    let count =
        |bytes| packets(bytes).iter().filter(|packet| h264::inspect(packet.payload).has_b_slice).count();
    assert_eq!(count(CHROMIUM), 0);
    assert_eq!(count(BASELINE), 0);
    assert!(count(BFRAMES) >= 3, "two of three pictures between key frames are B: {}", count(BFRAMES));
}

#[test]
fn profile_and_level_are_those_of_the_encoder() {
    let sps = |bytes| {
        let packet = packets(bytes)[0];
        nals(packet.payload).find_map(|nal| Sps::parse(nal.whole?)).unwrap()
    };
    let chromium = sps(CHROMIUM);
    assert_eq!((chromium.profile_idc, chromium.constraint_flags, chromium.level_idc), (0x42, 0xc0, 0x15));
    assert_eq!(sps(BFRAMES).profile_idc, 100);
}

#[test]
fn a_late_joiner_gets_the_sets_that_the_encoder_sent() {
    for bytes in [CHROMIUM, BASELINE, BFRAMES] {
        let mut sets = ParameterSets::default();
        assert_eq!(sets.stap_a(), None);
        let changes = packets(bytes).iter().filter(|packet| sets.observe(packet.payload)).count();
        assert_eq!(changes, 1, "the repetition at the second key frame is nothing new");
        let payload = sets.stap_a().unwrap();
        let sent: Vec<_> = nals(packets(bytes)[0].payload).map(|nal| nal.whole).filter(is_set).collect();
        let built: Vec<_> = nals(&payload).map(|nal| nal.whole).collect();
        assert_eq!(built, sent);
        let packet = h264::inspect(&payload);
        assert!(packet.keyframe_start && packet.has_sps && packet.has_pps);
    }
}

fn is_set(unit: &Option<&[u8]>) -> bool {
    unit.is_some_and(|unit| matches!(unit[0] & 0x1f, 7 | 8))
}

#[test]
fn single_nal_packets_of_mode_0_fill_the_store_too() {
    let mut sets = ParameterSets::default();
    let units: Vec<_> = nals(packets(BASELINE)[0].payload).filter_map(|nal| nal.whole).collect();
    for unit in &units {
        assert!(sets.observe(unit));
    }
    assert!(sets.is_complete());
}

#[test]
fn a_changed_sps_drops_the_pps_that_belonged_to_the_old_one() {
    let mut sets = ParameterSets::default();
    sets.observe(packets(BASELINE)[0].payload);
    assert!(sets.is_complete());
    let other =
        nals(packets(BFRAMES)[0].payload).filter_map(|nal| nal.whole).find(|unit| unit[0] & 0x1f == 7);
    assert!(sets.observe(other.unwrap()));
    assert_eq!(sets.stap_a(), None, "an SPS without its PPS would make decoders fail");
}

#[test]
fn the_aggregate_is_as_important_as_the_sets_that_it_holds() {
    // Found by fuzzing: the importance of a set that has been replaced must not stay behind.
    let mut sets = ParameterSets::default();
    sets.observe(packets(BASELINE)[0].payload);
    assert_eq!(sets.stap_a().unwrap()[0], 0x78);
    let units: Vec<_> = nals(packets(BASELINE)[0].payload).filter_map(|nal| nal.whole).collect();
    for unit in units {
        let mut unimportant = unit.to_vec();
        unimportant[0] &= 0x1f;
        sets.observe(&unimportant);
    }
    assert_eq!(sets.stap_a().unwrap()[0], 0x18);
}

#[test]
fn an_sps_in_front_of_an_ordinary_picture_is_no_key_frame() {
    let sps = nals(packets(BASELINE)[0].payload).filter_map(|nal| nal.whole).next().unwrap();
    let slice = [0x41, 0x9a, 0x20];
    let mut payload = vec![0x78];
    for unit in [sps, &slice] {
        payload.extend(u16::try_from(unit.len()).unwrap().to_be_bytes());
        payload.extend(unit);
    }
    let packet = h264::inspect(&payload);
    assert!(packet.has_sps && packet.frame_start && !packet.keyframe_start);
}

#[test]
fn huge_or_endless_parameter_sets_are_not_hoarded() {
    let mut sets = ParameterSets::default();
    sets.observe(packets(BASELINE)[0].payload);
    let kept = sets.stap_a().unwrap();
    let mut huge = nals(packets(BASELINE)[0].payload).filter_map(|nal| nal.whole).next().unwrap().to_vec();
    huge.resize(60_000, 1);
    assert!(!sets.observe(&huge));
    assert_eq!(sets.stap_a().unwrap(), kept);
    // PPS ids 0 to 62 as ue(v) with sequence 0: the list stays short.
    for code in 1_u16..=63 {
        let width = 16 - code.leading_zeros();
        let bits = u32::from(code) << (32 - (2 * width - 1)) | 1 << (31 - (2 * width - 1));
        let mut pps = vec![0x68];
        pps.extend(bits.to_be_bytes());
        assert!(sets.observe(&pps));
    }
    let count = nals(&sets.stap_a().unwrap()).count();
    assert!((2..=9).contains(&count), "{count}");
}
