//! Which layer a viewer gets: by its network, its player, its wish, and what is sent at all.

use sluice_domain::LayerSelection;
use sluice_domain::control::{ControlEvent, ControlRequest};
use sluice_sfu_engine::{Command, EngineConfig, Reply, SfuError, WatchOptions};

use crate::sim::player::Player;
use crate::sim::source::{LAYERS, Source};
use crate::sim::{Id, World, millis};

/// A publisher with three layers and a viewer that has been watching for a while.
fn watching(seed: u64, player: Player) -> (World, Id, Id) {
    let mut world = World::new(seed);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(1000);
    let viewer = world.watch(broadcast, player);
    world.run_millis(2000);
    (world, publisher, viewer)
}

fn select(rid: &str) -> LayerSelection {
    LayerSelection { rid: Some(rid.to_owned()), ..LayerSelection::default() }
}

fn current(world: &World, viewer: Id) -> Option<String> {
    let told = world.told(viewer, |event| match event {
        ControlEvent::Layers { current, .. } => Some(current.clone()),
        _ => None,
    });
    told.last().and_then(|(_, current)| current.clone())
}

#[test]
fn a_viewer_climbs_to_the_layer_that_its_network_carries() {
    let config = EngineConfig { initial_estimate: 250_000, ..EngineConfig::default() };
    let mut world = World::with_config(20, config);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::default());
    world.run_millis(1000);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(8000);
    assert_eq!(world.got(viewer).layers().first(), Some(&2));
    assert_eq!(world.got(viewer).layer(), Some(0), "{:?}", world.got(viewer).layers());
}

#[test]
fn a_steady_network_sees_no_switch() {
    let (mut world, _, viewer) = watching(23, Player::default());
    world.run_millis(12_000);
    assert_eq!(world.got(viewer).layers(), [0]);
}

#[test]
fn viewers_of_a_dropped_layer_are_on_the_next_within_half_a_second() {
    let (mut world, publisher, viewer) = watching(24, Player::default());
    let dropped = world.at();
    world.sender(publisher).set_sending(0, false);
    world.run_millis(2000);
    let shown = world.got(viewer).shown();
    let next = shown.iter().find(|shown| shown.stamp.layer == 1).expect("the next layer");
    assert!(next.at - dropped <= millis(500), "{:?}", next.at - dropped);
    let stall = world.got(viewer).longest_stall(dropped - millis(100), world.at());
    assert!(stall <= millis(500), "{stall:?}");
    world.sender(publisher).set_sending(0, true);
    world.run_millis(8000);
    assert_eq!(world.got(viewer).layer(), Some(0), "{:?}", world.got(viewer).layers());
}

#[test]
fn all_layers_silent_is_a_pause_and_no_switch() {
    let (mut world, publisher, viewer) = watching(26, Player::default());
    world.sender(publisher).muted = true;
    world.run_millis(2000);
    world.sender(publisher).muted = false;
    world.run_millis(1000);
    assert_eq!(world.got(viewer).layers(), [0]);
}

#[test]
fn a_pinned_layer_stays_whatever_the_network_would_carry() {
    let (mut world, _, viewer) = watching(27, Player::default());
    let peer = world.peer(viewer);
    assert_eq!(world.command(Command::SelectLayer { peer, selection: select("l") }), Reply::Done);
    world.run_millis(6000);
    assert_eq!(world.got(viewer).layers(), [0, 2]);
    let all = LayerSelection::default();
    assert_eq!(world.command(Command::SelectLayer { peer, selection: all }), Reply::Done);
    world.run_millis(3000);
    assert_eq!(world.got(viewer).layer(), Some(0));
}

#[test]
fn a_pinned_layer_is_kept_on_a_network_too_small_for_it() {
    let (mut world, _, viewer) = watching(28, Player::default());
    let peer = world.peer(viewer);
    world.command(Command::SelectLayer { peer, selection: select("h") });
    world.client_mut(viewer).down.rate = Some(700_000);
    world.run_millis(5000);
    let layers = world.got(viewer).layers();
    assert!(layers.iter().all(|layer| *layer == 0), "{layers:?}");
}

#[test]
fn an_unknown_layer_is_refused() {
    let (mut world, publisher, viewer) = watching(29, Player::default());
    let peer = world.peer(viewer);
    let refused = Reply::Refused(SfuError::UnknownLayer);
    assert_eq!(world.command(Command::SelectLayer { peer, selection: select("x") }), refused);
    let peer = world.peer(publisher);
    assert_eq!(world.command(Command::SelectLayer { peer, selection: select("h") }), refused);
    let nobody = sluice_domain::PeerId(999);
    let reply = world.command(Command::SelectLayer { peer: nobody, selection: select("h") });
    assert_eq!(reply, Reply::Refused(SfuError::UnknownPeer));
}

#[test]
fn a_small_player_gets_the_smallest_layer_that_fills_it() {
    let (mut world, _, viewer) = watching(30, Player::with_control());
    world.send_control(viewer, &ControlRequest::Viewport { width: 500, height: 281, visible: true });
    world.run_millis(1500);
    assert_eq!(world.got(viewer).layer(), Some(1));
    assert_eq!(current(&world, viewer).as_deref(), Some("m"));
    world.send_control(viewer, &ControlRequest::Viewport { width: 1920, height: 1080, visible: true });
    world.run_millis(4000);
    assert_eq!(world.got(viewer).layer(), Some(0));
}

#[test]
fn a_hidden_tab_gets_the_lowest_layer() {
    let (mut world, _, viewer) = watching(31, Player::with_control());
    world.send_control(viewer, &ControlRequest::Viewport { width: 1280, height: 720, visible: false });
    world.run_millis(1000);
    assert_eq!(world.got(viewer).layer(), Some(2));
    world.send_control(viewer, &ControlRequest::Viewport { width: 1280, height: 720, visible: true });
    world.run_millis(4000);
    assert_eq!(world.got(viewer).layer(), Some(0));
}

#[test]
fn a_viewer_that_asks_for_a_width_gets_no_wider_layer() {
    let options = WatchOptions { max_width: Some(640) };
    let (mut world, _, viewer) = watching(32, Player { options, ..Player::default() });
    world.run_millis(2000);
    assert!(!world.got(viewer).layers().contains(&0), "{:?}", world.got(viewer).layers());
    assert_eq!(world.got(viewer).layer(), Some(1));
}

#[test]
fn a_selected_height_bounds_the_layer() {
    let (mut world, _, viewer) = watching(33, Player::default());
    let peer = world.peer(viewer);
    let selection = LayerSelection { max_height: Some(200), ..LayerSelection::default() };
    world.command(Command::SelectLayer { peer, selection });
    world.run_millis(1500);
    assert_eq!(world.got(viewer).layer(), Some(2));
}

#[test]
fn layers_are_ranked_by_size_whatever_their_rids_and_order_say() {
    let mut world = World::new(34);
    let broadcast = world.broadcast();
    let layers = vec![LAYERS[2], LAYERS[0], LAYERS[1]];
    world.publish(broadcast, Source { layers, ..Source::default() });
    world.run_millis(1000);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(2000);
    assert_eq!(world.got(viewer).layer(), Some(1), "the second one is the largest");
}

#[test]
fn a_dropped_layer_of_a_publisher_that_ignores_requests_costs_no_more() {
    let mut world = World::new(25);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::ignoring_requests());
    world.run_millis(2700);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(4000);
    let dropped = world.at();
    world.sender(publisher).set_sending(0, false);
    world.run_millis(1500);
    let stall = world.got(viewer).longest_stall(dropped - millis(100), world.at());
    assert!(stall <= millis(500), "{stall:?}");
}

#[test]
fn a_network_that_carries_no_layer_still_gets_the_lowest() {
    let (mut world, _, viewer) = watching(22, Player::default());
    world.client_mut(viewer).down.rate = Some(260_000);
    world.run_millis(6000);
    assert_eq!(world.got(viewer).layer(), Some(2));
}

#[test]
fn a_viewer_whose_network_shrinks_falls_within_two_seconds_and_returns_within_ten() {
    let (mut world, _, viewer) = watching(21, Player::with_control());
    assert_eq!(world.got(viewer).layer(), Some(0));
    world.run_millis(2000);
    let whole = 1_800_000;
    world.client_mut(viewer).down.rate = Some(whole);
    world.run_millis(3000);
    assert_eq!(world.got(viewer).layer(), Some(0), "1.8 Mbit/s are enough for 1 Mbit/s");
    let shrunk = world.at();
    world.client_mut(viewer).down.rate = Some(1_050_000 * 2 / 5);
    world.run_millis(2000);
    assert_ne!(world.got(viewer).layer(), Some(0), "{:?}", world.got(viewer).layers());
    world.run_millis(6000);
    assert_ne!(world.got(viewer).layer(), Some(0), "{:?}", world.got(viewer).layers());
    world.client_mut(viewer).down.rate = Some(whole);
    world.run_millis(10_000);
    assert_eq!(world.got(viewer).layer(), Some(0), "{:?}", world.got(viewer).layers());
    // A queue of 200 ms in front of a link that drops its tail: what tells of the congestion waits
    // in it for as long as the key frame that ends the stall.
    let stall = world.got(viewer).longest_stall(shrunk, world.at());
    assert!(stall <= millis(750), "{stall:?}");
}

#[test]
fn a_network_with_a_long_queue_shrinks_without_a_stall() {
    let (mut world, _, viewer) = watching(37, Player::default());
    world.client_mut(viewer).down.queue = millis(1000);
    world.client_mut(viewer).down.rate = Some(1_800_000);
    world.run_millis(2000);
    let shrunk = world.at();
    world.client_mut(viewer).down.rate = Some(1_050_000 * 2 / 5);
    world.run_millis(6000);
    assert_ne!(world.got(viewer).layer(), Some(0));
    let stall = world.got(viewer).longest_stall(shrunk, world.at());
    assert!(stall <= millis(500), "{stall:?}");
}

#[test]
fn a_short_dip_of_the_network_does_not_freeze_the_picture() {
    for millis_of_dip in [150, 300, 600, 1200] {
        let (mut world, _, viewer) = watching(35, Player::with_control());
        let from = world.at();
        world.client_mut(viewer).down.rate = Some(500_000);
        world.run_millis(millis_of_dip);
        world.client_mut(viewer).down.rate = None;
        world.run_millis(6000);
        let stall = world.got(viewer).longest_stall(from, world.at());
        assert!(stall <= millis(700), "{millis_of_dip} ms: {stall:?}");
        assert_eq!(world.got(viewer).layer(), Some(0), "{millis_of_dip} ms");
    }
}

#[test]
fn a_player_with_a_size_returns_after_its_network_does() {
    let (mut world, _, viewer) = watching(36, Player::with_control());
    world.send_control(viewer, &ControlRequest::Viewport { width: 1280, height: 720, visible: true });
    world.run_millis(1000);
    world.client_mut(viewer).down.rate = Some(420_000);
    world.run_millis(6000);
    assert_ne!(world.got(viewer).layer(), Some(0));
    world.client_mut(viewer).down.rate = Some(3_000_000);
    world.run_millis(10_000);
    assert_eq!(world.got(viewer).layer(), Some(0), "{:?}", world.got(viewer).layers());
}
