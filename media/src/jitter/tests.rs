//! What the reorder buffer gives out for what comes in.

use std::sync::Arc;

use proptest::prelude::*;
use sluice_domain::Codec;

use super::*;

fn packet(seq: u64, millis: i64) -> TappedPacket {
    TappedPacket {
        source: 1,
        layer: 0,
        codec: Codec::Vp8,
        seq,
        timestamp: 0,
        marker: false,
        payload: Arc::from([0_u8].as_slice()),
        captured: MediaTime(millis * 1_000),
        estimated: false,
        orientation: None,
    }
}

/// Sequence numbers given out; a gap as `None`.
fn numbers(out: &mut Vec<Ordered>) -> Vec<Option<u64>> {
    out.drain(..)
        .map(|ordered| match ordered {
            Ordered::Packet(packet) => Some(packet.seq),
            Ordered::Gap { .. } => None,
        })
        .collect()
}

#[test]
fn packets_in_order_do_not_wait() {
    let (mut reorder, mut out) = (Reorder::default(), Vec::new());
    for seq in 70..80 {
        reorder.push(packet(seq, 0), &mut out);
        assert_eq!(numbers(&mut out), [Some(seq)]);
    }
}

#[test]
fn a_late_packet_takes_its_place_and_a_second_copy_is_dropped() {
    let (mut reorder, mut out) = (Reorder::default(), Vec::new());
    for seq in [5, 7, 8, 6, 7, 9] {
        reorder.push(packet(seq, 0), &mut out);
    }
    assert_eq!(numbers(&mut out), [5, 6, 7, 8, 9].map(Some));
}

#[test]
fn a_hole_is_given_up_when_enough_time_of_capture_lies_behind_it() {
    let (mut reorder, mut out) = (Reorder::default(), Vec::new());
    reorder.push(packet(1, 0), &mut out);
    reorder.push(packet(4, 33), &mut out);
    reorder.push(packet(5, 600), &mut out);
    assert_eq!(numbers(&mut out), [Some(1)], "repairs may still come");
    reorder.push(packet(6, 640), &mut out);
    assert!(matches!(out[0], Ordered::Gap { packets: 2 }));
    assert_eq!(numbers(&mut out), [None, Some(4), Some(5), Some(6)]);
    reorder.push(packet(3, 700), &mut out);
    assert!(out.is_empty(), "too late");
}

#[test]
fn a_hole_is_given_up_when_too_many_packets_wait_behind_it() {
    let (mut reorder, mut out) = (Reorder::default(), Vec::new());
    reorder.push(packet(0, 0), &mut out);
    for seq in 2..2 + MAX_HELD as u64 {
        reorder.push(packet(seq, 0), &mut out);
    }
    assert_eq!(out.len(), 1);
    reorder.push(packet(2 + MAX_HELD as u64, 0), &mut out);
    assert_eq!(out.len(), 1 + 1 + MAX_HELD + 1);
    assert_eq!(reorder.waiting(), 0);
}

#[test]
fn a_second_hole_has_its_own_time() {
    let (mut reorder, mut out) = (Reorder::default(), Vec::new());
    for (seq, millis) in [(1, 0), (3, 10), (5, 500), (6, 620)] {
        reorder.push(packet(seq, millis), &mut out);
    }
    assert_eq!(numbers(&mut out), [Some(1), None, Some(3)], "4 may still come");
    reorder.push(packet(4, 620), &mut out);
    assert_eq!(numbers(&mut out), [4, 5, 6].map(Some));
}

#[test]
fn a_stream_that_counts_from_anew_is_heard_again() {
    let (mut reorder, mut out) = (Reorder::default(), Vec::new());
    reorder.push(packet(1_000_000, 0), &mut out);
    for seq in 0..u64::from(MAX_LATE) + 5 {
        reorder.push(packet(seq, 0), &mut out);
    }
    let numbers = numbers(&mut out);
    assert_eq!(numbers[..2], [Some(1_000_000), None]);
    assert_eq!(numbers.last(), Some(&Some(u64::from(MAX_LATE) + 4)));
}

#[test]
fn the_end_gives_out_what_waits_and_a_restart_forgets_the_count() {
    let (mut reorder, mut out) = (Reorder::default(), Vec::new());
    for seq in [1, 3, 6] {
        reorder.push(packet(seq, 0), &mut out);
    }
    reorder.restart(&mut out);
    assert_eq!(numbers(&mut out), [Some(1), None, Some(3), None, Some(6)]);
    reorder.push(packet(2, 0), &mut out);
    assert_eq!(numbers(&mut out), [Some(2)]);
}

proptest! {
    #[test]
    fn what_comes_out_rises_and_gaps_count_what_is_missing(
        arrivals in prop::collection::vec((0_u64..300, 0_i64..2_000), 1..400),
    ) {
        let (mut reorder, mut out) = (Reorder::default(), Vec::new());
        for (seq, millis) in &arrivals {
            reorder.push(packet(*seq, *millis), &mut out);
            prop_assert!(reorder.waiting() <= MAX_HELD);
        }
        reorder.flush(&mut out);
        let mut due = None;
        for ordered in &out {
            match ordered {
                Ordered::Packet(packet) => {
                    prop_assert!(due.is_none_or(|due| due == packet.seq));
                    due = Some(packet.seq + 1);
                }
                // A stream that seems to count from anew.
                Ordered::Gap { packets: 0 } => due = None,
                Ordered::Gap { packets } => due = due.map(|due: u64| due + packets),
            }
        }
    }

    #[test]
    fn any_order_within_the_bounds_is_put_right(
        order in Just((1_u64..200).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let (mut reorder, mut out) = (Reorder::default(), Vec::new());
        reorder.push(packet(0, 0), &mut out);
        for seq in &order {
            reorder.push(packet(*seq, 0), &mut out);
        }
        // More than MAX_LATE repairs in a row cannot come of a stream whose first packet came first.
        prop_assert_eq!(numbers(&mut out), (0..200).map(Some).collect::<Vec<_>>());
    }
}
