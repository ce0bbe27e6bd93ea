//! What a switch of layers must hide from the viewer.

use sluice_domain::Codec;
use sluice_domain::control::ControlRequest;

use crate::sim::player::Player;
use crate::sim::source::Source;
use crate::sim::{Id, World, millis};

/// A viewer that is switched through all layers and back; every 700 ms.
fn switching(seed: u64, codec: Codec, prepare: impl FnOnce(&mut World, Id, Id)) -> (World, Id, Id) {
    let mut world = World::new(seed);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source { codec: Some(codec), ..Source::default() });
    world.run_millis(1000);
    let viewer = world.watch(broadcast, Player::with_control());
    world.run_millis(1000);
    prepare(&mut world, publisher, viewer);
    for rid in ["l", "h", "m", "l", "m", "h"] {
        world.send_control(viewer, &ControlRequest::Select { rid: Some(rid.to_owned()) });
        world.run_millis(700);
    }
    (world, publisher, viewer)
}

#[test]
fn switches_are_invisible_in_vp8() {
    let (world, _, viewer) = switching(40, Codec::Vp8, |_, _, _| {});
    let got = world.got(viewer);
    assert_eq!(got.layers(), [0, 2, 0, 1, 2, 1, 0]);
    got.check_continuity(Codec::Vp8);
    got.check_whole();
    assert!(got.longest_stall(millis(1500), world.at()) < millis(150));
    assert_eq!(world.shard.stats().layer_switches, 6);
}

#[test]
fn switches_are_invisible_in_vp9_and_its_descriptor() {
    let (world, _, viewer) = switching(41, Codec::Vp9, |_, _, _| {});
    world.got(viewer).check_continuity(Codec::Vp9);
    world.got(viewer).check_whole();
    assert_eq!(world.got(viewer).layers(), [0, 2, 0, 1, 2, 1, 0]);
}

#[test]
fn switches_are_invisible_in_the_dependency_descriptor_of_av1() {
    let (world, _, viewer) = switching(42, Codec::Av1, |_, _, _| {});
    world.got(viewer).check_continuity(Codec::Av1);
    world.got(viewer).check_whole();
    assert_eq!(world.got(viewer).layers(), [0, 2, 0, 1, 2, 1, 0]);
}

#[test]
fn switches_are_invisible_in_h264() {
    let (world, _, viewer) = switching(43, Codec::H264, |_, _, _| {});
    world.got(viewer).check_continuity(Codec::H264);
    world.got(viewer).check_whole();
    assert_eq!(world.got(viewer).layers(), [0, 2, 0, 1, 2, 1, 0]);
}

#[test]
fn switches_stay_invisible_when_packets_overtake_each_other() {
    let (world, _, viewer) = switching(44, Codec::Vp8, |world, publisher, _| {
        world.client_mut(publisher).up.reorder = 0.1;
    });
    world.got(viewer).check_continuity(Codec::Vp8);
    assert!(world.got(viewer).longest_stall(millis(1500), world.at()) < millis(200));
}

#[test]
fn a_viewer_keeps_one_ssrc_for_the_whole_session() {
    let (world, _, viewer) = switching(46, Codec::Vp8, |_, _, _| {});
    let mut ssrcs: Vec<u32> = world.got(viewer).video.iter().map(|got| got.ssrc).collect();
    ssrcs.dedup();
    assert_eq!(ssrcs.len(), 1);
}

#[test]
fn an_encoder_that_starts_anew_within_a_layer_goes_on_unseen() {
    let mut world = World::new(47);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(1000);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(1000);
    world.restart_encoder(publisher, 0);
    world.run_millis(1500);
    let got = world.got(viewer);
    got.check_continuity(Codec::Vp8);
    got.check_whole();
    assert_eq!(got.layers(), [0]);
    assert!(got.longest_stall(millis(1500), world.at()) < millis(300));
}

#[test]
fn late_repaired_packets_of_the_layer_before_find_their_place() {
    let (mut world, publisher, viewer) = switching(45, Codec::Vp8, |world, publisher, _| {
        world.client_mut(publisher).up.loss = 0.05;
    });
    world.client_mut(publisher).up.loss = 0.0;
    world.run_millis(500);
    world.got(viewer).check_continuity(Codec::Vp8);
    world.got(viewer).check_whole();
}
