//! The choice of layers by itself.

use super::*;
use crate::testing::start;

/// Three layers, best first: index 2, 0, 1.
fn layers() -> Vec<LayerView> {
    let layer = |index, bitrate, size| LayerView { index, bitrate, size: Some(size), active: true };
    vec![layer(2, 2_000_000, (1280, 720)), layer(0, 600_000, (640, 360)), layer(1, 150_000, (320, 180))]
}

fn no_limits() -> Limits {
    Limits::default()
}

/// What is chosen when one estimate holds for a while, asked every 50 ms.
fn hold(chooser: &mut Chooser, from: Instant, span: Duration, estimate: u64) -> (Option<usize>, Instant) {
    let mut now = from;
    let mut chosen = chooser.chosen();
    while now < from + span {
        now += Duration::from_millis(50);
        chosen = chooser.choose(now, &layers(), &no_limits(), Some(estimate));
    }
    (chosen, now)
}

#[test]
fn nothing_is_chosen_while_nothing_is_sent() {
    let mut chooser = Chooser::default();
    assert_eq!(chooser.choose(start(), &[], &no_limits(), Some(1_000_000)), None);
    let silent: Vec<LayerView> = layers().into_iter().map(|l| LayerView { active: false, ..l }).collect();
    assert_eq!(chooser.choose(start(), &silent, &no_limits(), Some(1_000_000)), None);
}

#[test]
fn a_viewer_begins_with_the_best_layer_that_fits() {
    for (estimate, expected) in [(5_000_000, 2), (700_000, 0), (200_000, 1), (10_000, 1)] {
        let mut chooser = Chooser::default();
        assert_eq!(chooser.choose(start(), &layers(), &no_limits(), Some(estimate)), Some(expected));
    }
    assert_eq!(Chooser::default().choose(start(), &layers(), &no_limits(), None), Some(1), "no estimate yet");
}

#[test]
fn a_dip_of_the_estimate_is_sat_out() {
    let mut chooser = Chooser::default();
    let (chosen, now) = hold(&mut chooser, start(), Duration::from_secs(1), 3_000_000);
    assert_eq!(chosen, Some(2));
    let (chosen, now) = hold(&mut chooser, now, Duration::from_millis(150), 1_700_000);
    assert_eq!(chosen, Some(2));
    let (chosen, _) = hold(&mut chooser, now, Duration::from_secs(1), 3_000_000);
    assert_eq!(chosen, Some(2));
}

#[test]
fn a_collapse_is_answered_at_once() {
    let mut chooser = Chooser::default();
    let (_, now) = hold(&mut chooser, start(), Duration::from_secs(1), 3_000_000);
    let next = now + Duration::from_millis(50);
    assert_ne!(chooser.choose(next, &layers(), &no_limits(), Some(500_000)), Some(2));
    assert!(chooser.congested());
}

#[test]
fn a_lasting_shortage_moves_one_down() {
    let mut chooser = Chooser::default();
    let (_, now) = hold(&mut chooser, start(), Duration::from_secs(1), 3_000_000);
    assert_eq!(hold(&mut chooser, now, Duration::from_secs(1), 1_600_000).0, Some(0));
}

#[test]
fn a_viewer_climbs_only_where_there_is_room_to_spare() {
    let mut chooser = Chooser::default();
    let (chosen, now) = hold(&mut chooser, start(), Duration::from_secs(1), 700_000);
    assert_eq!(chosen, Some(0));
    let (chosen, now) = hold(&mut chooser, now, Duration::from_secs(5), 2_100_000);
    assert_eq!(chosen, Some(0), "5 % more than the layer needs are too few");
    assert_eq!(hold(&mut chooser, now, Duration::from_secs(1), 2_500_000).0, Some(2));
}

#[test]
fn climbing_that_proves_wrong_takes_longer_each_time_and_never_longer_than_a_viewer_would_wait() {
    let mut chooser = Chooser::default();
    let mut now = start();
    let mut waits = Vec::new();
    now = hold(&mut chooser, now, Duration::from_secs(1), 700_000).1;
    for _ in 0..6 {
        let from = now;
        while chooser.chosen() != Some(2) {
            now = hold(&mut chooser, now, Duration::from_millis(50), 2_500_000).1;
            assert!(now - from < Duration::from_secs(10), "it returns within 10 s: {waits:?}");
        }
        waits.push(now - from);
        now = hold(&mut chooser, now, Duration::from_millis(400), 1_000_000).1;
        assert_ne!(chooser.chosen(), Some(2));
        now = hold(&mut chooser, now, Duration::from_millis(500), 700_000).1;
    }
    assert!(waits[0] < Duration::from_secs(1), "{waits:?}");
    assert!(waits[3] > 2 * waits[0], "{waits:?}");
}

#[test]
fn the_layer_of_an_estimate_at_its_edge_does_not_flap() {
    let mut chooser = Chooser::default();
    let mut now = start();
    let mut switches = 0;
    let mut before = None;
    for round in 0..400_u64 {
        now += Duration::from_millis(50);
        let estimate = 2_000_000 + (round % 7) * 60_000 - 180_000;
        let chosen = chooser.choose(now, &layers(), &no_limits(), Some(estimate));
        switches += u32::from(before.is_some() && before != chosen);
        before = chosen;
    }
    assert!(switches <= 1, "{switches} switches in 20 s");
}

#[test]
fn a_pinned_layer_is_taken_while_it_is_sent() {
    let limits = Limits { pinned: Some(1), ..no_limits() };
    let mut chooser = Chooser::default();
    assert_eq!(chooser.choose(start(), &layers(), &limits, Some(9_000_000)), Some(1));
    let mut gone = layers();
    gone[2].active = false;
    assert_eq!(chooser.choose(start(), &gone, &limits, Some(9_000_000)), Some(2));
}

#[test]
fn limits_leave_at_least_one_layer() {
    let choose = |limits: Limits| Chooser::default().choose(start(), &layers(), &limits, Some(9_000_000));
    assert_eq!(choose(Limits { at_most: Some((10, 10)), ..no_limits() }), Some(1));
    assert_eq!(choose(Limits { at_most: Some((640, u16::MAX)), ..no_limits() }), Some(0));
    assert_eq!(choose(Limits { hidden: true, ..no_limits() }), Some(1));
    assert_eq!(choose(Limits { viewport: Some((1, 1)), ..no_limits() }), Some(1));
    assert_eq!(choose(Limits { viewport: Some((600, 300)), ..no_limits() }), Some(0));
    assert_eq!(choose(Limits { viewport: Some((700, 394)), ..no_limits() }), Some(2));
    assert_eq!(choose(Limits { viewport: Some((4000, 3000)), ..no_limits() }), Some(2));
}

#[test]
fn a_dropped_layer_is_left_at_once() {
    let mut chooser = Chooser::default();
    let (_, now) = hold(&mut chooser, start(), Duration::from_secs(1), 9_000_000);
    let mut gone = layers();
    gone[0].active = false;
    assert_eq!(chooser.choose(now, &gone, &no_limits(), Some(9_000_000)), Some(0));
}

#[test]
fn what_was_chosen_for_one_publisher_means_nothing_for_the_next() {
    let mut chooser = Chooser::default();
    hold(&mut chooser, start(), Duration::from_secs(1), 9_000_000);
    chooser.reset();
    assert_eq!(chooser.chosen(), None);
}
