//! A broadcast on several shards: viewers elsewhere are served as those at home.

use std::time::Duration;

use sluice_domain::control::{BroadcastState, ControlEvent};
use sluice_domain::{BroadcastId, Codec, LayerSelection};
use sluice_sfu_engine::{CloseReason, Command, EngineConfig, Reply, SfuEvent};

use crate::sim::mail::kind;
use crate::sim::player::Player;
use crate::sim::source::{Keys, Source};
use crate::sim::{Id, World, millis};

/// Two shards and a publisher on the first, live for two seconds.
fn live(seed: u64, source: Source) -> (World, BroadcastId, Id) {
    let mut world = World::new(seed);
    world.add_shard(EngineConfig::default());
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, source);
    world.run_millis(2000);
    (world, broadcast, publisher)
}

fn first_picture(world: &World, viewer: Id) -> Duration {
    world.got(viewer).shown().first().expect("a picture").at
}

fn states_told(world: &World, id: Id) -> Vec<BroadcastState> {
    let told = world.told(id, |event| match event {
        ControlEvent::State { state } => Some(*state),
        _ => None,
    });
    told.into_iter().map(|(_, state)| state).collect()
}

fn audience(world: &World) -> Vec<u32> {
    let counts = world.events.iter().filter_map(|(_, event)| match event {
        SfuEvent::Audience { viewers, .. } => Some(*viewers),
        _ => None,
    });
    counts.collect()
}

#[test]
fn a_viewer_on_another_shard_sees_what_those_at_home_see() {
    let (mut world, broadcast, _) = live(301, Source::default());
    let here = world.watch(broadcast, Player::default());
    let there = world.watch_at(1, broadcast, Player::default());
    world.run_millis(3000);
    for viewer in [here, there] {
        world.got(viewer).check_continuity(Codec::Vp8);
        world.got(viewer).check_whole();
    }
    let (here, there) = (world.got(here).shown().len(), world.got(there).shown().len());
    assert!(there > 80 && here.abs_diff(there) <= 2, "{here} and {there} pictures");
    assert_eq!(world.others[0].stats().relay_in, world.shard.stats().relay_out);
    assert!(world.others[0].stats().relay_in > 500);
}

#[test]
fn the_first_viewer_on_another_shard_joins_from_the_cache_of_the_home() {
    let (mut world, broadcast, publisher) = live(302, Source::default());
    world.watch(broadcast, Player::default());
    world.run_millis(250);
    let asked = world.sender(publisher).requests.len();
    let joined = world.at();
    let there = world.watch_at(1, broadcast, Player::default());
    world.run_millis(500);
    assert!(first_picture(&world, there) < joined + millis(75), "{:?}", first_picture(&world, there));
    assert_eq!(world.sender(publisher).requests.len(), asked);
    assert_eq!(world.others[0].stats().cache_joins, 1);
    world.got(there).check_continuity(Codec::Vp8);
    world.got(there).check_whole();
}

#[test]
fn many_viewers_on_two_shards_cost_the_publisher_one_request() {
    let (mut world, broadcast, publisher) = live(303, Source::default());
    let before = world.sender(publisher).requests.len();
    let viewers: Vec<Id> = (0..50)
        .map(|at| {
            world.run_millis(4);
            world.watch_at(at % 2, broadcast, Player::default())
        })
        .collect();
    world.run_millis(800);
    let asked = world.sender(publisher).requests[before..].to_vec();
    assert_eq!(asked.len(), 1, "{asked:?}");
    for viewer in viewers {
        assert!(!world.got(viewer).shown().is_empty(), "{viewer:?} has no picture");
        world.got(viewer).check_continuity(Codec::Vp8);
    }
}

#[test]
fn a_request_that_crosses_the_key_frame_is_not_repeated_to_the_publisher() {
    let (mut world, broadcast, publisher) = live(304, Source::default());
    let here = world.watch(broadcast, Player::default());
    let there = world.watch_at(1, broadcast, Player::default());
    world.run_millis(1500);
    // A mailbox so slow that the key frame is on its way when the other shard asks for it.
    world.mail.delay = millis(100);
    let before = world.sender(publisher).requests.len();
    world.ask_for_key_frame(here);
    world.run_millis(60);
    assert_eq!(world.sender(publisher).requests.len(), before + 1);
    world.ask_for_key_frame(there);
    world.run_millis(1000);
    assert_eq!(world.mail.count("key frame", world.now - millis(1060)), 1);
    assert_eq!(world.sender(publisher).requests.len(), before + 1);
}

#[test]
fn a_viewer_before_the_publisher_gets_the_very_first_picture_on_any_shard() {
    let mut world = World::new(305);
    world.add_shard(EngineConfig::default());
    let broadcast = world.broadcast();
    let there = world.watch_at(1, broadcast, Player::default());
    world.run_millis(1000);
    world.publish(broadcast, Source::default());
    world.run_millis(1000);
    let first = world.got(there).shown()[0];
    assert_eq!(first.stamp.frame, 0);
    assert!(first.at < millis(1150), "{:?}", first.at);
}

#[test]
fn layers_switch_on_another_shard_by_its_own_cache() {
    let (mut world, broadcast, _) = live(306, Source::default());
    let there = world.watch_at(1, broadcast, Player::default());
    world.run_millis(2000);
    let rids: Vec<String> = ["l", "m", "h"].map(str::to_owned).to_vec();
    for rid in rids {
        let selection = LayerSelection { rid: Some(rid.clone()), ..LayerSelection::default() };
        let peer = world.peer(there);
        assert_eq!(world.command(Command::SelectLayer { peer, selection }), Reply::Done);
        world.run_millis(1500);
    }
    assert!(world.others[0].stats().layer_switches >= 2, "{:?}", world.others[0].stats());
    world.got(there).check_continuity(Codec::Vp8);
    world.got(there).check_whole();
    assert!(world.got(there).longest_stall(millis(2500), world.at()) < millis(300));
}

#[test]
fn what_a_viewer_elsewhere_loses_is_repaired_by_its_own_shard() {
    for (seed, loss) in [(307, 0.05), (308, 0.2)] {
        let (mut world, broadcast, publisher) = live(seed, Source::single(Codec::Vp8));
        let there = world.watch_at(1, broadcast, Player::default());
        world.run_millis(1500);
        let asked = world.sender(publisher).requests.len();
        world.client_mut(there).down.loss = loss;
        world.run_millis(4000);
        world.client_mut(there).down.loss = 0.0;
        world.run_millis(1000);
        assert!(world.others[0].stats().repairs > 10);
        world.got(there).check_continuity(Codec::Vp8);
        if loss < 0.1 {
            world.got(there).check_whole();
            assert!(world.sender(publisher).requests.len() <= asked + 1);
        }
    }
}

#[test]
fn a_publisher_that_takes_over_keeps_the_viewers_elsewhere() {
    let (mut world, broadcast, old) = live(309, Source::default());
    let there = world.watch_at(1, broadcast, Player::with_control());
    world.run_millis(1500);
    world.publish(broadcast, Source { first_seq: 9000, ..Source::default() });
    world.run_millis(2000);
    assert_eq!(world.close_reason(old).map(|(_, reason)| reason), Some(CloseReason::Local));
    let got = world.got(there);
    got.check_continuity(Codec::Vp8);
    got.check_whole();
    assert!(got.longest_stall(millis(3000), world.at()) < millis(300));
    assert_eq!(world.states(broadcast), [BroadcastState::Live]);
}

#[test]
fn viewers_elsewhere_are_told_of_gap_return_and_end() {
    let (mut world, broadcast, publisher) = live(310, Source::default());
    let there = world.watch_at(1, broadcast, Player::with_control());
    world.run_millis(1500);
    world.close_client(publisher);
    world.run_millis(1000);
    assert_eq!(states_told(&world, there), [BroadcastState::Live, BroadcastState::Gap]);
    world.publish(broadcast, Source::default());
    world.run_millis(1500);
    assert_eq!(states_told(&world, there).last(), Some(&BroadcastState::Live));
    assert!(world.got(there).shown().last().unwrap().at > world.at() - millis(100));
    world.got(there).check_continuity(Codec::Vp8);
    world.command(Command::CloseBroadcast { broadcast });
    world.run_millis(500);
    assert_eq!(states_told(&world, there).last(), Some(&BroadcastState::Ended));
    assert_eq!(world.close_reason(there).map(|(_, reason)| reason), Some(CloseReason::Local));
    let live_gap = [BroadcastState::Live, BroadcastState::Gap, BroadcastState::Live, BroadcastState::Ended];
    assert_eq!(world.states(broadcast), live_gap, "each state is told to the node once");
}

#[test]
fn the_audience_is_that_of_all_shards_and_told_once() {
    let (mut world, broadcast, publisher) = live(311, Source { control: true, ..Source::default() });
    let viewers: Vec<Id> =
        (0..6).map(|at| world.watch_at(usize::from(at >= 2), broadcast, Player::with_control())).collect();
    world.run_millis(3000);
    assert_eq!(audience(&world).last(), Some(&6));
    let told = |world: &World, id: Id| {
        let told = world.told(id, |event| match event {
            ControlEvent::Audience { viewers } => Some(*viewers),
            _ => None,
        });
        told.last().map(|(_, viewers)| *viewers)
    };
    for id in [publisher, viewers[0], viewers[5]] {
        assert_eq!(told(&world, id), Some(6));
    }
    world.close_client(viewers[5]);
    world.run_millis(3000);
    assert_eq!(audience(&world).last(), Some(&5));
    assert_eq!(told(&world, viewers[4]), Some(5));
    assert!(audience(&world).len() <= 4, "{:?}", audience(&world));
}

#[test]
fn layers_are_told_to_the_node_by_the_home_alone() {
    let count = |world: &World| {
        world.events.iter().filter(|(_, event)| matches!(event, SfuEvent::Layers { .. })).count()
    };
    let (mut alone, broadcast, _) = live(312, Source::default());
    alone.watch(broadcast, Player::with_control());
    alone.run_millis(3000);
    let (mut world, broadcast, _) = live(312, Source::default());
    let there = world.watch_at(1, broadcast, Player::with_control());
    world.run_millis(3000);
    assert!(count(&world) <= count(&alone) + 1, "{} and {}", count(&world), count(&alone));
    let told = world.told(there, |event| match event {
        ControlEvent::Layers { layers, current, .. } => Some((layers.len(), current.clone())),
        _ => None,
    });
    assert!(matches!(told.last(), Some((_, (3, Some(_))))), "{told:?}");
}

#[test]
fn a_home_relays_nothing_when_the_last_viewer_elsewhere_has_gone() {
    let (mut world, broadcast, _) = live(313, Source::default());
    assert_eq!(world.shard.stats().relay_out, 0);
    let viewers = [(); 2].map(|()| world.watch_at(1, broadcast, Player::default()));
    world.run_millis(1500);
    world.close_client(viewers[0]);
    world.run_millis(500);
    let since = world.now;
    world.run_millis(200);
    assert!(world.mail.count("packets", since) > 0, "one is left");
    world.close_client(viewers[1]);
    world.run_millis(200);
    let since = world.now;
    world.run_millis(2000);
    assert_eq!(world.mail.log.iter().filter(|(at, ..)| *at > since).count(), 0);
    world.run_millis(500);
    assert_eq!(audience(&world).last(), Some(&0));
    let again = world.watch_at(1, broadcast, Player::default());
    world.run_millis(1000);
    assert!(!world.got(again).shown().is_empty());
}

#[test]
fn a_full_mailbox_costs_a_moment_and_not_the_picture() {
    let (mut world, broadcast, _) = live(314, Source::default());
    let there = world.watch_at(1, broadcast, Player::default());
    world.run_millis(2000);
    let from = world.now;
    world.mail.accepts = Some(Box::new(move |now, _| now - from > Duration::from_millis(300)));
    world.run_millis(300);
    let back = world.at();
    world.run_millis(2000);
    let stats = world.shard.stats();
    assert!(stats.relay_refused > 0 && stats.relay_dropped > 20, "{stats:?}");
    let got = world.got(there);
    let after = got.shown().iter().find(|shown| shown.at > back).unwrap().at;
    assert!(after < back + millis(300), "{after:?} after {back:?}");
    assert!(got.shown().last().unwrap().at > world.at() - millis(100));
    got.check_continuity(Codec::Vp8);
    assert!(got.longest_stall(back + millis(300), world.at()) < millis(150));
}

#[test]
fn every_kind_of_message_may_be_lost() {
    for (seed, lost) in
        [(315, "subscribe"), (316, "snapshot"), (317, "stream"), (318, "key frame"), (319, "changed")]
    {
        let mut world = World::new(seed);
        world.add_shard(EngineConfig::default());
        let broadcast = world.broadcast();
        let mut left = 2;
        world.mail.accepts = Some(Box::new(move |_, relay| {
            let refuse = kind(relay) == lost && left > 0;
            left -= i32::from(refuse);
            !refuse
        }));
        let there = world.watch_at(1, broadcast, Player::with_control());
        world.run_millis(500);
        world.publish(broadcast, Source::default());
        world.run_millis(3000);
        let got = world.got(there);
        assert!(got.shown().last().is_some_and(|shown| shown.at > world.at() - millis(100)), "{lost}");
        got.check_continuity(Codec::Vp8);
        assert_eq!(states_told(&world, there).last(), Some(&BroadcastState::Live), "{lost}");
        assert_eq!(audience(&world).last(), Some(&1), "{lost}");
    }
}

#[test]
fn an_encoder_that_starts_anew_is_followed_elsewhere() {
    let (mut world, broadcast, publisher) =
        live(320, Source { keys: Keys::Every(millis(1000)), ..Source::single(Codec::Vp8) });
    let there = world.watch_at(1, broadcast, Player::default());
    world.run_millis(1500);
    world.restart_encoder(publisher, 0);
    world.run_millis(2500);
    let got = world.got(there);
    got.check_continuity(Codec::Vp8);
    assert!(got.shown().last().unwrap().at > world.at() - millis(100));
}
