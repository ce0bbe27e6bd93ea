//! Taps: what a recorder gets of a broadcast, and what it may not do to anybody else.

use std::sync::Arc;

use sluice_domain::{BroadcastId, Codec};
use sluice_media::frame;
use sluice_media::tapped::{Tapped, TappedPacket};
use sluice_sfu_engine::{Command, EngineConfig, Reply, SfuError, TapId};

use crate::sim::pictures::Stamp;
use crate::sim::player::Player;
use crate::sim::source::{Keys, LAYERS, Source};
use crate::sim::{Id, START_UTC, World, millis};

/// A publisher, live for some time.
fn live(seed: u64, source: Source) -> (World, BroadcastId, Id) {
    let mut world = World::new(seed);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, source);
    world.run_millis(2500);
    (world, broadcast, publisher)
}

/// A tap that is there before the publisher, whom a viewer awaits.
fn awaited(seed: u64) -> (World, BroadcastId, usize, Id) {
    let mut world = World::new(seed);
    let broadcast = world.broadcast();
    let viewer = world.watch(broadcast, Player::default());
    let tap = world.tap(broadcast);
    (world, broadcast, tap, viewer)
}

fn of_layer<'a>(packets: &[&'a TappedPacket], layer: usize) -> Vec<&'a TappedPacket> {
    let video = packets.iter().copied().filter(|packet| packet.codec != Codec::Opus);
    video.filter(|packet| packet.layer == layer).collect()
}

fn audio<'a>(packets: &[&'a TappedPacket]) -> Vec<&'a TappedPacket> {
    packets.iter().copied().filter(|packet| packet.codec == Codec::Opus).collect()
}

/// How many times the sequence is not unbroken.
fn holes(packets: &[&TappedPacket]) -> usize {
    assert!(packets.len() > 1);
    packets.windows(2).filter(|pair| pair[0].seq + 1 != pair[1].seq).count()
}

fn begins_key_frame(packet: &TappedPacket) -> bool {
    frame::inspect(packet.codec, &packet.payload).keyframe_start
}

#[test]
fn a_tap_starts_at_a_key_frame_with_its_parameter_sets() {
    for (seed, repeat_parameters) in [(700, true), (701, false)] {
        let keys = Keys::Every(millis(1000));
        let (mut world, broadcast, publisher) =
            live(seed, Source { keys, repeat_parameters, ..Source::single(Codec::H264) });
        let asked = world.sender(publisher).requests.len();
        let newest = world.sender(publisher).keys.last().unwrap().2;
        let tap = world.tap(broadcast);
        let at_once = world.taps[tap].packets().len();
        world.run_millis(2000);
        assert_eq!(world.taps[tap].kinds()[..2], ["layers", "packets"]);
        let packets = world.taps[tap].packets();
        let video = of_layer(&packets, 0);
        let sets = video[0];
        assert!(sluice_media::h264::inspect(&sets.payload).has_sps, "seed {seed}");
        let key = video.iter().find(|packet| Stamp::read(&packet.payload).is_some()).unwrap();
        let stamp = Stamp::read(&key.payload).unwrap();
        assert!(stamp.key && stamp.frame == newest && begins_key_frame(key), "{stamp:?}");
        assert_eq!((sets.timestamp, sets.source), (key.timestamp, key.source));
        assert_eq!(holes(&video), 0);
        assert!(at_once > 15, "the pictures since the key frame come at once: {at_once}");
        assert_eq!(world.sender(publisher).requests.len(), asked, "nothing had to be asked for");
    }
}

#[test]
fn a_tap_gets_every_packet_of_every_layer_and_of_audio() {
    let (mut world, broadcast, tap, _) = awaited(702);
    world.publish(broadcast, Source::default());
    world.run_millis(3500);
    let (stats, tapping) = (world.shard.stats(), &world.taps[tap]);
    assert!(stats.packets_in - stats.tap_packets < 30, "what came in the last moment is on its way");
    let packets = tapping.packets();
    assert_eq!(packets.len() as u64, stats.tap_packets);
    assert_eq!((stats.taps, stats.tap_dropped), (1, 0));
    for (index, layer) in LAYERS.iter().enumerate() {
        let info = &tapping.layers()[index];
        assert_eq!(info.rid.as_deref(), layer.rid);
        assert_eq!((info.width, info.height), (Some(layer.size.0), Some(layer.size.1)));
        assert!(info.active && info.bitrate > 0);
        let video = of_layer(&packets, index);
        assert_eq!(holes(&video), 0);
        assert!(begins_key_frame(video[0]), "from the very first one on");
        for packet in &video {
            assert_eq!(Stamp::read(&packet.payload).unwrap().layer, u8::try_from(index).unwrap());
        }
        let last = video.last().unwrap();
        let captured = Stamp::read(&last.payload).unwrap().captured;
        let off = last.captured.micros_since(START_UTC) - i64::try_from(captured.as_micros()).unwrap();
        assert!(!last.estimated && off.abs() < 20_000, "captured {off} µs off");
    }
    let audio = audio(&packets);
    assert!(audio.len() > 150 && audio.iter().all(|packet| packet.layer == 0));
    assert_eq!(holes(&audio), 0);
}

#[test]
fn what_came_since_is_handed_over_a_hundred_times_a_second_at_most() {
    let (mut world, broadcast, tap, _) = awaited(703);
    world.publish(broadcast, Source::default());
    world.run_millis(3000);
    let (before, since) = (world.taps[tap].got.len(), world.at());
    world.run_millis(1000);
    let messages = world.taps[tap].got[before..].iter();
    let messages: Vec<_> = messages.filter(|(_, tapped)| matches!(tapped, Tapped::Packets(_))).collect();
    assert!((50..=101).contains(&messages.len()), "{}", messages.len());
    for (at, tapped) in messages {
        let Tapped::Packets(packets) = tapped else { continue };
        for packet in packets.iter().filter(|packet| packet.codec == Codec::Opus) {
            let captured = Stamp::read(&packet.payload).unwrap().captured;
            assert!(*at - captured < millis(45), "{captured:?} at {at:?} since {since:?}");
        }
    }
}

#[test]
fn a_tap_that_does_not_read_slows_nobody_and_is_told_what_it_lost() {
    let (mut world, broadcast, tap, viewer) = awaited(704);
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(8000);
    let asked = world.sender(publisher).requests.len();
    world.taps[tap].room = 100;
    world.let_read(tap, false);
    world.run_millis(3000);
    assert_eq!(world.sender(publisher).requests.len(), asked, "nobody could use a key frame yet");
    assert!(world.shard.stats().tap_dropped > 500);
    let back = world.at();
    world.let_read(tap, true);
    world.run_millis(1500);
    let stats = world.shard.stats();
    let (all, dropped) = (stats.tap_packets + stats.tap_dropped, stats.tap_dropped);
    assert!(stats.packets_in - all < 30, "{} and {all}", stats.packets_in);
    let tapping = &world.taps[tap];
    assert_eq!(tapping.lost(), [dropped], "it is told once, and exactly");
    let packets = tapping.packets();
    assert_eq!(packets.len() as u64, stats.tap_packets);
    let lost = tapping.got.iter().position(|(_, tapped)| matches!(tapped, Tapped::Lost { .. })).unwrap();
    assert!(matches!(tapping.got[lost + 1].1, Tapped::Layers(_)), "they may have changed meanwhile");
    for layer in 0..3 {
        let video = of_layer(&packets, layer);
        assert_eq!(holes(&video), 1, "layer {layer}");
        let after = tapping.got[lost..].iter().find(|(_, tapped)| match tapped {
            Tapped::Packets(packets) => packets.iter().any(|packet| {
                packet.layer == layer && packet.codec != Codec::Opus && begins_key_frame(packet)
            }),
            Tapped::Layers(_) | Tapped::Lost { .. } | Tapped::Interrupted => false,
        });
        let after = after.expect("a key frame was asked for").0;
        assert!(after < back + millis(200), "layer {layer}: {after:?} after {back:?}");
    }
    assert_eq!(world.sender(publisher).requests.len(), asked + 3, "one of each layer");
    let got = world.got(viewer);
    got.check_continuity(Codec::Vp8);
    got.check_whole();
    assert!(got.longest_stall(millis(8000), world.at()) < millis(100));
}

#[test]
fn a_publisher_that_goes_and_comes_back_keeps_the_indices_of_its_layers() {
    let (mut world, broadcast, tap, _) = awaited(705);
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(1500);
    world.close_client(publisher);
    world.run_millis(1000);
    assert_eq!(world.taps[tap].kinds().iter().filter(|kind| **kind == "interrupted").count(), 1);
    assert!(world.taps[tap].layers().iter().all(|layer| !layer.active), "while nobody publishes");
    let before = world.taps[tap].packets().len();
    // The same layers, offered the other way round.
    let layers = LAYERS.iter().rev().copied().collect();
    world.publish(broadcast, Source { layers, first_seq: 20_000, ..Source::default() });
    world.run_millis(2000);
    let tapping = &world.taps[tap];
    let rids: Vec<_> = tapping.layers().iter().map(|layer| layer.rid.as_deref()).collect();
    assert_eq!(rids, [Some("h"), Some("m"), Some("l")]);
    let packets = tapping.packets();
    let (old, new) = packets.split_at(before);
    for layer in 0..3 {
        let new = of_layer(new, layer);
        assert!(begins_key_frame(new[0]) && holes(&new) == 0);
        let stamp = Stamp::read(&new[0].payload).unwrap();
        assert_eq!(usize::from(stamp.layer), 2 - layer, "its place in the offer of the second one");
        assert!(old.iter().all(|packet| packet.source != new[0].source));
    }
}

#[test]
fn layers_of_other_names_take_the_places_of_those_that_are_gone() {
    let (mut world, broadcast, tap, _) = awaited(706);
    world.publish(broadcast, Source::default());
    world.run_millis(1500);
    world.publish(broadcast, Source::single(Codec::Vp8));
    world.run_millis(1500);
    let rids = |world: &World| -> Vec<_> {
        world.taps[tap].layers().iter().map(|layer| (layer.rid.clone(), layer.active)).collect()
    };
    let name = |rid: &str| Some(rid.to_owned());
    assert_eq!(rids(&world), [(None, true), (name("m"), false), (name("l"), false)]);
    for _ in 0..5 {
        world.publish(broadcast, Source::default());
        world.run_millis(1000);
        world.publish(broadcast, Source::single(Codec::Vp8));
        world.run_millis(1000);
    }
    assert!(rids(&world).len() <= 4, "{:?}", rids(&world));
}

#[test]
fn a_publisher_that_takes_over_is_an_interruption_with_new_sources() {
    let (mut world, broadcast, tap, _) = awaited(707);
    world.publish(broadcast, Source::default());
    world.run_millis(1500);
    world.publish(broadcast, Source { first_seq: 9000, ..Source::default() });
    world.run_millis(1500);
    let got = &world.taps[tap].got;
    let cuts: Vec<_> = (0..got.len()).filter(|at| matches!(got[*at].1, Tapped::Interrupted)).collect();
    assert_eq!(cuts.len(), 1);
    let sources = |part: &[(std::time::Duration, Tapped)]| {
        let mut sources: Vec<u32> = part
            .iter()
            .flat_map(|(_, tapped)| match tapped {
                Tapped::Packets(packets) => packets.iter().map(|packet| packet.source).collect(),
                Tapped::Layers(_) | Tapped::Lost { .. } | Tapped::Interrupted => Vec::new(),
            })
            .collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    };
    let (before, after) = (sources(&got[..cuts[0]]), sources(&got[cuts[0]..]));
    assert_eq!((before.len(), after.len()), (4, 4));
    assert!(before.last() < after.first(), "{before:?} and {after:?}");
    assert!(matches!(got[cuts[0] + 1].1, Tapped::Layers(_)));
}

#[test]
fn an_interruption_while_a_tap_does_not_read_is_not_forgotten() {
    let (mut world, broadcast, tap, _) = awaited(708);
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(1500);
    world.taps[tap].room = 10;
    world.let_read(tap, false);
    world.run_millis(500);
    world.close_client(publisher);
    world.run_millis(500);
    world.publish(broadcast, Source::default());
    world.run_millis(1000);
    world.let_read(tap, true);
    world.run_millis(500);
    let kinds = world.taps[tap].kinds();
    let lost = kinds.iter().position(|kind| *kind == "lost").unwrap();
    assert_eq!(kinds[lost..lost + 3], ["lost", "interrupted", "layers"]);
    assert!(kinds[lost + 3..].contains(&"packets"));
    assert_eq!(kinds.iter().filter(|kind| **kind == "interrupted").count(), 1);
}

#[test]
fn wishes_for_key_frames_of_taps_and_viewers_are_one_request() {
    let (mut world, broadcast, publisher) = live(709, Source::single(Codec::Vp8));
    let viewer = world.watch(broadcast, Player::default());
    let taps = [world.tap(broadcast), world.tap(broadcast)];
    world.run_millis(1500);
    let before = world.sender(publisher).requests.len();
    let keys = world.sender(publisher).keys.len();
    world.ask_for_key_frame(viewer);
    for _ in 0..5 {
        for tap in taps {
            let tap = world.taps[tap].id;
            world.command(Command::WantKeyFrame { tap, layer: 0 });
        }
    }
    world.run_millis(1000);
    assert_eq!(world.sender(publisher).requests.len(), before + 1);
    assert_eq!(world.sender(publisher).keys.len(), keys + 1);
    assert_eq!(world.shard.stats().tap_key_frames_asked, 10);
    let tap = world.taps[taps[0]].id;
    for (tap, layer) in [(tap, 7), (TapId(u64::MAX), 0)] {
        assert_eq!(world.command(Command::WantKeyFrame { tap, layer }), Reply::Done);
    }
    world.run_millis(1000);
    assert_eq!(world.sender(publisher).requests.len(), before + 1, "there is no such layer or tap");
}

#[test]
fn a_tap_asks_for_what_no_cache_has() {
    // The newest key frame is so old that the cache has given it up.
    let (mut world, broadcast, publisher) = live(710, Source::default());
    world.run_millis(8000);
    let asked = world.sender(publisher).requests.len();
    let tap = world.tap(broadcast);
    let began = world.at();
    world.run_millis(1000);
    assert_eq!(world.sender(publisher).requests.len(), asked + 3);
    let packets = world.taps[tap].packets();
    for layer in 0..3 {
        let first = of_layer(&packets, layer).into_iter().find(|packet| begins_key_frame(packet));
        let captured = Stamp::read(&first.expect("a key frame").payload).unwrap().captured;
        assert!(captured >= began && captured < began + millis(200), "layer {layer}");
    }
}

#[test]
fn two_taps_share_what_they_get() {
    let (mut world, broadcast, first, _) = awaited(711);
    world.publish(broadcast, Source::default());
    world.run_millis(1000);
    let second = world.tap(broadcast);
    world.run_millis(1000);
    let (all, later) = (world.taps[first].packets(), world.taps[second].packets());
    let same = |packet: &TappedPacket| {
        all.iter().any(|other| {
            (other.source, other.seq) == (packet.source, packet.seq)
                && Arc::ptr_eq(&other.payload, &packet.payload)
        })
    };
    assert!(later.len() > 100 && later.iter().all(|packet| same(packet)));
    assert_eq!(world.shard.stats().taps, 2);
}

#[test]
fn a_tap_ends_with_its_broadcast_after_the_last_packet() {
    let (mut world, broadcast, tap, _) = awaited(712);
    world.publish(broadcast, Source::default());
    world.run_millis(2005);
    world.command(Command::CloseBroadcast { broadcast });
    assert_eq!(world.taps[tap].ended, Some(world.at()));
    let stats = world.shard.stats();
    assert_eq!((stats.tap_packets, stats.taps), (stats.packets_in, 0));
    assert_eq!(world.taps[tap].kinds().last(), Some(&"interrupted"));
    let tap = TapId(u64::MAX);
    let refused = Reply::Refused(SfuError::UnknownBroadcast);
    assert_eq!(world.command(Command::Tap { broadcast, tap }), refused);
}

#[test]
fn a_tap_that_is_given_up_costs_nothing_any_more() {
    let (mut world, broadcast, publisher) = live(713, Source::default());
    assert_eq!(world.shard.stats().tap_packets, 0, "without a tap nothing is handed over");
    let tap = world.tap(broadcast);
    world.run_millis(500);
    let id = world.taps[tap].id;
    assert_eq!(world.command(Command::Untap { tap: id }), Reply::Done);
    let (ended, packets) = (world.taps[tap].ended, world.shard.stats().tap_packets);
    assert!(ended.is_some() && packets > 50);
    world.run_millis(500);
    world.close_client(publisher);
    world.run_millis(500);
    assert_eq!(world.shard.stats().tap_packets, packets);
    assert_eq!(world.shard.stats().taps, 0);
    assert_eq!(world.command(Command::Untap { tap: id }), Reply::Done, "once more is no error");
}

#[test]
fn a_tap_of_a_broadcast_without_publisher_waits_for_one() {
    let (mut world, broadcast, publisher) = live(714, Source::default());
    world.close_client(publisher);
    world.run_millis(500);
    let tap = world.tap(broadcast);
    world.run_millis(3000);
    assert_eq!(world.taps[tap].kinds(), ["layers"]);
    world.publish(broadcast, Source::default());
    world.run_millis(1000);
    let packets = world.taps[tap].packets();
    for layer in 0..3 {
        let video = of_layer(&packets, layer);
        assert!(begins_key_frame(video[0]) && holes(&video) == 0);
    }
    assert_eq!(world.taps[tap].kinds()[..2], ["layers", "packets"]);
}

#[test]
fn taps_are_at_home_alone_and_leave_mirrors_alone() {
    let mut world = World::new(715);
    world.add_shard(EngineConfig::default());
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::default());
    world.run_millis(1500);
    let there = world.watch_at(1, broadcast, Player::default());
    let tap = world.tap(broadcast);
    world.run_millis(2000);
    let now = world.now;
    let elsewhere = Command::Tap { broadcast, tap: TapId(u64::MAX) };
    let refused = Reply::Refused(SfuError::UnknownBroadcast);
    assert_eq!(world.others[0].handle_command(now, elsewhere), refused);
    world.got(there).check_continuity(Codec::Vp8);
    world.got(there).check_whole();
    assert_eq!(holes(&of_layer(&world.taps[tap].packets(), 0)), 0);
}
