//! The way from the engine to its viewers: joins through loss, groups of a key frame, delay, and numbers
//! that are never used twice.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

use sluice_domain::Codec;
use sluice_sfu_engine::counts::Counts;

use crate::sim::link::Link;
use crate::sim::pictures::Stamp;
use crate::sim::player::Player;
use crate::sim::random::Random;
use crate::sim::source::{Keys, LayerSpec, Source};
use crate::sim::{Id, World, millis};

/// How often each SSRC and sequence number was sent.
type Numbers = HashMap<([u8; 4], [u8; 2]), u32>;

fn is_rtp(bytes: &[u8]) -> bool {
    bytes.len() > 12 && (128..192).contains(&bytes[0]) && !(192..224).contains(&bytes[1])
}

fn is_rtcp(bytes: &[u8]) -> bool {
    bytes.len() > 12 && (128..192).contains(&bytes[0]) && (192..224).contains(&bytes[1])
}

#[test]
fn a_join_from_the_cache_through_loss_shows_a_picture_soon_and_asks_the_publisher_for_nothing() {
    for (seed, loss, limit) in [(700, 0.0, 60), (701, 0.05, 400), (702, 0.2, 1_200)] {
        let mut world = World::new(seed);
        let broadcast = world.broadcast();
        // A key frame is always young enough.
        let publisher =
            world.publish(broadcast, Source { keys: Keys::Every(millis(400)), ..Source::default() });
        world.run_millis(3_000);
        let before = world.sender(publisher).requests.len();
        let mut firsts = Vec::new();
        for number in 0..10 {
            let viewer = world.watch(broadcast, Player::default());
            // Only media: the handshake has timers of its own.
            let mut random = Random::new(seed * 100 + number);
            world.client_mut(viewer).down.filter =
                Some(Box::new(move |bytes| !is_rtp(bytes) || !random.chance(loss)));
            world.run_millis(1_500);
            let connected = world.client_mut(viewer).connected.expect("it connects");
            let first = world.got(viewer).shown().first().expect("a picture").at;
            firsts.push(first.saturating_sub(connected));
            world.close_client(viewer);
        }
        let latest = firsts.iter().max().unwrap();
        assert!(*latest <= millis(limit), "loss {loss}: {firsts:?}");
        assert!(world.shard.stats().cache_joins >= 10, "loss {loss}");
        let asked = world.sender(publisher).requests.len() - before;
        // A player that lost so much that it cannot decode asks by itself.
        let by_players = world.shard.stats().key_frames_asked;
        assert!(asked == 0 || loss > 0.0 && by_players > 0, "loss {loss}: {asked}, {by_players} by players");
    }
}

#[test]
fn two_hundred_viewers_at_once_cost_one_request_for_each_layer_in_an_interval() {
    let mut world = World::new(710);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(3_000);
    let before = world.sender(publisher).requests.len();
    let viewers: Vec<Id> = (0..200).map(|_| world.watch(broadcast, Player::default())).collect();
    world.run_millis(1_500);
    let mut by_layer: BTreeMap<Option<String>, Vec<Duration>> = BTreeMap::new();
    for (at, rid) in &world.sender(publisher).requests[before..] {
        by_layer.entry(rid.clone()).or_default().push(*at);
    }
    assert!(!by_layer.is_empty());
    for (rid, times) in &by_layer {
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= millis(300)), "{rid:?}: {times:?}");
    }
    for viewer in viewers {
        let connected = world.client_mut(viewer).connected.expect("it connects");
        let first = world.got(viewer).shown().first().expect("a picture").at;
        assert!(first.saturating_sub(connected) < millis(300), "{:?}", first - connected);
        world.got(viewer).check_whole();
    }
}

#[test]
fn a_key_frame_of_more_than_a_hundred_packets_comes_whole_and_in_groups() {
    let mut world = World::new(720);
    let broadcast = world.broadcast();
    let layers = vec![LayerSpec { rid: None, size: (1920, 1088), bitrate: 7_000_000 }];
    let source = Source { layers, keys: Keys::Every(millis(1_000)), ..Source::single(Codec::Vp8) };
    world.publish(broadcast, source);
    world.run_millis(500);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(5_000);
    let got = world.got(viewer);
    got.check_whole();
    got.check_continuity(Codec::Vp8);
    let mut key_frames: BTreeMap<u32, BTreeMap<Duration, usize>> = BTreeMap::new();
    for packet in &got.video {
        if let Some(stamp) = Stamp::read(&packet.payload).filter(|stamp| stamp.key && stamp.packets > 100) {
            *key_frames.entry(stamp.frame).or_default().entry(packet.at).or_default() += 1;
        }
    }
    // The first came out of the cache.
    let live: Vec<_> = key_frames.values().skip(1).collect();
    assert!(live.len() >= 3, "{key_frames:?}");
    for groups in live {
        assert!(groups.len() >= 3 && groups.values().all(|packets| *packets <= 40), "{groups:?}");
        let times: Vec<&Duration> = groups.keys().collect();
        assert!(times.windows(2).all(|pair| *pair[1] - *pair[0] >= millis(2)), "{groups:?}");
        assert!(**times.last().unwrap() - *times[0] <= millis(12), "{groups:?}");
    }
}

#[test]
fn no_packet_waits_longer_than_the_engine_gathers() {
    let mut world = World::new(730);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::default());
    world.run_millis(1_000);
    let viewers: Vec<Id> = (0..5).map(|_| world.watch(broadcast, Player::default())).collect();
    world.run_millis(1_000);
    let from = world.at();
    world.run_millis(4_000);
    let longest = world.shard.stats().forward.counts().iter().rposition(|count| *count > 0).unwrap();
    assert!(Counts::middle(longest) <= 1_300.0, "{} us", Counts::middle(longest));
    for viewer in viewers {
        let got = world.got(viewer);
        let late = |packets: &[crate::sim::player::Got], before: Duration| {
            let delays = packets.iter().filter(|got| got.at >= from).filter_map(|got| {
                let stamp = Stamp::read(&got.payload)?;
                Some(got.at - stamp.captured - before)
            });
            delays.max().expect("packets came")
        };
        // Two links of 10 ms; the encoder takes 4 ms for a picture.
        assert!(late(&got.audio, millis(20)) <= millis(2), "{:?}", late(&got.audio, millis(20)));
        assert!(late(&got.video, millis(24)) <= millis(2), "{:?}", late(&got.video, millis(24)));
    }
}

#[test]
fn no_number_is_used_twice_whatever_the_networks_do() {
    // Two packets with one number would be sealed with one nonce (RFC 7714 §5.1).
    let mut world = World::new(740);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(1_000);
    let up = &mut world.client_mut(publisher).up;
    *up = Link::with_latency(15);
    (up.loss, up.jitter, up.reorder) = (0.05, millis(10), 0.05);
    let viewer = world.watch(broadcast, Player::default());
    let numbers: Rc<RefCell<Numbers>> = Rc::default();
    let seen = Rc::clone(&numbers);
    world.client_mut(viewer).down.filter = Some(Box::new(move |bytes| {
        if is_rtp(bytes) {
            let key = (bytes[8..12].try_into().unwrap(), bytes[2..4].try_into().unwrap());
            *seen.borrow_mut().entry(key).or_default() += 1;
        }
        true
    }));
    for round in 0..8 {
        let down = &mut world.client_mut(viewer).down;
        (down.loss, down.burst) = (0.02 * f64::from(round % 3), 2.0);
        down.rate = (round % 2 == 1).then_some(400_000);
        world.run_millis(2_500);
        if round == 4 {
            world.restart_encoder(publisher, 0);
        }
        world.ask_for_key_frame(viewer);
    }
    assert!(world.got(viewer).layers().len() > 2, "layers were switched: {:?}", world.got(viewer).layers());
    let twice: Vec<_> =
        numbers.borrow().iter().filter(|(_, times)| **times > 1).map(|(key, _)| *key).collect();
    assert!(numbers.borrow().len() > 1_000 && twice.is_empty(), "{twice:?}");
}

#[test]
fn garbage_and_forgeries_for_rtcp_of_a_viewer_are_counted_and_harmless() {
    let mut world = World::new(750);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::default());
    world.run_millis(1_000);
    let viewer = world.watch(broadcast, Player::default());
    world.client_mut(viewer).sent = Some(Vec::new());
    world.run_millis(2_000);
    let client = world.client_mut(viewer);
    let address = client.address;
    let reports: Vec<Vec<u8>> =
        client.sent.as_ref().unwrap().iter().filter(|bytes| is_rtcp(bytes)).cloned().collect();
    assert!(reports.len() > 10, "{}", reports.len());
    // None of them is on its way any more.
    world.run_millis(50);
    let before = world.shard.stats().clone();
    let mut injected = 0;
    for report in reports.iter().rev().take(20) {
        let mut forged = report.clone();
        let at = forged.len() / 2;
        forged[at] ^= 1;
        for bytes in [report.as_slice(), &forged, &report[..report.len() - 1], &report[..at.max(13)]] {
            world.inject(address, bytes);
            injected += 1;
        }
    }
    for length in 2..200 {
        let mut bytes: Vec<u8> = (0..length * 7).map(|_| world.random.bits() as u8).collect();
        (bytes[0], bytes[1]) = (0x80, 200 + (length % 8) as u8);
        world.inject(address, &bytes);
        injected += 1;
    }
    let after = world.shard.stats().clone();
    assert_eq!(after.dropped_forged - before.dropped_forged, injected, "replays, forgeries, garbage");
    assert_eq!((after.repairs, after.key_frames_asked), (before.repairs, before.key_frames_asked));
    let from = world.at();
    world.run_millis(1_000);
    let got = world.got(viewer);
    got.check_whole();
    assert!(got.longest_stall(from - millis(200), world.at()) < millis(100));
}
