//! What may be asked for again, over random histories too.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn to(seq: u64) -> Rewritten {
    Rewritten {
        seq,
        timestamp: seq as u32 * 3,
        picture_id: None,
        tl0: None,
        key_idx: None,
        frame_number: None,
        changed: false,
    }
}

/// Everything from `first` on, a packet a millisecond.
fn sent(first: u64, count: u64) -> Resend {
    let mut resend = Resend::default();
    for at in 0..count {
        resend.push(SourceId(1), 5_000 + at, &to(first + at), 96, at as u32);
    }
    resend
}

#[test]
fn a_packet_is_told_as_it_was_sent() {
    let mut resend = Resend::default();
    let full = Rewritten {
        seq: 70_000,
        timestamp: 9,
        picture_id: Some(0),
        tl0: Some(255),
        key_idx: Some(31),
        frame_number: Some(0xffff),
        changed: true,
    };
    resend.push(SourceId(7), 0x1_2345_6789, &full, 45, 10);
    let again = Again { source: SourceId(7), source_seq: 0x2345_6789, to: full, pt: 45 };
    assert_eq!(resend.newest(), Some(again));
    assert_eq!(resend.take(70_000_u64 as u16, 40), Some(again));
    resend.push(SourceId(7), 5, &to(70_001), 45, 10);
    assert_eq!(resend.take(70_001_u64 as u16, 40).map(|again| again.to), Some(to(70_001)));
}

#[test]
fn numbers_are_found_over_the_wrap() {
    let mut resend = sent(65_000, 1_500);
    for seq in [65_000_u64, 65_535, 65_536, 66_499] {
        let again = resend.take(seq as u16, 1_600).unwrap_or_else(|| panic!("{seq}"));
        assert_eq!((again.to.seq, again.source_seq), (seq, (5_000 + seq - 65_000) as u32));
    }
    assert_eq!(resend.take(64_999, 1_600), None);
    assert_eq!(resend.take(66_500_u64 as u16, 1_600), None, "this one was never sent");
}

#[test]
fn nothing_is_found_where_nothing_was_sent() {
    let mut resend = Resend::default();
    assert!((0..=u16::MAX).all(|seq| resend.take(seq, 5).is_none()) && resend.newest().is_none());
    // Fewer packets than numbers below: what lies before the first is none.
    let mut resend = sent(3, 2);
    assert!((5..=u16::MAX).chain(0..3).all(|seq| resend.take(seq, 50).is_none()));
}

#[test]
fn a_repair_is_not_repeated_at_once() {
    let mut resend = sent(100, 1);
    assert!(resend.take(100, 30).is_some());
    assert!(resend.take(100, 30 + REST_MILLIS - 1).is_none());
    assert!(resend.take(100, 30 + REST_MILLIS).is_some());
}

#[test]
fn a_packet_that_was_just_sent_may_be_asked_for_at_once() {
    let mut resend = sent(100, 1);
    assert!(resend.take(100, 0).is_some());
}

#[test]
fn what_is_old_is_not_sent_again() {
    let mut resend = sent(100, 10);
    assert!(resend.take(100, LONGEST_MILLIS).is_some());
    assert!(resend.take(100, LONGEST_MILLIS + REST_MILLIS).is_none());
    assert!(resend.take(109, LONGEST_MILLIS + 9).is_some());
}

#[test]
fn the_clock_may_wrap() {
    let mut resend = Resend::default();
    resend.push(SourceId(1), 1, &to(1), 96, u32::MAX - 5);
    assert!(resend.take(1, 4).is_some());
    assert!(resend.take(1, LONGEST_MILLIS).is_none());
}

#[test]
fn a_gap_is_not_found_until_its_packet_comes_late() {
    let mut resend = Resend::default();
    for seq in [10, 11, 14] {
        resend.push(SourceId(1), seq, &to(seq), 96, 0);
    }
    assert!(resend.take(12, 1).is_none() && resend.take(13, 1).is_none());
    resend.push(SourceId(1), 12, &to(12), 96, 2);
    assert_eq!(resend.take(12, 3).map(|again| again.to.seq), Some(12));
    assert!(resend.take(13, 3).is_none());
    resend.push(SourceId(1), 9, &to(9), 96, 2);
    assert!(resend.take(9, 3).is_none(), "it lies before the first, and is left out");
    assert_eq!(resend.newest().map(|again| again.to.seq), Some(14));
}

#[test]
fn a_large_jump_begins_anew() {
    let mut resend = sent(100, 50);
    resend.push(SourceId(2), 1, &to(100_000), 96, 60);
    assert!((100..150).all(|seq| resend.take(seq, 70).is_none()));
    assert_eq!(resend.take(100_000_u64 as u16, 70).map(|again| again.source), Some(SourceId(2)));
    assert_eq!(resend.sent.len(), 1);
}

#[test]
fn forgotten_packets_are_gone_and_numbers_go_on() {
    let mut resend = sent(100, 50);
    resend.forget();
    assert!((100..150).all(|seq| resend.take(seq, 70).is_none()) && resend.newest().is_none());
    resend.push(SourceId(1), 9, &to(150), 96, 70);
    assert!(resend.take(150, 70).is_some() && resend.take(149, 70).is_none());
}

#[test]
fn memory_is_bounded() {
    let mut resend = Resend::default();
    for at in 0..100_000_u64 {
        // One in five is missing, and time stands still.
        resend.push(SourceId(1), at, &to(at + at / 4), 96, 0);
        assert!(resend.sent.len() <= MOST);
    }
    assert_eq!(resend.sent.capacity(), MOST);
}

#[test]
fn memory_is_bounded_where_almost_all_is_missing() {
    let mut resend = Resend::default();
    for at in 0..10_000_u64 {
        resend.push(SourceId(1), at, &to(at * LARGEST_JUMP), 96, 0);
        assert!(resend.sent.len() <= MOST && resend.sent.capacity() <= MOST);
        let again = resend.take((at * LARGEST_JUMP) as u16, 0).expect("it was just sent");
        assert_eq!((again.to.seq, again.source_seq), (at * LARGEST_JUMP, at as u32));
    }
}

#[test]
fn a_packet_takes_24_bytes() {
    assert_eq!(size_of::<Sent>(), 24);
}

/// Pauses around which the low bits of a time begin again.
const PAUSES: [u32; 8] = [
    LONGEST_MILLIS + 1,
    3_000,
    (1 << 15) + 50,
    (1 << 16) - 50,
    (1 << 16) + 50,
    66_000,
    40 * 60_000,
    72 * 60_000,
];

#[test]
fn nothing_of_before_a_pause_is_sent_again_after_it() {
    for pause in PAUSES {
        let mut resend = sent(65_000, 700);
        let now = 699 + pause;
        let asked = || (65_000..65_700_u64).map(|seq| seq as u16);
        assert!(asked().all(|seq| resend.take(seq, now).is_none()), "{pause}");
        assert_eq!(resend.newest().map(|again| again.to.seq), Some(65_699));
        assert_eq!(resend.next(), 65_700);
        resend.push(SourceId(1), 5_700, &to(65_700), 96, now);
        assert!(asked().all(|seq| resend.take(seq, now).is_none()), "{pause}");
        assert_eq!(resend.take(65_700_u64 as u16, now).map(|again| again.to.seq), Some(65_700));
        assert_eq!(resend.next(), 65_701, "numbers go on");
        // What was missing before the pause comes late: it is of no use, and does no harm.
        resend.push(SourceId(1), 5_600, &to(65_600), 96, now);
        resend.push(SourceId(1), 5_702, &to(65_702), 96, now);
        assert!(asked().all(|seq| resend.take(seq, now).is_none()), "{pause}");
        assert!(resend.take(65_701_u64 as u16, now).is_none());
        assert_eq!(resend.take(65_702_u64 as u16, now).map(|again| again.to.seq), Some(65_702));
    }
}

#[test]
fn a_late_packet_after_a_pause_is_found() {
    for pause in PAUSES {
        let mut resend = sent(100, 50);
        let now = 49 + pause;
        resend.push(SourceId(1), 5_020, &to(120), 96, now);
        assert_eq!(resend.take(120, now).map(|again| again.source_seq), Some(5_020));
        resend.push(SourceId(1), 5_050, &to(150), 96, now);
        assert_eq!(resend.take(150, now).map(|again| again.source_seq), Some(5_050));
        assert!((100..150).filter(|seq| *seq != 120).all(|seq| resend.take(seq, now + 20).is_none()));
    }
}

#[test]
fn what_is_old_is_not_sent_again_where_many_packets_are_followed_by_few() {
    let mut resend = Resend::default();
    for seq in 0..MOST as u64 {
        resend.push(SourceId(1), seq, &to(seq), 96, 0);
    }
    for packet in 1..100 {
        let (seq, now) = (MOST as u64 - 1 + u64::from(packet), packet * LONGEST_MILLIS);
        resend.push(SourceId(1), seq, &to(seq), 96, now);
        // Just after the push, and just before the next.
        for later in [now, now + LONGEST_MILLIS] {
            let sent_at = |seq: u64| seq.saturating_sub(MOST as u64 - 1) as u32 * LONGEST_MILLIS;
            for asked in (0..=seq).rev().take(MOST) {
                let found = resend.take(asked as u16, later).is_some();
                assert!(!found || later - sent_at(asked) <= LONGEST_MILLIS, "{asked} at {later}");
                assert!(found || asked != seq, "the newest is not old");
            }
        }
    }
    assert!(resend.sent.len() <= 2, "what is old is gone");
}

#[test]
fn a_clock_that_steps_back_a_little_does_no_harm() {
    let mut resend = sent(100, 50);
    resend.push(SourceId(1), 5_050, &to(150), 96, 40);
    assert!((100..=150).all(|seq| resend.take(seq, 70).is_some()));
}

#[test]
fn room_is_for_little_more_than_two_seconds() {
    let mut resend = Resend::default();
    // 350 packets a second.
    let mut push = |packets: std::ops::Range<u64>| {
        packets.for_each(|seq| resend.push(SourceId(1), seq, &to(seq), 96, (seq * 1_000 / 350) as u32));
        resend.sent.capacity()
    };
    let room = push(0..1_000);
    assert!(room <= 900, "{room}");
    assert_eq!(push(1_000..350 * 600), room);
}

proptest! {
    #[test]
    fn only_what_was_sent_is_found_and_as_it_was_sent(
        first in prop_oneof![0_u64..100, 65_000..66_000_u64],
        steps in prop::collection::vec((prop_oneof![Just(1_i64), -4..40_i64, 500..530_i64], 0_u32..40), 1..300),
        asked in prop::collection::vec(any::<u16>(), 50),
    ) {
        let (mut resend, mut known) = (Resend::default(), HashMap::new());
        let (mut seq, mut now) = (first, 0);
        for (count, (step, millis)) in steps.into_iter().enumerate() {
            seq = seq.saturating_add_signed(step);
            now += millis;
            resend.push(SourceId(1), count as u64, &to(seq), 96, now);
            known.insert(seq, count as u32);
        }
        let near = (0..600).map(|behind| (seq as u16).wrapping_add(300).wrapping_sub(behind));
        for seq in asked.into_iter().chain(near) {
            if let Some(again) = resend.take(seq, now) {
                prop_assert_eq!(again.to.seq as u16, seq);
                prop_assert_eq!(known.get(&again.to.seq), Some(&again.source_seq));
            }
        }
    }
}
