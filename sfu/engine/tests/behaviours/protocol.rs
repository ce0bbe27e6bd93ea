//! Rows of docs/spec/whip-whep.md that only media can show; the tests carry their numbers.

use sluice_domain::Codec;
use sluice_domain::control::{ControlEvent, MediaIssue};
use sluice_sfu_engine::{CloseReason, Command, SfuEvent};

use crate::sim::player::Player;
use crate::sim::source::Source;
use crate::sim::{World, millis};

#[test]
fn w5_e7_a_peer_that_falls_silent_is_ended_well_within_thirty_seconds() {
    let mut world = World::new(500);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(2000);
    for id in [publisher, viewer] {
        world.client_mut(id).vanished = true;
    }
    world.run_millis(12_000);
    for id in [publisher, viewer] {
        assert_eq!(world.close_reason(id).map(|(_, reason)| reason), Some(CloseReason::TimedOut));
    }
}

#[test]
fn w7_e7_a_peer_that_is_ended_gets_its_dtls_close_and_then_nothing_more() {
    let mut world = World::new(501);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::default());
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(2000);
    let peer = world.peer(viewer);
    world.command(Command::ClosePeer { peer });
    world.run_millis(100);
    assert!(world.client_mut(viewer).closed.is_some());
    let got = world.got(viewer).in_order().len();
    world.run_millis(1000);
    assert_eq!(world.got(viewer).in_order().len(), got);
}

#[test]
fn t9_b_frames_are_told_to_the_publisher_and_to_nobody_without_them() {
    for b_frames in [true, false] {
        let mut world = World::new(502);
        let broadcast = world.broadcast();
        let source = Source { b_frames, control: true, ..Source::single(Codec::H264) };
        let publisher = world.publish(broadcast, source);
        world.run_millis(5000);
        let told = world.told(publisher, |event| match event {
            ControlEvent::Issues { issues } => Some(issues.contains(&MediaIssue::BFrames)),
            _ => None,
        });
        assert_eq!(told.iter().any(|(_, found)| *found), b_frames);
        let heard = world.events.iter().any(|(_, event)| {
            matches!(event, SfuEvent::Issues { issues, .. } if issues.contains(&MediaIssue::BFrames))
        });
        assert_eq!(heard, b_frames);
    }
}

#[test]
fn t10_a_viewer_joins_though_the_publisher_ignores_every_request() {
    let mut world = World::new(503);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::ignoring_requests());
    world.run_millis(2800);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(1000);
    let first = world.got(viewer).shown().first().map(|shown| shown.at).expect("a picture");
    assert!(first < millis(2800 + 600), "{first:?}");
    world.got(viewer).check_continuity(Codec::Vp8);
}
