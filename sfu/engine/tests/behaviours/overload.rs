//! What viewers get of a server that does not keep up.

use std::time::Duration;

use sluice_domain::Codec;

use crate::sim::player::Player;
use crate::sim::source::Source;
use crate::sim::{Id, World, millis};

/// The last bound of the engine's queue, and what links add.
const BOUND: Duration = Duration::from_millis(400 + 50);

/// Median and longest time from capture to display after `since`.
fn delays(world: &World, viewer: Id, since: Duration) -> (Duration, Duration) {
    let shown = world.got(viewer).shown();
    let delays = shown.iter().filter(|shown| shown.at > since).map(|shown| shown.at - shown.stamp.captured);
    let mut delays: Vec<Duration> = delays.collect();
    delays.sort_unstable();
    (delays[delays.len() / 2], delays[delays.len() - 1])
}

#[test]
fn lower_layers_come_before_a_growing_delay() {
    let mut world = World::new(340);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::default());
    world.run_millis(1500);
    let viewers: Vec<Id> = (0..20)
        .map(|_| {
            world.run_millis(20);
            world.watch(broadcast, Player::default())
        })
        .collect();
    world.run_millis(3000);
    assert!(viewers.iter().all(|viewer| world.got(*viewer).layer() == Some(0)));
    // Twenty viewers of the best layer want three datagrams a millisecond.
    world.most_a_milli = Some(2);
    world.run_millis(5000);
    assert!(world.shard.stats().shed_layers > 0);
    assert_eq!(world.shard.stats().shed_audio, 0);
    let settled = world.at();
    world.run_millis(2000);
    for viewer in &viewers {
        assert!(world.got(*viewer).shown().last().unwrap().at > world.at() - millis(150), "{viewer:?}");
        // A key frame for all of them takes this server 300 ms.
        let (median, longest) = delays(&world, *viewer, settled);
        assert!(median < millis(60) && longest < BOUND, "{median:?}, {longest:?}");
        world.got(*viewer).check_continuity(Codec::Vp8);
    }
    world.most_a_milli = None;
    world.run_millis(40_000);
    assert!(viewers.iter().all(|viewer| world.got(*viewer).layer() == Some(0)), "all have it back");
}

#[test]
fn a_shard_that_nobody_is_left_on_leaves_nothing_out() {
    let mut world = World::new(342);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::default());
    let viewers: Vec<Id> = (0..20).map(|_| world.watch(broadcast, Player::default())).collect();
    world.run_millis(2000);
    world.most_a_milli = Some(2);
    world.run_millis(3000);
    assert!(world.shard.sheds());
    for viewer in viewers {
        world.close_client(viewer);
    }
    world.most_a_milli = None;
    world.run_millis(200);
    assert!(!world.shard.sheds() && world.shard.stats().viewers_held == 0);
}

#[test]
fn what_happened_is_told_while_the_shard_does_not_keep_up() {
    let mut world = World::new(343);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::single(Codec::Vp8));
    let viewers: Vec<Id> = (0..24).map(|_| world.watch(broadcast, Player::default())).collect();
    world.run_millis(2000);
    world.most_a_milli = Some(1);
    world.run_millis(1000);
    let left = world.at();
    world.close_client(viewers[3]);
    world.run_millis(300);
    let (at, _) = world.close_reason(viewers[3]).expect("it is told");
    assert!(at - left < millis(250), "{:?}", at - left);
}

#[test]
fn the_newest_wait_while_the_others_are_served_in_time() {
    let mut world = World::new(341);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::single(Codec::Vp8));
    world.run_millis(1500);
    let viewers: Vec<Id> = (0..24)
        .map(|_| {
            world.run_millis(20);
            world.watch(broadcast, Player::default())
        })
        .collect();
    world.run_millis(3000);
    // Half of what is there is audio, which stays.
    world.most_a_milli = Some(2);
    world.run_millis(9000);
    let stats = world.shard.stats();
    assert!(stats.shed_video > 0 && stats.shed_audio == 0, "{stats:?}");
    let settled = world.at();
    world.run_millis(1500);
    let (median, longest) = delays(&world, viewers[0], settled);
    assert!(median < millis(60) && longest < BOUND, "{median:?}, {longest:?}");
    assert!(world.got(viewers[0]).shown().last().unwrap().at > world.at() - millis(200));
    let newest = world.got(viewers[23]);
    assert!(newest.shown().last().unwrap().at < world.at() - millis(1000), "it is paused");
    world.most_a_milli = None;
    world.run_millis(90_000);
    for viewer in viewers {
        world.got(viewer).check_continuity(Codec::Vp8);
        assert!(world.got(viewer).shown().last().unwrap().at > world.at() - millis(150), "{viewer:?}");
    }
}
