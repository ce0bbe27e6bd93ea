//! How peers and broadcasts begin and end.

use sluice_domain::Codec;
use sluice_domain::control::{BroadcastState, ControlEvent, ReconnectReason};
use sluice_sfu_engine::{CloseReason, Command, SfuEvent};

use crate::sim::player::Player;
use crate::sim::source::Source;
use crate::sim::{Id, World, millis};

fn watching(seed: u64) -> (World, sluice_domain::BroadcastId, Id, Id) {
    let mut world = World::new(seed);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source { control: true, ..Source::default() });
    world.run_millis(1000);
    let viewer = world.watch(broadcast, Player::with_control());
    world.run_millis(1500);
    (world, broadcast, publisher, viewer)
}

fn states_told(world: &World, id: Id) -> Vec<BroadcastState> {
    let told = world.told(id, |event| match event {
        ControlEvent::State { state } => Some(*state),
        _ => None,
    });
    told.into_iter().map(|(_, state)| state).collect()
}

#[test]
fn a_publisher_that_takes_over_keeps_the_viewers() {
    let (mut world, broadcast, old, viewer) = watching(80);
    let new = world.publish(broadcast, Source { first_seq: 9000, ..Source::default() });
    world.run_millis(2000);
    assert_eq!(world.close_reason(old).map(|(_, reason)| reason), Some(CloseReason::Local));
    assert!(world.client_mut(old).closed.is_some(), "the old one is told");
    assert_eq!(world.close_reason(new), None);
    let got = world.got(viewer);
    got.check_continuity(Codec::Vp8);
    got.check_whole();
    assert!(got.longest_stall(millis(1500), world.at()) < millis(300));
    assert_eq!(world.states(broadcast), [BroadcastState::Live]);
}

#[test]
fn a_publisher_that_vanishes_leaves_a_gap_and_may_return() {
    let (mut world, broadcast, publisher, viewer) = watching(81);
    world.client_mut(publisher).vanished = true;
    let gone = world.at();
    world.run_millis(9000);
    let (closed, reason) = world.close_reason(publisher).expect("it is reaped");
    assert_eq!(reason, CloseReason::TimedOut);
    assert!(closed - gone > millis(7000) && closed - gone < millis(8500), "{:?}", closed - gone);
    assert_eq!(world.states(broadcast), [BroadcastState::Live, BroadcastState::Gap]);
    assert_eq!(states_told(&world, viewer), [BroadcastState::Live, BroadcastState::Gap]);
    world.publish(broadcast, Source::default());
    world.run_millis(1500);
    assert_eq!(states_told(&world, viewer).last(), Some(&BroadcastState::Live));
    let got = world.got(viewer);
    got.check_continuity(Codec::Vp8);
    got.check_whole();
    assert!(got.shown().last().unwrap().at > world.at() - millis(100));
}

#[test]
fn a_publisher_that_closes_is_gone_at_once() {
    let (mut world, broadcast, publisher, viewer) = watching(82);
    let closed = world.at();
    world.close_client(publisher);
    world.run_millis(200);
    let (at, reason) = world.close_reason(publisher).expect("the engine knows");
    assert_eq!(reason, CloseReason::Remote);
    assert!(at - closed < millis(50));
    assert_eq!(world.states(broadcast).last(), Some(&BroadcastState::Gap));
    assert_eq!(world.close_reason(viewer), None);
}

#[test]
fn a_viewer_that_closes_is_gone_at_once() {
    let (mut world, broadcast, _, viewer) = watching(83);
    world.close_client(viewer);
    world.run_millis(1500);
    assert_eq!(world.close_reason(viewer).map(|(_, reason)| reason), Some(CloseReason::Remote));
    assert_eq!(world.states(broadcast), [BroadcastState::Live]);
    let audience = world.events.iter().rev().find_map(|(_, event)| match event {
        SfuEvent::Audience { viewers, .. } => Some(*viewers),
        _ => None,
    });
    assert_eq!(audience, Some(0));
    assert_eq!(world.shard.stats().peers, 1);
}

#[test]
fn a_viewer_that_vanishes_is_reaped() {
    let (mut world, _, _, viewer) = watching(84);
    world.client_mut(viewer).vanished = true;
    world.run_millis(9000);
    assert_eq!(world.close_reason(viewer).map(|(_, reason)| reason), Some(CloseReason::TimedOut));
}

#[test]
fn a_peer_that_never_connects_is_reaped() {
    let mut world = World::new(85);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    let viewer = world.watch(broadcast, Player::default());
    for id in [publisher, viewer] {
        world.client_mut(id).vanished = true;
    }
    world.run_millis(16_000);
    for id in [publisher, viewer] {
        let (at, reason) = world.close_reason(id).expect("it is reaped");
        assert_eq!(reason, CloseReason::NeverConnected);
        assert!(at >= millis(15_000) && at < millis(15_200), "{at:?}");
    }
    assert_eq!(world.shard.stats().peers, 0);
    assert_eq!(world.states(broadcast), [], "nobody was ever live");
}

#[test]
fn a_peer_closed_on_command_sees_the_end() {
    let (mut world, _, _, viewer) = watching(86);
    let peer = world.peer(viewer);
    let ordered = world.at();
    world.command(Command::ClosePeer { peer });
    world.run_millis(100);
    let closed = world.client_mut(viewer).closed.expect("it is told by DTLS");
    assert!(closed - ordered < millis(50));
    assert_eq!(world.close_reason(viewer).map(|(_, reason)| reason), Some(CloseReason::Local));
    let again = world.command(Command::ClosePeer { peer });
    assert_eq!(again, sluice_sfu_engine::Reply::Refused(sluice_sfu_engine::SfuError::UnknownPeer));
}

#[test]
fn the_end_of_a_broadcast_is_told_to_all_before_they_are_closed() {
    let (mut world, broadcast, publisher, viewer) = watching(87);
    world.command(Command::CloseBroadcast { broadcast });
    world.run_millis(500);
    for id in [publisher, viewer] {
        assert_eq!(states_told(&world, id).last(), Some(&BroadcastState::Ended), "{id:?}");
        assert!(world.client_mut(id).closed.is_some());
        assert_eq!(world.close_reason(id).map(|(_, reason)| reason), Some(CloseReason::Local));
    }
    assert_eq!(world.states(broadcast), [BroadcastState::Live, BroadcastState::Ended]);
    assert_eq!(world.shard.stats().peers, 0);
}

#[test]
fn draining_tells_everyone_where_to_go() {
    let (mut world, _, publisher, viewer) = watching(88);
    let url = Some("https://other.example/whep/a".to_owned());
    world.command(Command::Drain { url: url.clone() });
    world.run_millis(500);
    for id in [publisher, viewer] {
        let told = world.told(id, |event| match event {
            ControlEvent::Reconnect { reason, url } => Some((*reason, url.clone())),
            _ => None,
        });
        let told: Vec<_> = told.into_iter().map(|(_, told)| told).collect();
        assert_eq!(told, [(ReconnectReason::Draining, url.clone())]);
        assert!(world.client_mut(id).closed.is_some());
    }
}

#[test]
fn a_publisher_that_returns_with_a_codec_that_a_viewer_lacks_costs_it_a_new_session() {
    let mut world = World::new(89);
    let broadcast = world.broadcast();
    let first = world.publish(broadcast, Source::default());
    world.run_millis(500);
    let codecs = vec![Codec::Opus, Codec::Vp8];
    let old = world.watch(broadcast, Player { codecs, ..Player::with_control() });
    let able = world.watch(broadcast, Player::with_control());
    world.run_millis(1000);
    world.close_client(first);
    world.run_millis(500);
    world.publish(broadcast, Source { codec: Some(Codec::H264), ..Source::default() });
    world.run_millis(1500);
    let changed: Vec<_> = world
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            SfuEvent::CodecChanged { peer } => Some(*peer),
            _ => None,
        })
        .collect();
    assert_eq!(changed, [world.peer(old)], "told once, and only of the one that cannot");
    let told = world.told(old, |event| match event {
        ControlEvent::Reconnect { reason, .. } => Some(*reason),
        _ => None,
    });
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1, ReconnectReason::CodecChanged);
    let shown = world.got(able).shown();
    assert!(shown.last().unwrap().at > world.at() - millis(100), "the other one goes on");
    world.got(able).check_continuity(Codec::Opus);
}

#[test]
fn two_broadcasts_do_not_mix() {
    let mut world = World::new(90);
    let (one, two) = (world.broadcast(), world.broadcast());
    world.publish(one, Source::default());
    world.publish(two, Source { codec: Some(Codec::H264), ..Source::default() });
    world.run_millis(500);
    let (first, second) = (world.watch(one, Player::default()), world.watch(two, Player::default()));
    world.run_millis(1500);
    let codecs = |id| {
        let got = world.got(id).in_order();
        let vp8 = got.iter().filter(|got| sluice_media::vp8::inspect(&got.payload).resolution.is_some());
        (vp8.count(), world.got(id).shown().len())
    };
    assert!(codecs(first).0 > 0 && codecs(first).1 > 30);
    assert!(codecs(second).0 == 0 && codecs(second).1 > 30);
    assert_eq!(world.got(second).video[0].pt, world.got(second).video.last().unwrap().pt);
    world.command(Command::CloseBroadcast { broadcast: one });
    world.run_millis(1000);
    assert!(world.got(second).shown().last().unwrap().at > world.at() - millis(100));
    assert_eq!(world.shard.stats().peers, 2);
}
