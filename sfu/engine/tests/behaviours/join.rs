//! How soon a viewer has a picture, and what that costs the publisher.

use std::time::Duration;

use sluice_domain::Codec;
use sluice_sfu_engine::EngineConfig;

use crate::sim::player::Player;
use crate::sim::source::{Keys, Source};
use crate::sim::{Id, World, millis};

fn first_picture(world: &World, viewer: Id) -> Duration {
    world.got(viewer).shown().first().expect("a picture").at
}

/// The viewer sees live pictures so long after its first one.
fn check_caught_up(world: &World, viewer: Id, after: Duration) {
    let mut shown = world.got(viewer).shown().iter();
    let late = shown.find(|shown| shown.at > first_picture(world, viewer) + after).unwrap();
    assert!(late.at - late.stamp.captured < millis(40), "{late:?}");
}

#[test]
fn a_viewer_gets_its_first_picture_by_one_request() {
    let mut world = World::new(1);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(3000);
    let before = world.sender(publisher).requests.len();
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(1000);
    assert!(first_picture(&world, viewer) < millis(3200));
    let asked = world.sender(publisher).requests[before..].to_vec();
    assert_eq!(asked.len(), 1, "{asked:?}");
    world.got(viewer).check_continuity(Codec::Vp8);
    world.got(viewer).check_whole();
}

#[test]
fn fifty_viewers_at_once_cost_the_publisher_one_request() {
    let mut world = World::new(2);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(2000);
    let before = world.sender(publisher).requests.len();
    let viewers: Vec<Id> = (0..50)
        .map(|_| {
            world.run_millis(4);
            world.watch(broadcast, Player::default())
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
fn a_viewer_before_the_publisher_gets_the_very_first_picture() {
    let mut world = World::new(3);
    let broadcast = world.broadcast();
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(1000);
    world.publish(broadcast, Source::default());
    world.run_millis(1000);
    let first = world.got(viewer).shown()[0];
    assert_eq!(first.stamp.frame, 0);
    assert!(first.at < millis(1150), "{:?}", first.at);
}

#[test]
fn a_young_key_frame_is_served_from_the_cache_without_a_request() {
    let mut world = World::new(4);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(2000);
    let first = world.watch(broadcast, Player::default());
    world.run_millis(250);
    let asked = world.sender(publisher).requests.len();
    let second = world.watch(broadcast, Player::default());
    world.run_millis(500);
    assert!(first_picture(&world, second) < millis(2250 + 75), "{:?}", first_picture(&world, second));
    assert_eq!(world.sender(publisher).requests.len(), asked);
    assert!(world.shard.stats().cache_joins >= 1);
    for viewer in [first, second] {
        world.got(viewer).check_continuity(Codec::Vp8);
        world.got(viewer).check_whole();
    }
}

#[test]
fn where_that_is_wished_an_old_key_frame_is_served_without_a_request_too() {
    let config = EngineConfig { cache_fresh: Duration::from_secs(5), ..EngineConfig::default() };
    let mut world = World::with_config(6, config);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(2000);
    world.watch(broadcast, Player::default());
    world.run_millis(2500);
    let asked = world.sender(publisher).requests.len();
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(1000);
    assert!(first_picture(&world, viewer) < millis(4500 + 75), "{:?}", first_picture(&world, viewer));
    assert_eq!(world.sender(publisher).requests.len(), asked);
    check_caught_up(&world, viewer, millis(300));
    world.got(viewer).check_continuity(Codec::Vp8);
}

#[test]
fn who_was_catching_up_when_the_publisher_left_gets_a_picture_of_the_next_one() {
    let config = EngineConfig { cache_fresh: Duration::from_secs(5), ..EngineConfig::default() };
    let mut world = World::with_config(7, config);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(3000);
    // Slow enough that nobody has caught up when the publisher leaves.
    world.most_a_milli = Some(4);
    let viewers: Vec<Id> = (0..10).map(|_| world.watch(broadcast, Player::default())).collect();
    world.run_millis(150);
    assert!(viewers.iter().any(|viewer| !world.got(*viewer).shown().is_empty()), "some have begun");
    world.close_client(publisher);
    world.run_millis(500);
    world.publish(broadcast, Source::default());
    world.run_millis(500);
    world.most_a_milli = None;
    world.run_millis(2000);
    for viewer in viewers {
        assert!(world.got(viewer).shown().last().unwrap().at > world.at() - millis(100), "{viewer:?}");
        world.got(viewer).check_continuity(Codec::Vp8);
    }
}

#[test]
fn a_viewer_from_the_cache_catches_up_with_the_live_picture() {
    let mut world = World::new(5);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::ignoring_requests());
    // The newest key frame is 1.7 s old by then: fifty pictures to catch up with.
    world.run_millis(3800);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(1000);
    check_caught_up(&world, viewer, millis(200));
    world.got(viewer).check_continuity(Codec::Vp8);
}

#[test]
fn a_publisher_that_ignores_requests_keeps_the_first_viewer_waiting_only_for_a_moment() {
    let mut world = World::new(6);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::ignoring_requests());
    world.run_millis(2800);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(1000);
    assert!(first_picture(&world, viewer) < millis(2800 + 600), "{:?}", first_picture(&world, viewer));
}

#[test]
fn once_known_to_ignore_requests_a_publisher_keeps_nobody_waiting() {
    let mut world = World::new(7);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::ignoring_requests());
    world.run_millis(2800);
    world.watch(broadcast, Player::default());
    // Three more key frames came since, each by itself.
    world.run_millis(6000);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(300);
    assert!(first_picture(&world, viewer) < millis(8800 + 100), "{:?}", first_picture(&world, viewer));
}

#[test]
fn joining_works_through_loss_on_both_sides() {
    for (seed, loss) in [(8, 0.0), (9, 0.05), (10, 0.2)] {
        let mut world = World::new(seed);
        let broadcast = world.broadcast();
        let publisher = world.publish(broadcast, Source::default());
        world.run_millis(500);
        world.client_mut(publisher).up.loss = loss / 2.0;
        // Lost handshake messages are sent again after 1, 2, 4 and 8 seconds (RFC 6347 §4.2.4.1). At 20 % one
        // handshake in a hundred is given up before that; a player then makes a new session.
        let wait = if loss > 0.1 { 18_000 } else { 3000 };
        let (viewer, connected) = (0..3)
            .find_map(|_| {
                let viewer = world.watch(broadcast, Player::default());
                let client = world.client_mut(viewer);
                (client.up.loss, client.down.loss) = (loss, loss);
                world.run_millis(wait);
                Some((viewer, world.client_mut(viewer).connected?))
            })
            .expect("one of three handshakes");
        let picture = first_picture(&world, viewer);
        let joined = picture.saturating_sub(connected);
        assert!(joined < millis(3000), "loss {loss}: {joined:?} after the handshake, done at {connected:?}");
        assert!(loss > 0.1 || picture < millis(2500), "loss {loss}: {picture:?}");
    }
}

#[test]
fn every_codec_joins_and_goes_on() {
    for codec in [Codec::H264, Codec::Vp9, Codec::Av1] {
        let mut world = World::new(11);
        let broadcast = world.broadcast();
        world.publish(broadcast, Source { codec: Some(codec), ..Source::default() });
        world.run_millis(1500);
        let viewer = world.watch(broadcast, Player::default());
        world.run_millis(1000);
        let got = world.got(viewer);
        assert!(got.shown().len() > 25, "{codec:?}: {}", got.shown().len());
        got.check_continuity(codec);
    }
}

#[test]
fn parameter_sets_are_put_before_a_key_frame_that_lacks_them() {
    let mut world = World::new(12);
    let broadcast = world.broadcast();
    let once = Source { repeat_parameters: false, ..Source::single(Codec::H264) };
    world.publish(broadcast, once);
    world.run_millis(2000);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(500);
    let got = world.got(viewer);
    let first = sluice_media::h264::inspect(&got.in_order()[0].payload);
    assert!(first.has_sps && first.has_pps, "{first:?}");
    assert_eq!(first.resolution, Some((640, 352)));
    assert_eq!(got.in_order()[0].timestamp, got.in_order()[1].timestamp);
    got.check_whole();
    got.check_continuity(Codec::H264);
}

#[test]
fn parameter_sets_that_are_there_are_not_sent_twice() {
    let mut world = World::new(13);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::single(Codec::H264));
    world.run_millis(2000);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(500);
    let packets = world.got(viewer).in_order();
    let sets = |index: usize| sluice_media::h264::inspect(&packets[index].payload).has_sps;
    assert!(sets(0) && !sets(1));
}

#[test]
fn a_key_frame_whose_first_packet_was_repaired_serves_whole_pictures() {
    let mut world = World::new(14);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source { keys: Keys::Every(millis(2000)), ..Source::default() });
    world.run_millis(1900);
    // Lose the first packet of the large key frame that comes at 2.07 s.
    let mut lost = false;
    let sends_key = move |bytes: &[u8]| {
        let large = bytes.len() > 1000 && (128..192).contains(&bytes[0]) && bytes[1] & 0x80 == 0;
        let lose = large && !lost;
        lost |= lose;
        !lose
    };
    let at_key = |world: &mut World| world.sender(publisher).keys.len();
    let before = at_key(&mut world);
    while at_key(&mut world) == before {
        world.run_millis(1);
        if world.at() > millis(2060) && world.client_mut(publisher).up.filter.is_none() {
            world.client_mut(publisher).up.filter = Some(Box::new(sends_key));
        }
    }
    world.run_millis(150);
    world.client_mut(publisher).up.filter = None;
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(400);
    let got = world.got(viewer);
    got.check_whole();
    assert!(got.shown().len() > 10, "{} pictures", got.shown().len());
}
