//! The history by itself.

use std::collections::HashMap;

use proptest::prelude::*;
use sluice_domain::MediaKind;

use super::*;
use crate::testing::{self, start};

fn packet(seq: u64, millis: u64) -> Arc<MediaPacket> {
    Arc::new(MediaPacket {
        payload: Arc::from(seq.to_be_bytes()),
        arrived: start() + Duration::from_millis(millis),
        ..testing::packet(MediaKind::Video, seq)
    })
}

fn filled(first: u64, count: u64) -> History {
    let mut history = History::default();
    (0..count).for_each(|at| history.push(&packet(first + at, at)));
    history
}

fn found(history: &History, seq: u64) -> bool {
    history.get(seq as u32).is_some_and(|packet| packet.seq == seq)
}

#[test]
fn packets_are_found_by_the_low_bits_of_their_number() {
    let first = u64::from(u32::MAX) - 500;
    let history = filled(first, 1_000);
    assert!((first..first + 1_000).all(|seq| found(&history, seq)));
    assert!(history.get((first - 1) as u32).is_none() && history.get((first + 1_000) as u32).is_none());
    assert!(History::default().get(0).is_none());
}

#[test]
fn a_late_packet_finds_its_place() {
    let mut history = History::default();
    for seq in [5, 6, 9] {
        history.push(&packet(seq, 0));
    }
    assert!(!found(&history, 7) && !found(&history, 8));
    history.push(&packet(7, 1));
    history.push(&packet(4, 1));
    assert!(found(&history, 7) && found(&history, 9));
    assert!(!found(&history, 8) && !found(&history, 4), "what lies before the first is left out");
}

#[test]
fn what_is_old_makes_room() {
    let mut history = filled(0, 100);
    for seq in 100..300 {
        history.push(&packet(seq, 2_200 + seq));
    }
    assert!(!(0..100).any(|seq| found(&history, seq)));
    assert!((100..300).all(|seq| found(&history, seq)));
    assert_eq!(history.packets.len(), 200);
}

#[test]
fn memory_is_bounded_although_time_stands_still() {
    let mut history = History::default();
    for at in 0..20_000_u64 {
        history.push(&packet(at + at / 4, 0));
    }
    assert_eq!(history.packets.len(), MOST);
    assert!(found(&history, 24_998));
}

#[test]
fn a_large_jump_begins_anew_and_a_small_one_does_not() {
    let mut history = filled(0, 10);
    history.push(&packet(9 + LARGEST_JUMP, 11));
    assert!(found(&history, 9) && found(&history, 9 + LARGEST_JUMP));
    history.push(&packet(100_000, 12));
    assert!(found(&history, 100_000) && !found(&history, 9));
    assert_eq!(history.packets.len(), 1);
}

proptest! {
    #[test]
    fn only_what_arrived_is_found(
        first in prop_oneof![0_u64..100, 4_294_967_000..4_294_967_300_u64],
        steps in prop::collection::vec((prop_oneof![Just(1_i64), -9..60_i64, 1_000..1_050_i64], 0_u64..50), 1..300),
    ) {
        let (mut history, mut known) = (History::default(), HashMap::new());
        let (mut seq, mut now) = (first, 0);
        for (step, millis) in steps {
            seq = seq.saturating_add_signed(step);
            now += millis;
            let packet = packet(seq, now);
            history.push(&packet);
            known.insert(seq as u32, packet);
        }
        prop_assert!(found(&history, seq) || history.first > seq, "the newest is there");
        for asked in (seq - seq.min(9_000)..seq + 100).map(|seq| seq as u32) {
            if let Some(packet) = history.get(asked) {
                prop_assert!(known.get(&asked).is_some_and(|known| known.seq == packet.seq));
            }
        }
    }
}
