//! Batches and rounds by themselves.

use std::collections::BTreeMap;

use sluice_domain::{Codec, MediaTime};
use sluice_media::PacketInfo;
use str0m::format::FormatParams;

use super::*;
use crate::packet::{Carried, SourceId};

const COALESCE: Duration = Duration::from_millis(1);

#[expect(clippy::disallowed_methods, reason = "a test needs some instant to begin with")]
fn at(micros: u64) -> Instant {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    *START.get_or_init(Instant::now) + Duration::from_micros(micros)
}

fn packet(kind: MediaKind, seq: u64, marker: bool) -> Arc<MediaPacket> {
    Arc::new(MediaPacket {
        source: SourceId(1),
        kind,
        layer: 0,
        codec: Codec::Vp8,
        format: FormatParams::default(),
        seq,
        timestamp: 0,
        marker,
        payload: Arc::from([0_u8; 4]),
        arrived: at(0),
        captured: MediaTime(0),
        estimated: true,
        info: PacketInfo::default(),
        carried: Carried::default(),
    })
}

fn video(seq: u64, marker: bool) -> Arc<MediaPacket> {
    packet(MediaKind::Video, seq, marker)
}

fn id(number: u128) -> BroadcastId {
    BroadcastId(uuid::Uuid::from_u128(number))
}

/// The same packet as it arrives at `now`.
fn arriving(packet: &Arc<MediaPacket>, now: Instant) -> Arc<MediaPacket> {
    Arc::new(MediaPacket { arrived: now, ..MediaPacket::clone(packet) })
}

/// A picture of `packets` packets that arrives at once, cut as the shard does.
fn picture(fan: &mut Fan, gathering: &mut Gathering, packets: u64, now: Instant) {
    for seq in 0..packets {
        if gathering.add(arriving(&video(seq, seq + 1 == packets), now), seq == 0) {
            fan.begin(id(1), gathering, now);
        }
    }
}

#[test]
fn a_batch_ends_with_the_picture() {
    let mut gathering = Gathering::default();
    assert!(!gathering.add(arriving(&video(1, false), at(0)), true));
    assert!(
        !gathering.add(arriving(&packet(MediaKind::Audio, 1, true), at(1)), false),
        "sound does not end a picture"
    );
    assert!(gathering.add(arriving(&video(2, true), at(2)), false));
}

#[test]
fn a_batch_ends_when_it_is_full() {
    let mut gathering = Gathering::default();
    for seq in 1..MOST_PACKETS as u64 {
        assert!(!gathering.add(arriving(&video(seq, false), at(seq)), false));
    }
    assert!(
        gathering.add(arriving(&packet(MediaKind::Audio, 1, false), at(50)), false),
        "sound fills it as well"
    );
}

#[test]
fn a_batch_is_due_a_while_after_its_first_packet() {
    let mut gathering = Gathering::default();
    assert_eq!(gathering.due(COALESCE), None);
    gathering.add(arriving(&video(1, false), at(100)), true);
    gathering.add(arriving(&video(2, false), at(900)), false);
    assert_eq!(gathering.due(COALESCE), Some(at(1_100)));
    let mut fan = Fan::default();
    fan.begin(id(1), &mut gathering, at(1_100));
    assert_eq!(gathering.due(COALESCE), None);
    let round = fan.take(at(1_100)).unwrap();
    assert_eq!((round.since, round.batch.video.len()), (at(100), 2));
}

#[test]
fn nothing_goes_round_where_nothing_was_gathered() {
    let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
    fan.begin(id(1), &mut gathering, at(0));
    assert!(fan.take(at(10)).is_none() && fan.next().is_none());
    assert_eq!(gathering.next(), 0);
}

#[test]
fn batches_are_numbered_one_after_the_other() {
    let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
    for number in 0..100 {
        assert_eq!(gathering.next(), number);
        gathering.add(arriving(&video(number, true), at(0)), false);
        assert_eq!(gathering.next(), number + 1, "what is being gathered is no part of the next");
        fan.begin(id(1), &mut gathering, at(0));
        let round = fan.take(at(0)).unwrap();
        assert_eq!((round.batch.number, round.batch.video.len()), (number, 1));
        fan.finish(round);
    }
}

#[test]
fn everyone_gets_exactly_one_turn() {
    for viewers in [1, 2, 3, 7, 100, 7_919, 10_000] {
        let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
        for _ in 0..5 {
            gathering.add(arriving(&video(1, true), at(0)), false);
            fan.begin(id(1), &mut gathering, at(0));
            let mut round = fan.take(at(0)).unwrap();
            let mut turns: Vec<usize> = std::iter::from_fn(|| round.turn(viewers)).collect();
            turns.sort_unstable();
            assert!(turns.into_iter().eq(0..viewers), "{viewers} viewers");
            fan.finish(round);
        }
    }
}

#[test]
fn everyone_is_last_about_as_often_as_everyone_else() {
    for viewers in [2_usize, 10, 60, 600] {
        let (mut fan, mut gathering, mut last) = (Fan::default(), Gathering::default(), BTreeMap::new());
        for _ in 0..viewers * 10 {
            gathering.add(arriving(&video(1, true), at(0)), false);
            fan.begin(id(1), &mut gathering, at(0));
            let mut round = fan.take(at(0)).unwrap();
            let turns: Vec<usize> = std::iter::from_fn(|| round.turn(viewers)).collect();
            *last.entry(*turns.last().unwrap()).or_insert(0) += 1;
            fan.finish(round);
        }
        assert_eq!(last.len(), viewers);
        assert!(last.values().all(|times| *times == 10), "{viewers} viewers: {last:?}");
    }
}

#[test]
fn nobody_gets_a_turn_where_nobody_is_left() {
    let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
    gathering.add(arriving(&video(1, true), at(0)), false);
    fan.begin(id(1), &mut gathering, at(0));
    let mut round = fan.take(at(0)).unwrap();
    assert_eq!(round.turn(0), None);
    assert!(round.turn(3).is_some() && round.turn(1).is_none(), "most of them left during the round");
}

#[test]
fn a_round_that_is_not_over_comes_before_others() {
    let mut fan = Fan::default();
    let mut gatherings = [Gathering::default(), Gathering::default()];
    for (number, gathering) in (1..).zip(&mut gatherings) {
        gathering.add(arriving(&video(number, true), at(0)), false);
        fan.begin(id(u128::from(number)), gathering, at(0));
    }
    let mut round = fan.take(at(0)).unwrap();
    round.turn(5);
    assert_eq!(round.broadcast, id(1));
    fan.put_back(round);
    let round = fan.take(at(0)).unwrap();
    assert_eq!((round.broadcast, round.done), (id(1), 1));
    fan.finish(round);
    assert_eq!(fan.take(at(0)).map(|round| round.broadcast), Some(id(2)));
}

#[test]
fn a_large_key_frame_leaves_in_groups_with_a_pause_between() {
    let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
    picture(&mut fan, &mut gathering, 120, at(0));
    for group in 0..3 {
        let due = at(0) + GROUP_PAUSE * group;
        assert_eq!(fan.next(), Some(due));
        assert!(fan.take(due - Duration::from_micros(1)).is_none(), "group {group} does not leave early");
        let round = fan.take(due).unwrap();
        assert_eq!((round.batch.number, round.batch.video.len()), (u64::from(group), 40));
        fan.finish(round);
    }
    assert!(fan.next().is_none());
}

#[test]
fn a_large_key_frame_that_leaves_while_it_arrives_keeps_its_pauses() {
    // Each group is on its way, and forgotten, before the next has arrived.
    let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
    let mut left = Vec::new();
    for seq in 0..120 {
        let now = at(seq * 10);
        if gathering.add(arriving(&video(seq, seq == 119), now), seq == 0) {
            fan.begin(id(1), &mut gathering, now);
        }
        while let Some(round) = fan.take(now) {
            left.push(now);
            fan.finish(round);
        }
    }
    while let Some(now) = fan.next() {
        let round = fan.take(now).unwrap();
        left.push(now);
        fan.finish(round);
    }
    assert_eq!(left.len(), 3);
    assert!(left.windows(2).all(|pair| pair[1] - pair[0] >= GROUP_PAUSE), "{left:?}");
}

#[test]
fn rounds_of_one_broadcast_stay_in_order_behind_a_large_key_frame() {
    let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
    picture(&mut fan, &mut gathering, 120, at(0));
    // Two more pictures arrive before the last group has left.
    for _ in 0..2 {
        picture(&mut fan, &mut gathering, 3, at(500));
    }
    let mut numbers = Vec::new();
    for micros in (0..20_000).step_by(100) {
        while let Some(round) = fan.take(at(micros)) {
            numbers.push(round.batch.number);
            fan.finish(round);
        }
    }
    assert_eq!(numbers, [0, 1, 2, 3, 4]);
}

#[test]
fn another_broadcast_does_not_wait_for_the_pauses_of_a_key_frame() {
    let (mut fan, mut gathering, mut other) = (Fan::default(), Gathering::default(), Gathering::default());
    picture(&mut fan, &mut gathering, 120, at(0));
    other.add(arriving(&video(1, true), at(10)), false);
    fan.begin(id(2), &mut other, at(10));
    let first = fan.take(at(10)).unwrap();
    assert_eq!(first.broadcast, id(1));
    fan.finish(first);
    assert_eq!(fan.take(at(10)).map(|round| round.broadcast), Some(id(2)));
    assert!(fan.take(at(10)).is_none());
}

#[test]
fn the_lag_is_that_of_the_oldest_round_that_might_have_left() {
    let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
    assert_eq!(fan.lag(at(0)), Duration::ZERO);
    picture(&mut fan, &mut gathering, 120, at(0));
    assert_eq!(fan.lag(at(700)), Duration::from_micros(700));
    assert_eq!(fan.lag(at(0)), Duration::ZERO, "a pause is no lag");
}
