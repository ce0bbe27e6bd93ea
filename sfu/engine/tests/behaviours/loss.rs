//! Loss and repair on both legs.

use sluice_domain::Codec;

use crate::sim::link::Link;
use crate::sim::player::Player;
use crate::sim::source::Source;
use crate::sim::{Id, World, millis};

fn watching(seed: u64, source: Source) -> (World, Id, Id) {
    let mut world = World::new(seed);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, source);
    world.run_millis(1000);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(1500);
    (world, publisher, viewer)
}

#[test]
fn five_percent_lost_to_the_viewer_are_repaired_without_a_visible_gap() {
    let (mut world, _, viewer) = watching(60, Source::default());
    let from = world.at();
    world.client_mut(viewer).down.loss = 0.05;
    world.run_millis(8000);
    world.client_mut(viewer).down.loss = 0.0;
    world.run_millis(500);
    let stall = world.got(viewer).longest_stall(from, world.at());
    assert!(stall <= millis(200), "{stall:?}");
    world.got(viewer).check_whole();
    world.got(viewer).check_continuity(Codec::Vp8);
}

#[test]
fn loss_in_bursts_to_the_viewer_is_repaired() {
    let (mut world, _, viewer) = watching(61, Source::default());
    let from = world.at();
    let down = &mut world.client_mut(viewer).down;
    (down.loss, down.burst) = (0.03, 4.0);
    world.run_millis(6000);
    world.client_mut(viewer).down.loss = 0.0;
    world.run_millis(500);
    world.got(viewer).check_whole();
    assert!(world.got(viewer).longest_stall(from, world.at()) <= millis(300));
}

#[test]
fn five_percent_lost_from_the_publisher_are_repaired_without_a_visible_gap() {
    let (mut world, publisher, viewer) = watching(62, Source::default());
    let from = world.at();
    world.client_mut(publisher).up.loss = 0.05;
    world.run_millis(8000);
    world.client_mut(publisher).up.loss = 0.0;
    world.run_millis(500);
    let stall = world.got(viewer).longest_stall(from, world.at());
    assert!(stall <= millis(200), "{stall:?}");
    world.got(viewer).check_whole();
}

#[test]
fn an_encoder_without_rtx_repairs_on_the_same_ssrc() {
    let source = Source { obs: true, ..Source::ignoring_requests() };
    let (mut world, publisher, viewer) = watching(63, source);
    world.run_millis(2000);
    let from = world.at();
    world.client_mut(publisher).up.loss = 0.03;
    world.run_millis(4000);
    world.client_mut(publisher).up.loss = 0.0;
    world.run_millis(500);
    world.got(viewer).check_whole();
    let stall = world.got(viewer).longest_stall(from, world.at());
    assert!(stall <= millis(250), "{stall:?}");
}

#[test]
fn a_viewer_that_lost_everything_for_a_while_asks_and_goes_on() {
    let (mut world, publisher, viewer) = watching(64, Source::default());
    world.client_mut(viewer).down.filter = Some(Box::new(|_| false));
    world.run_millis(3000);
    world.client_mut(viewer).down.filter = None;
    let back = world.at();
    let asked = world.sender(publisher).requests.len();
    world.ask_for_key_frame(viewer);
    world.run_millis(2000);
    assert!(world.sender(publisher).requests.len() > asked);
    let shown = world.got(viewer).shown();
    let first = shown.iter().find(|shown| shown.at > back).expect("a picture after the outage");
    assert!(first.at - back < millis(500), "{:?}", first.at - back);
}

#[test]
fn many_requests_of_viewers_are_merged() {
    let (mut world, publisher, viewer) = watching(65, Source::default());
    let asked = world.sender(publisher).requests.len();
    for _ in 0..20 {
        world.ask_for_key_frame(viewer);
        world.run_millis(15);
    }
    let more = world.sender(publisher).requests.len() - asked;
    assert!(more <= 2, "{more} requests in 300 ms");
    assert!(world.shard.stats().key_frames_asked >= 2);
}

#[test]
fn a_jittery_reordering_network_loses_nothing() {
    let (mut world, publisher, viewer) = watching(66, Source::default());
    for id in [publisher, viewer] {
        let client = world.client_mut(id);
        for link in [&mut client.up, &mut client.down] {
            *link = Link::with_latency(20);
            (link.jitter, link.reorder) = (millis(20), 0.05);
        }
    }
    let from = world.at();
    world.run_millis(5000);
    world.got(viewer).check_continuity(Codec::Vp8);
    assert!(world.got(viewer).longest_stall(from, world.at()) <= millis(200));
}
