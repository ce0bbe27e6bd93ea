//! Batches and rounds by themselves.

use std::collections::BTreeMap;

use super::*;
use crate::testing::{self, start};

const COALESCE: Duration = Duration::from_millis(1);

fn at(micros: u64) -> Instant {
    start() + Duration::from_micros(micros)
}

fn packet(kind: MediaKind, seq: u64, marker: bool) -> Arc<MediaPacket> {
    Arc::new(MediaPacket { marker, ..testing::packet(kind, seq) })
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

/// Begins a batch of one packet: a picture, or sound.
fn begin(fan: &mut Fan, gathering: &mut Gathering, broadcast: u128, kind: MediaKind, now: Instant) {
    gathering.add(arriving(&packet(kind, 1, true), now), false);
    fan.begin(id(broadcast), gathering, now);
}

/// What is due for `viewers` viewers now: whose turn it is, and the numbers of the batches that it gets.
fn turn(fan: &mut Fan, viewers: usize, now: Instant) -> Option<(usize, Vec<u64>)> {
    let mut round = fan.take(now)?;
    let viewer = round.turn(viewers, now).expect("there are viewers");
    let numbers = round.batches().map(|batch| batch.number).collect();
    fan.put_back(round, viewers);
    Some((viewer, numbers))
}

/// All that is due for one viewer now, as numbers of batches.
fn numbers(fan: &mut Fan, now: Instant) -> Vec<u64> {
    std::iter::from_fn(|| turn(fan, 1, now)).flat_map(|(_, numbers)| numbers).collect()
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
    let mut round = fan.take(at(1_100)).unwrap();
    round.turn(1, at(1_100));
    assert_eq!((round.since(), round.batches().map(|batch| batch.video.len()).sum()), (Some(at(100)), 2));
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
        assert_eq!(numbers(&mut fan, at(0)), [number]);
    }
}

#[test]
fn everyone_gets_exactly_one_turn() {
    for viewers in [1, 2, 3, 7, 100, 7_919, 10_000] {
        let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
        for number in 0..5 {
            begin(&mut fan, &mut gathering, 1, MediaKind::Video, at(0));
            let turns = std::iter::from_fn(|| turn(&mut fan, viewers, at(0)));
            let mut turns: Vec<usize> =
                turns.map(|(viewer, got)| (viewer, assert_eq!(got, [number])).0).collect();
            turns.sort_unstable();
            assert!(turns.into_iter().eq(0..viewers), "{viewers} viewers");
        }
    }
}

#[test]
fn everyone_is_last_about_as_often_as_everyone_else() {
    for viewers in [2_usize, 10, 60, 600] {
        let (mut fan, mut gathering, mut last) = (Fan::default(), Gathering::default(), BTreeMap::new());
        for _ in 0..viewers * 10 {
            begin(&mut fan, &mut gathering, 1, MediaKind::Video, at(0));
            let turns = std::iter::from_fn(|| turn(&mut fan, viewers, at(0)));
            *last.entry(turns.last().unwrap().0).or_insert(0) += 1;
        }
        assert_eq!(last.len(), viewers);
        assert!(last.values().all(|times| *times == 10), "{viewers} viewers: {last:?}");
    }
}

#[test]
fn a_batch_gets_on_where_another_one_is_and_goes_round_once() {
    let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
    begin(&mut fan, &mut gathering, 1, MediaKind::Video, at(0));
    let mut got: Vec<(usize, Vec<u64>)> = (0..2).filter_map(|_| turn(&mut fan, 5, at(0))).collect();
    begin(&mut fan, &mut gathering, 1, MediaKind::Audio, at(10));
    got.extend(std::iter::from_fn(|| turn(&mut fan, 5, at(10))));
    let numbers: Vec<&[u64]> = got.iter().map(|(_, numbers)| numbers.as_slice()).collect();
    assert_eq!(numbers, [&[0][..], &[0], &[0, 1], &[0, 1], &[0, 1], &[1], &[1]]);
    assert_eq!((got[5].0, got[6].0), (got[0].0, got[1].0), "who had the picture before gets the sound alone");
    assert!(fan.next().is_none());
}

#[test]
fn what_is_gathered_during_a_turn_comes_behind_it() {
    let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
    begin(&mut fan, &mut gathering, 1, MediaKind::Video, at(0));
    let mut round = fan.take(at(0)).unwrap();
    round.turn(2, at(0));
    // A viewer that caught up ends the batch that is being gathered.
    begin(&mut fan, &mut gathering, 1, MediaKind::Video, at(0));
    begin(&mut fan, &mut gathering, 1, MediaKind::Audio, at(0));
    fan.put_back(round, 2);
    let got: Vec<Vec<u64>> = std::iter::from_fn(|| turn(&mut fan, 2, at(0))).map(|(_, got)| got).collect();
    assert_eq!(got, [vec![0, 1, 2], vec![1, 2]]);
}

#[test]
fn whoever_comes_and_goes_everyone_else_gets_everything_once_and_in_order() {
    let mut dice = 7_u64;
    let mut roll = |sides: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % sides
    };
    let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
    // Who is there: the first batch that each must get, and the one that is next.
    let mut viewers: Vec<(u64, u64)> = vec![(0, 0)];
    let (mut came, mut begun, mut given) = (1, 0, 0);
    for _ in 0..50_000 {
        match roll(12) {
            0 if viewers.len() < 20 => {
                viewers.push((begun, begun));
                fan.join(id(1));
                came += 1;
            }
            1 if viewers.len() > 1 => {
                let gone = roll(viewers.len() as u64) as usize;
                fan.leave(id(1), gone, viewers.len());
                viewers.remove(gone);
            }
            2 => {
                begin(&mut fan, &mut gathering, 1, MediaKind::Video, at(0));
                begun += 1;
            }
            _ => {
                let Some((at, numbers)) = turn(&mut fan, viewers.len(), at(0)) else { continue };
                let (first, next) = &mut viewers[at];
                // Who came while a batch was on its way may get it, or not.
                for number in numbers.into_iter().filter(|number| number >= first) {
                    assert_eq!(number, *next);
                    *next += 1;
                    given += 1;
                }
            }
        }
    }
    while let Some((at, numbers)) = turn(&mut fan, viewers.len(), at(0)) {
        viewers[at].1 = viewers[at].1.max(numbers.last().unwrap() + 1);
    }
    assert!(viewers.iter().all(|(_, next)| *next == begun), "{viewers:?} of {begun}");
    assert!(given > 10_000 && begun > 1000 && came > 1000, "{given} {begun} {came}");
}

#[test]
fn nobody_gets_a_turn_where_nobody_is_left() {
    let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
    begin(&mut fan, &mut gathering, 1, MediaKind::Video, at(0));
    let mut round = fan.take(at(0)).unwrap();
    assert_eq!(round.turn(0, at(0)), None);
    assert_eq!(fan.put_back(round, 0), 1);
    begin(&mut fan, &mut gathering, 1, MediaKind::Video, at(0));
    assert!(turn(&mut fan, 2, at(0)).is_some());
    let unserved = fan.rounds[0].at % 2;
    fan.leave(id(1), unserved, 2);
    assert!(fan.next().is_none(), "the one who is left had it");
}

#[test]
fn the_round_that_waits_for_longest_comes_first() {
    let mut fan = Fan::default();
    let mut gatherings = [Gathering::default(), Gathering::default()];
    for (number, gathering) in (1..).zip(&mut gatherings) {
        begin(&mut fan, gathering, number, MediaKind::Video, at(0));
    }
    // A second batch of the first shares its turns, and what is left of it waits for the other broadcast.
    let [first, _] = &mut gatherings;
    let broadcast = |fan: &mut Fan| {
        let mut round = fan.take(at(5))?;
        round.turn(2, at(5));
        let broadcast = round.broadcast;
        fan.put_back(round, 2);
        Some(broadcast)
    };
    assert_eq!(broadcast(&mut fan), Some(id(1)));
    begin(&mut fan, first, 1, MediaKind::Audio, at(5));
    let order: Vec<BroadcastId> = std::iter::from_fn(|| broadcast(&mut fan)).collect();
    assert_eq!(order, [1, 2, 2, 1].map(id));
}

#[test]
fn a_large_key_frame_leaves_in_groups_with_a_pause_between() {
    let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
    picture(&mut fan, &mut gathering, 120, at(0));
    for group in 0..3 {
        let due = at(0) + GROUP_PAUSE * group;
        assert_eq!(fan.next(), Some(due));
        assert!(fan.take(due - Duration::from_micros(1)).is_none(), "group {group} does not leave early");
        assert_eq!(numbers(&mut fan, due), [u64::from(group)]);
    }
    assert!(fan.next().is_none());
}

#[test]
fn groups_of_a_large_key_frame_do_not_share_a_turn() {
    let (mut fan, mut gathering) = (Fan::default(), Gathering::default());
    picture(&mut fan, &mut gathering, 90, at(0));
    begin(&mut fan, &mut gathering, 1, MediaKind::Audio, at(1));
    // Nobody had a turn before all of it might have left.
    let got: Vec<Vec<u64>> =
        std::iter::from_fn(|| turn(&mut fan, 1, at(9_000))).map(|(_, got)| got).collect();
    assert_eq!(got, [vec![0], vec![1], vec![2, 3]]);
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
        while turn(&mut fan, 1, now).is_some() {
            left.push(now);
        }
    }
    while let Some(now) = fan.next() {
        turn(&mut fan, 1, now);
        left.push(now);
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
    let all: Vec<u64> = (0..20_000).step_by(100).flat_map(|micros| numbers(&mut fan, at(micros))).collect();
    assert_eq!(all, [0, 1, 2, 3, 4]);
}

#[test]
fn another_broadcast_does_not_wait_for_the_pauses_of_a_key_frame() {
    let (mut fan, mut gathering, mut other) = (Fan::default(), Gathering::default(), Gathering::default());
    picture(&mut fan, &mut gathering, 120, at(0));
    begin(&mut fan, &mut other, 2, MediaKind::Video, at(10));
    for broadcast in [1, 2] {
        let mut round = fan.take(at(10)).unwrap();
        round.turn(1, at(10));
        assert_eq!(round.broadcast, id(broadcast));
        fan.put_back(round, 1);
    }
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
