//! The join cache by itself.

use sluice_domain::MediaKind;
use sluice_media::PacketInfo;

use super::*;
use crate::testing::{self, start};

const SPAN: Duration = Duration::from_secs(5);
const FRESH: Duration = Duration::from_millis(500);

fn packet(seq: u64, timestamp: u32, key: bool, millis: u64) -> Arc<MediaPacket> {
    Arc::new(MediaPacket {
        timestamp,
        payload: Arc::from([0_u8; 100]),
        arrived: start() + Duration::from_millis(millis),
        info: PacketInfo { keyframe_start: key, ..PacketInfo::default() },
        ..testing::packet(MediaKind::Video, seq)
    })
}

fn seqs(cache: &LayerCache) -> Vec<u64> {
    let indices = cache.start().into_iter().flat_map(|start| start..cache.end());
    indices.map(|index| cache.packet(index).unwrap().seq).collect()
}

#[test]
fn nothing_is_kept_before_the_first_key_frame() {
    let mut cache = LayerCache::new(1 << 20, SPAN, FRESH);
    assert!(!cache.push(&packet(1, 10, false, 0)));
    assert_eq!((cache.start(), cache.age(start())), (None, None));
    assert!(cache.push(&packet(2, 20, true, 33)));
    assert_eq!(seqs(&cache), [2]);
    assert_eq!(cache.age(start() + Duration::from_millis(133)), Some(Duration::from_millis(100)));
    assert!(cache.is_fresh(start() + Duration::from_millis(533)));
    assert!(!cache.is_fresh(start() + Duration::from_millis(534)));
}

#[test]
fn several_packets_that_begin_one_key_frame_begin_it_once() {
    let mut cache = LayerCache::new(1 << 20, SPAN, FRESH);
    assert!(cache.push(&packet(1, 10, true, 0)));
    assert!(!cache.push(&packet(2, 10, true, 0)), "parameter sets and slice in packets of their own");
    assert!(cache.is_key_frame(10) && !cache.is_key_frame(11));
    assert_eq!(seqs(&cache), [1, 2]);
}

#[test]
fn a_new_key_frame_takes_the_place_of_the_old_one_and_its_readers_notice() {
    let mut cache = LayerCache::new(1 << 20, SPAN, FRESH);
    cache.push(&packet(1, 10, true, 0));
    cache.push(&packet(2, 20, false, 33));
    let reader = cache.end();
    assert!(cache.push(&packet(3, 30, true, 66)));
    assert_eq!(seqs(&cache), [3]);
    assert_eq!(cache.start(), Some(reader), "indices are never used twice");
    assert!(cache.packet(reader - 1).is_none());
}

#[test]
fn what_overtook_the_first_packet_of_a_key_frame_is_kept() {
    let mut cache = LayerCache::new(1 << 20, SPAN, FRESH);
    cache.push(&packet(1, 10, true, 0));
    // The first packet of the next key frame, seq 5, is lost and comes again after a picture more.
    for seq in 6..40 {
        assert!(!cache.push(&packet(seq, 20, false, 33)));
    }
    cache.push(&packet(40, 30, false, 66));
    assert!(cache.push(&packet(5, 20, true, 70)));
    cache.push(&packet(41, 40, false, 99));
    let expected: Vec<u64> = std::iter::once(5).chain(6..42).collect();
    assert_eq!(seqs(&cache), expected);
}

#[test]
fn a_late_packet_of_an_older_key_frame_does_not_turn_the_cache_back() {
    let mut cache = LayerCache::new(1 << 20, SPAN, FRESH);
    cache.push(&packet(50, 50, true, 0));
    assert!(!cache.push(&packet(10, 10, true, 5)));
    assert_eq!(seqs(&cache), [50]);
}

#[test]
fn the_cache_is_bounded_in_bytes_and_in_time() {
    let mut small = LayerCache::new(1_000, SPAN, FRESH);
    small.push(&packet(1, 10, true, 0));
    for seq in 2..=10 {
        small.push(&packet(seq, 10, false, 0));
    }
    assert_eq!(seqs(&small).len(), 10);
    small.push(&packet(11, 20, false, 33));
    assert_eq!(small.start(), None, "half a key frame would help nobody");
    let mut short = LayerCache::new(1 << 20, Duration::from_secs(1), FRESH);
    short.push(&packet(1, 10, true, 0));
    short.push(&packet(2, 20, false, 1000));
    assert_eq!(seqs(&short).len(), 2);
    short.push(&packet(3, 30, false, 1001));
    assert_eq!(short.start(), None);
    assert!(short.push(&packet(4, 40, true, 1100)), "the next key frame starts it again");
}
