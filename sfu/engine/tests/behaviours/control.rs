//! The control channel: clocks, layers, audience, issues, and what is no message at all.

use sluice_domain::control::{BroadcastState, ControlEvent, ControlRequest, MAX_CONTROL_BYTES, MediaIssue};
use sluice_domain::{Codec, MediaTime};
use sluice_sfu_engine::SfuEvent;

use crate::sim::link::Link;
use crate::sim::player::Player;
use crate::sim::source::Source;
use crate::sim::{Id, START_UTC, World, millis};

fn watching(seed: u64, source: Source) -> (World, Id, Id) {
    let mut world = World::new(seed);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source { control: true, ..source });
    world.run_millis(1000);
    let viewer = world.watch(broadcast, Player::with_control());
    world.run_millis(1500);
    (world, publisher, viewer)
}

/// Errors of the media clock in microseconds: told capture time minus true capture time.
fn clock_errors(world: &World, viewer: Id) -> Vec<(bool, i64)> {
    let told = world.told(viewer, |event| match event {
        ControlEvent::MediaClock { rtp, captured, estimated } => Some((*rtp, *captured, *estimated)),
        _ => None,
    });
    let shown = world.got(viewer).shown();
    let error = |(_, (rtp, captured, estimated)): (_, (u32, MediaTime, bool))| {
        let picture = shown.iter().find(|shown| shown.timestamp == rtp)?;
        let truth = i64::try_from(picture.stamp.captured.as_micros()).unwrap();
        Some((estimated, captured.micros_since(START_UTC) - truth))
    };
    told.into_iter().filter_map(error).collect()
}

#[test]
fn a_ping_is_answered_with_the_servers_clock() {
    let (mut world, publisher, viewer) = watching(160, Source::default());
    for id in [publisher, viewer] {
        let sent = world.at();
        world.send_control(id, &ControlRequest::Ping { id: 7, sent: 123.5 });
        world.run_millis(100);
        let pong = world.told(id, |event| match event {
            ControlEvent::Pong { id, sent, server_time } => Some((*id, *sent, *server_time)),
            _ => None,
        });
        let [(at, (7, echoed, server_time))] = pong[..] else { panic!("{pong:?}") };
        assert!((echoed - 123.5).abs() < f64::EPSILON);
        let halfway = i64::try_from(((sent + at) / 2).as_micros()).unwrap();
        let error = server_time.micros_since(START_UTC) - halfway;
        assert!(error.abs() < 2_000, "{error} µs");
    }
}

/// The last error of the media clock that rests on sender reports, with these latencies from and to
/// the publisher in milliseconds.
fn measured_error(seed: u64, up: u64, down: u64) -> i64 {
    let mut world = World::new(seed);
    let broadcast = world.broadcast();
    // The publisher's clock is 93 minutes ahead of the server's.
    let skew = millis(93 * 60_000);
    let publisher = world.publish(broadcast, Source { skew, ..Source::default() });
    world.client_mut(publisher).up = Link::with_latency(up);
    world.client_mut(publisher).down = Link::with_latency(down);
    world.run_millis(1000);
    let viewer = world.watch(broadcast, Player::with_control());
    world.client_mut(viewer).down = Link::with_latency(45);
    world.run_millis(6000);
    let errors = clock_errors(&world, viewer);
    let measured: Vec<i64> = errors.iter().filter(|(estimated, _)| !estimated).map(|(_, e)| *e).collect();
    assert!(measured.len() >= 4, "{errors:?}");
    measured[measured.len() - 1]
}

#[test]
fn the_media_clock_tells_capture_time_within_two_milliseconds() {
    let error = measured_error(161, 30, 30);
    assert!(error.abs() < 2_000, "{error} µs");
}

#[test]
fn a_path_that_is_slower_one_way_shifts_the_media_clock_by_half_the_difference() {
    let error = measured_error(162, 60, 20);
    assert!((error - 20_000).abs() < 3_000, "{error} µs");
}

#[test]
fn before_the_first_sender_report_the_media_clock_says_that_it_guesses() {
    let mut world = World::new(163);
    let broadcast = world.broadcast();
    let viewer = world.watch(broadcast, Player::with_control());
    world.run_millis(500);
    world.publish(broadcast, Source::default());
    world.run_millis(400);
    let errors = clock_errors(&world, viewer);
    let (estimated, error) = errors[0];
    assert!(estimated, "{errors:?}");
    assert!((0..40_000).contains(&error), "off by the way of the packet: {error} µs");
}

#[test]
fn a_player_is_told_the_layers_and_the_one_it_gets() {
    let (mut world, _, viewer) = watching(164, Source::default());
    world.send_control(viewer, &ControlRequest::Select { rid: Some("m".to_owned()) });
    world.run_millis(800);
    let told = world.told(viewer, |event| match event {
        ControlEvent::Layers { layers, current, pinned, codec, .. } => {
            Some((layers.clone(), current.clone(), pinned.clone(), *codec))
        }
        _ => None,
    });
    let (layers, current, pinned, codec) = told.last().unwrap().1.clone();
    let names: Vec<_> = layers.iter().map(|layer| (layer.rid.as_deref().unwrap(), layer.width)).collect();
    assert_eq!(names, [("h", Some(1280)), ("m", Some(640)), ("l", Some(320))]);
    assert!(layers.iter().all(|layer| layer.active && (25.0..35.0).contains(&layer.fps)), "{layers:?}");
    assert!((800_000..1_300_000).contains(&layers[0].bitrate), "{layers:?}");
    assert_eq!((current.as_deref(), pinned.as_deref()), (Some("m"), Some("m")));
    assert_eq!(codec, Some(Codec::Vp8));
}

#[test]
fn everyone_is_told_how_many_watch() {
    let (mut world, publisher, first) = watching(165, Source::default());
    let broadcast = sluice_domain::BroadcastId(uuid::Uuid::from_u128(1));
    let others: Vec<Id> = (0..3).map(|_| world.watch(broadcast, Player::default())).collect();
    world.run_millis(2500);
    let audience = |world: &World, id| {
        let told = world.told(id, |event| match event {
            ControlEvent::Audience { viewers } => Some(*viewers),
            _ => None,
        });
        told.last().unwrap().1
    };
    assert_eq!((audience(&world, publisher), audience(&world, first)), (4, 4));
    others.into_iter().for_each(|id| world.close_client(id));
    world.run_millis(2500);
    assert_eq!((audience(&world, publisher), audience(&world, first)), (1, 1));
}

#[test]
fn a_publisher_is_told_that_it_sends_b_frames_and_a_viewer_is_not() {
    let source = Source { codec: Some(Codec::H264), b_frames: true, ..Source::default() };
    let (world, publisher, viewer) = watching(166, source);
    let issues = |id| {
        let told = world.told(id, |event| match event {
            ControlEvent::Issues { issues } => Some(issues.clone()),
            _ => None,
        });
        told.into_iter().map(|(_, issues)| issues).collect::<Vec<_>>()
    };
    assert_eq!(issues(publisher), [vec![MediaIssue::BFrames]]);
    assert!(issues(viewer).is_empty());
    let event = world.events.iter().find(|(_, event)| matches!(event, SfuEvent::Issues { .. }));
    assert!(event.is_some());
}

#[test]
fn a_publisher_is_told_of_a_layer_that_is_missing_and_of_loss() {
    let (mut world, publisher, _) = watching(167, Source::default());
    world.sender(publisher).set_sending(0, false);
    world.client_mut(publisher).up.loss = 0.15;
    world.run_millis(6000);
    let told = world.told(publisher, |event| match event {
        ControlEvent::Issues { issues } => Some(issues.clone()),
        _ => None,
    });
    let all: Vec<MediaIssue> = told.into_iter().flat_map(|(_, issues)| issues).collect();
    assert!(all.contains(&MediaIssue::LayerMissing), "{all:?}");
    assert!(all.contains(&MediaIssue::LossHigh), "{all:?}");
}

#[test]
fn a_publisher_that_ignores_requests_is_told_when_its_key_frames_are_rare() {
    let keys = crate::sim::source::Keys::Every(millis(6000));
    let (mut world, publisher, _) = watching(168, Source { keys, ..Source::default() });
    world.run_millis(6000);
    let told = world.told(publisher, |event| match event {
        ControlEvent::Issues { issues } => Some(issues.clone()),
        _ => None,
    });
    assert!(told.iter().any(|(_, issues)| issues.contains(&MediaIssue::KeyFramesRare)), "{told:?}");
}

#[test]
fn a_publisher_is_told_how_its_uplink_does() {
    let (mut world, publisher, viewer) = watching(169, Source::default());
    world.run_millis(2000);
    let uplink = |id| {
        world.told(id, |event| match event {
            ControlEvent::Uplink { bitrate, loss, .. } => Some((*bitrate, *loss)),
            _ => None,
        })
    };
    let told = uplink(publisher);
    assert!(told.len() >= 3, "once a second");
    let (bitrate, loss) = told.last().unwrap().1;
    assert!((1_300_000..2_000_000).contains(&bitrate), "{bitrate}");
    assert!(loss < 0.01);
    assert!(uplink(viewer).is_empty());
}

#[test]
fn messages_that_are_none_are_counted_and_harmless() {
    let (mut world, publisher, viewer) = watching(170, Source::default());
    let long = vec![b' '; MAX_CONTROL_BYTES + 1];
    for bytes in [&b"{"[..], b"\xff\xfe", b"{\"type\":\"nonsense\"}", b"[]", b"null", &long] {
        world.send_raw_control(viewer, bytes);
        world.run_millis(20);
    }
    assert_eq!(world.shard.stats().control_invalid, 6);
    // Wishes of a viewer mean nothing from a publisher.
    world.send_control(publisher, &ControlRequest::Select { rid: None });
    world.run_millis(500);
    assert_eq!(world.shard.stats().control_invalid, 7);
    assert_eq!(world.close_reason(viewer), None);
    world.got(viewer).check_whole();
}

#[test]
fn a_pin_on_a_layer_that_is_not_there_changes_nothing() {
    let (mut world, _, viewer) = watching(171, Source::default());
    world.send_control(viewer, &ControlRequest::Select { rid: Some("zz".to_owned()) });
    world.run_millis(1000);
    assert_eq!(world.got(viewer).layers(), [0]);
}

#[test]
fn a_player_that_joins_before_the_publisher_is_told_when_it_starts() {
    let mut world = World::new(172);
    let broadcast = world.broadcast();
    let viewer = world.watch(broadcast, Player::with_control());
    world.run_millis(500);
    world.publish(broadcast, Source::default());
    world.run_millis(500);
    let told = world.told(viewer, |event| match event {
        ControlEvent::State { state } => Some(*state),
        _ => None,
    });
    let states: Vec<BroadcastState> = told.into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, [BroadcastState::Starting, BroadcastState::Live]);
}
