//! The rewriter by itself, and over random histories.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sluice_domain::{MediaKind, MediaTime};

use super::*;
use crate::testing;

fn packet(source: u32, seq: u64, timestamp: u32, captured_millis: i64) -> MediaPacket {
    MediaPacket {
        source: SourceId(source),
        timestamp,
        captured: MediaTime(captured_millis * 1000),
        estimated: false,
        ..testing::packet(MediaKind::Video, seq)
    }
}

fn rewriter() -> Rewriter {
    Rewriter::new(90_000, 12_345)
}

#[test]
fn the_first_sequence_number_leaves_the_rollover_counter_at_zero() {
    for seed in [0, 1, 0x3fff, 0x4000, u32::MAX] {
        let mut rewriter = Rewriter::new(90_000, seed);
        let first = packet(1, 5_000_000, 9, 0);
        rewriter.switch(&first, false);
        let seq = rewriter.map(&first).unwrap().seq;
        assert!((1..0x8000).contains(&seq), "{seq}");
    }
}

#[test]
fn a_segment_that_was_given_up_before_it_was_used_leaves_its_numbers_to_the_next() {
    let mut rewriter = rewriter();
    let first = packet(1, 100, 1_000, 0);
    rewriter.switch(&first, false);
    let before = rewriter.map(&first).unwrap();
    let (given_up, taken) = (packet(2, 60_000, 77, 40), packet(3, 9, 5, 50));
    rewriter.switch(&given_up, false);
    rewriter.switch(&taken, false);
    assert_eq!(rewriter.map(&given_up), None, "no number is used twice");
    assert_eq!(rewriter.map(&taken).unwrap().seq, before.seq + 1);
    // What comes late of the segment before still has its place.
    assert!(rewriter.map(&first).is_some());
}

#[test]
fn sequence_numbers_and_timestamps_go_on_over_a_switch() {
    let mut rewriter = rewriter();
    let old = packet(1, 100, 1_000, 0);
    rewriter.switch(&old, false);
    let before = rewriter.map(&old).unwrap();
    // 40 ms later, from another source with numbers of its own.
    let new = packet(2, 60_000, 77, 40);
    rewriter.switch(&new, false);
    let after = rewriter.map(&new).unwrap();
    assert_eq!(after.seq, before.seq + 1);
    assert_eq!(after.timestamp, before.timestamp.wrapping_add(40 * 90));
    let next = rewriter.map(&packet(2, 60_001, 77 + 3000, 73)).unwrap();
    assert_eq!((next.seq, next.timestamp), (after.seq + 1, after.timestamp.wrapping_add(3000)));
}

#[test]
fn a_late_packet_of_the_segment_before_finds_its_place() {
    let mut rewriter = rewriter();
    rewriter.switch(&packet(1, 10, 0, 0), false);
    let first = rewriter.map(&packet(1, 10, 0, 0)).unwrap();
    let third = rewriter.map(&packet(1, 12, 0, 0)).unwrap();
    rewriter.switch(&packet(2, 500, 0, 33), false);
    rewriter.map(&packet(2, 500, 0, 33)).unwrap();
    let late = rewriter.map(&packet(1, 11, 0, 0)).unwrap();
    assert_eq!((late.seq, late.timestamp), (first.seq + 1, first.timestamp));
    assert_eq!(third.seq, first.seq + 2);
    assert_eq!(rewriter.map(&packet(1, 13, 3000, 33)), None, "what follows has no place any more");
    assert_eq!(rewriter.map(&packet(1, 9, 0, 0)), None, "nor has what was before the first");
    assert!(rewriter.knows(SourceId(1)) && rewriter.source() == Some(SourceId(2)));
}

#[test]
fn a_packet_of_an_unknown_source_has_no_place() {
    let mut rewriter = rewriter();
    assert_eq!(rewriter.map(&packet(1, 1, 1, 0)), None);
    assert_eq!(rewriter.source(), None);
    rewriter.switch(&packet(1, 1, 1, 0), false);
    assert_eq!(rewriter.map(&packet(2, 1, 1, 0)), None);
}

#[test]
fn room_is_left_for_a_packet_of_our_own() {
    let mut rewriter = rewriter();
    rewriter.switch(&packet(1, 7, 0, 0), false);
    let before = rewriter.map(&packet(1, 7, 0, 0)).unwrap();
    let key = packet(2, 90, 0, 33);
    let (seq, timestamp) = rewriter.switch(&key, true).unwrap();
    let after = rewriter.map(&key).unwrap();
    assert_eq!((seq, after.seq), (before.seq + 1, before.seq + 2));
    assert_eq!(timestamp, after.timestamp);
}

#[test]
fn picture_ids_wrap_where_their_fields_end() {
    let with = |mut packet: MediaPacket, id: u16, tl0: u8, key_idx: u8| {
        packet.info.picture_id = Some(id);
        packet.info.tl0 = Some(tl0);
        packet.info.key_idx = Some(key_idx);
        packet
    };
    let mut rewriter = rewriter();
    let old = with(packet(1, 1, 0, 0), 0x7fff, 255, 31);
    rewriter.switch(&old, false);
    let same = rewriter.map(&old).unwrap();
    assert!(!same.changed, "the first source keeps its numbers");
    let new = with(packet(2, 1, 0, 33), 400, 7, 7);
    rewriter.switch(&new, false);
    let after = rewriter.map(&new).unwrap();
    assert_eq!((after.picture_id, after.tl0, after.key_idx), (Some(0), Some(0), Some(0)));
    assert!(after.changed);
    let next = rewriter.map(&with(packet(2, 2, 3000, 66), 401, 8, 7)).unwrap();
    assert_eq!((next.picture_id, next.tl0, next.key_idx), (Some(1), Some(1), Some(0)));
}

#[test]
fn pictures_from_the_past_are_squeezed_behind_the_last_one() {
    let mut rewriter = rewriter();
    rewriter.switch(&packet(1, 1, 0, 1000), false);
    let last = rewriter.map(&packet(1, 1, 0, 1000)).unwrap();
    // A key frame 100 ms older than what was shown, and the pictures since.
    rewriter.switch(&packet(2, 1, 0, 900), false);
    let mut before = last.timestamp;
    for picture in 0..6_u32 {
        let captured = 900 + i64::from(picture) * 33;
        let source = packet(2, u64::from(picture) + 1, picture * 2970, captured);
        let out = rewriter.map(&source).unwrap().timestamp;
        assert!(newer(out, before), "picture {picture}");
        before = out;
    }
    // Caught up: 65 ms after the last picture of the other source.
    assert_eq!(before, last.timestamp.wrapping_add(65 * 90));
}

/// One packet on its way: when it is delivered, and whether a segment begins with it.
#[derive(Debug, Clone)]
struct Delivery {
    at: u32,
    begins: bool,
    picture: u64,
    packet: (u32, u64, u32, i64),
}

prop_compose! {
    /// Segments of three sources in a row. Packets but the first of each segment are late by up to
    /// six packets, so they come after up to one switch; some segments begin in the past.
    fn deliveries()(segments in prop::collection::vec((0_u32..3, 8_usize..30, 0_i64..2000, any::<u16>()), 1..7))
        (lateness in prop::collection::vec(prop::collection::vec(prop_oneof![Just(0_u32), 0_u32..60], 30), segments.len()), segments in Just(segments))
        -> Vec<Delivery>
    {
        let mut deliveries = Vec::new();
        let mut base = 0_u32;
        for (index, ((source, packets, past, random), lateness)) in segments.iter().zip(&lateness).enumerate() {
            let first_seq = 1000 + u64::from(base) + u64::from(*source) * 100_000;
            for (number, late) in lateness.iter().enumerate().take(*packets) {
                let n = u32::try_from(number).unwrap();
                // Pictures of three packets, 33 ms apart.
                let picture = n / 3;
                let captured = i64::from(base) * 3 - past + i64::from(picture) * 33;
                let timestamp = (*source << 30)
                    .wrapping_add(u32::from(*random))
                    .wrapping_add(base.wrapping_mul(2970))
                    .wrapping_add(picture * 2970);
                deliveries.push(Delivery {
                    at: base + n * 10 + if number == 0 { 0 } else { *late },
                    begins: number == 0,
                    picture: index as u64 * 1000 + u64::from(picture),
                    packet: (*source, first_seq + u64::from(n), timestamp, captured),
                });
            }
            base += u32::try_from(packets * 10).unwrap();
        }
        deliveries.sort_by_key(|delivery| (delivery.at, delivery.begins));
        deliveries
    }
}

proptest! {
    #[test]
    fn any_sequence_of_switches_and_reorderings_is_one_continuous_stream(deliveries in deliveries()) {
        let mut rewriter = rewriter();
        let mut out: BTreeMap<u64, (u32, u64)> = BTreeMap::new();
        for delivery in deliveries {
            let (source, seq, timestamp, captured) = delivery.packet;
            let packet = packet(source, seq, timestamp, captured);
            if delivery.begins {
                rewriter.switch(&packet, false);
            }
            if let Some(rewritten) = rewriter.map(&packet) {
                let twice = out.insert(rewritten.seq, (rewritten.timestamp, delivery.picture));
                prop_assert!(twice.is_none(), "sequence number {} twice", rewritten.seq);
            }
        }
        let (first, last) = (*out.keys().next().unwrap(), *out.keys().last().unwrap());
        prop_assert_eq!(last - first + 1, out.len() as u64, "everything was repaired, so nothing is missing");
        let all: Vec<(u32, u64)> = out.into_values().collect();
        for pair in all.windows(2) {
            let ((before, a), (after, b)) = (pair[0], pair[1]);
            prop_assert_eq!(a == b, before == after, "one timestamp a picture: {:?}", pair);
            prop_assert!(a == b || newer(after, before), "timestamps go back: {:?}", pair);
        }
    }
}

#[test]
fn a_picture_repaired_while_catching_up_stays_between_its_neighbours() {
    let mut rewriter = rewriter();
    rewriter.switch(&packet(1, 1, 0, 1000), false);
    rewriter.map(&packet(1, 1, 0, 1000)).unwrap();
    rewriter.switch(&packet(2, 1, 0, 700), false);
    let picture = |number: u32| packet(2, u64::from(number) + 1, number * 2970, 700 + i64::from(number) * 33);
    let first = rewriter.map(&picture(0)).unwrap();
    let third = rewriter.map(&picture(2)).unwrap();
    let second = rewriter.map(&picture(1)).unwrap();
    assert!(newer(second.timestamp, first.timestamp) && newer(third.timestamp, second.timestamp));
    assert_eq!(rewriter.map(&picture(1)).unwrap().timestamp, second.timestamp);
}
