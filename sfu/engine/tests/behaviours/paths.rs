//! Ways to a viewer: connections, relayed addresses, and addresses that change while it watches.

use std::net::SocketAddr;

use sluice_domain::Codec;
use sluice_domain::control::{ControlEvent, ControlRequest};
use sluice_sfu_engine::{EngineConfig, Path, Proto};

use crate::sim::player::Player;
use crate::sim::source::{LayerSpec, Source};
use crate::sim::{Id, SERVER, World, millis};

/// Where a NAT sends from after it forgot, and where a stranger is.
const ELSEWHERE: ([u8; 4], u16) = ([198, 51, 100, 7], 40_001);
const STRANGER: ([u8; 4], u16) = ([192, 0, 2, 66], 6666);

fn watching(seed: u64, proto: Proto, player: Player) -> (World, Id) {
    let mut world = World::new(seed);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::default());
    world.run_millis(500);
    world.proto = proto;
    let viewer = world.watch(broadcast, player);
    world.run_millis(2000);
    (world, viewer)
}

fn ping(world: &mut World, viewer: Id, id: u32) -> bool {
    world.send_control(viewer, &ControlRequest::Ping { id, sent: 1.0 });
    world.run_millis(300);
    let pongs = world.told(viewer, |event| match event {
        ControlEvent::Pong { id, .. } => Some(*id),
        _ => None,
    });
    pongs.iter().any(|(_, answered)| *answered == id)
}

/// SRTCP that a viewer sent, the newest last.
fn rtcp_sent(world: &mut World, viewer: Id) -> Vec<Vec<u8>> {
    let sent = world.client_mut(viewer).sent.as_ref().expect("datagrams are kept");
    sent.iter().filter(|bytes| (192..=223).contains(&bytes[1]) && bytes[0] >= 128).cloned().collect()
}

// Requirements: R383
#[test]
fn a_viewer_that_has_only_connections_is_sent_everything_over_one() {
    // The simulation fails where anything is sent to the viewer over something else.
    let (mut world, viewer) = watching(700, Proto::Tcp, Player::with_control());
    assert!(ping(&mut world, viewer, 1));
    world.run_millis(3000);
    let got = world.got(viewer);
    got.check_continuity(Codec::Vp8);
    got.check_whole();
    assert!(got.longest_stall(millis(1500), world.at()) < millis(100));
    let address = world.client_mut(viewer).address;
    assert!(world.shard.owns((Proto::Tcp, address)) && !world.shard.owns((Proto::Udp, address)));
    world.shard.lose((Proto::Tcp, address));
    assert!(!world.shard.owns((Proto::Tcp, address)));
}

#[test]
fn a_viewer_behind_a_relay_of_this_process_is_sent_everything_through_it() {
    let (mut world, viewer) = watching(701, Proto::Turn, Player::with_control());
    assert!(ping(&mut world, viewer, 1));
    let got = world.got(viewer);
    got.check_whole();
    assert!(got.shown().len() > 30);
}

#[test]
fn the_picture_follows_a_viewer_whose_address_changes() {
    let mut soon = 0;
    for seed in 710..720 {
        let (mut world, viewer) = watching(seed, Proto::Udp, Player::with_control());
        // Not only right after a report was sent.
        world.run_millis(37 * (seed - 710));
        let from = world.at();
        world.rebind(viewer, ELSEWHERE.into());
        while world.shard.stats().moves == 0 && world.at() - from < millis(3000) {
            world.run_millis(5);
        }
        // The viewer has something to say of what it got last, or nothing before its next report.
        let heard = world.at() - from;
        assert!(heard < millis(1200), "seed {seed}: it was followed after {heard:?}");
        world.run_millis(10_000);
        let got = world.got(viewer);
        let stall = got.longest_stall(from - millis(100), world.at());
        assert!(stall <= heard + millis(200), "seed {seed}: {stall:?}, though it was heard after {heard:?}");
        soon += usize::from(stall <= millis(500));
        got.check_continuity(Codec::Vp8);
        assert_eq!(world.shard.stats().moves, 1);
        assert!(world.shard.owns((Proto::Udp, ELSEWHERE.into())), "a check confirmed it meanwhile");
        assert!(ping(&mut world, viewer, 9), "what goes over DTLS follows, too");
        assert_eq!(world.close_reason(viewer), None);
    }
    assert!(soon >= 7, "in {soon} of ten the picture stood for at most half a second");
}

#[test]
fn one_of_many_viewers_with_the_same_address_is_followed_and_no_other() {
    let mut world = World::new(721);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::default());
    world.run_millis(500);
    let viewers: Vec<Id> = (0..20).map(|_| world.watch(broadcast, Player::default())).collect();
    world.run_millis(3000);
    let from = world.at();
    world.rebind(viewers[7], ELSEWHERE.into());
    world.run_millis(5000);
    assert_eq!(world.shard.stats().moves, 1);
    for viewer in viewers {
        let stall = world.got(viewer).longest_stall(from - millis(100), world.at());
        assert!(stall <= millis(500), "{viewer:?}: {stall:?}");
    }
}

/// A viewer of much whose own datagrams are held back from now on, but for the newest RTCP, which somebody sends
/// from an address of his.
fn led_away(seed: u64, silent: bool) -> (World, Id) {
    let config = EngineConfig { idle_timeout: millis(60_000), ..EngineConfig::default() };
    let mut world = World::with_config(seed, config);
    let broadcast = world.broadcast();
    let layers = vec![LayerSpec { rid: None, size: (1920, 1080), bitrate: 8_000_000 }];
    world.publish(broadcast, Source { layers, ..Source::single(Codec::Vp8) });
    world.run_millis(500);
    let viewer = world.watch(broadcast, Player::default());
    world.client_mut(viewer).sent = Some(Vec::new());
    world.run_millis(3000);
    let held_back = |bytes: &[u8]| bytes[0] < 128;
    world.client_mut(viewer).up.filter = Some(Box::new(held_back));
    world.run_millis(400);
    if silent {
        world.client_mut(viewer).up.filter = Some(Box::new(|_| false));
    } else {
        world.client_mut(viewer).up.filter = None;
    }
    let stolen = rtcp_sent(&mut world, viewer).pop().expect("it reports");
    world.inject(STRANGER.into(), &stolen);
    assert_eq!(world.shard.stats().moves, 1);
    (world, viewer)
}

#[test]
fn what_goes_to_an_address_that_no_check_confirms_is_bounded() {
    let (mut world, viewer) = led_away(730, true);
    for _ in 0..40 {
        world.run_millis(1000);
        // More of the viewer's RTCP does not prolong it.
        let stolen = rtcp_sent(&mut world, viewer).pop().expect("it reports");
        world.inject(STRANGER.into(), &stolen);
    }
    let sent = world.nowhere.get(&STRANGER.into()).copied().unwrap_or(0);
    // Four megabytes in ten seconds, and what is under way when they are used up.
    assert!((3 << 20..=4 * (4 << 20) + (1 << 20)).contains(&sent), "{sent} bytes in 40 s");
}

#[test]
fn a_viewer_that_is_led_away_is_found_again_with_its_next_report() {
    let (mut world, viewer) = led_away(731, false);
    let from = world.at();
    world.run_millis(3000);
    let sent = world.nowhere.get(&STRANGER.into()).copied().unwrap_or(0);
    assert!(sent < 500_000, "{sent}");
    assert!(world.got(viewer).longest_stall(from, world.at()) < millis(500));
}

#[test]
fn old_and_forged_reports_from_elsewhere_lead_nowhere() {
    let (mut world, viewer) = watching(732, Proto::Udp, Player::default());
    world.client_mut(viewer).sent = Some(Vec::new());
    world.run_millis(2000);
    let sent = rtcp_sent(&mut world, viewer);
    // The newest is on its way.
    world.run_millis(50);
    let before = world.shard.stats().clone();
    for bytes in &sent {
        world.inject(STRANGER.into(), bytes);
        let mut forged = bytes.clone();
        // The next index, which nobody has used.
        let at = forged.len() - 1;
        forged[at] = forged[at].wrapping_add(40);
        world.inject(STRANGER.into(), &forged);
    }
    let after = world.shard.stats();
    assert_eq!(after.moves, 0);
    assert_eq!(after.dropped_unknown_address - before.dropped_unknown_address, 2 * sent.len() as u64);
    world.run_millis(1000);
    world.got(viewer).check_whole();
    assert!(!world.nowhere.contains_key(&STRANGER.into()));
}

#[test]
fn answers_to_strangers_are_small_and_come_at_a_bounded_rate() {
    let (mut world, viewer) = watching(733, Proto::Udp, Player::default());
    world.client_mut(viewer).sent = Some(Vec::new());
    world.run_millis(6000);
    let check = world.client_mut(viewer).sent.as_ref().unwrap().iter().find(|bytes| bytes[..2] == [0, 1]);
    let check = check.expect("it checks its path").clone();
    // Who knows a check may send it again from anywhere: one network gets so many answers and no more.
    for host in 0..5000_u16 {
        let [_, low] = host.to_be_bytes();
        let from = SocketAddr::from(([203, 0, 113, low], 1000 + host));
        let path = Path::udp(SERVER, from);
        world.shard.handle_datagram(world.now, path, &check);
    }
    world.run_millis(100);
    let answered: usize = world.nowhere.values().sum();
    let answers = world.nowhere.len();
    assert!((1..=2000).contains(&answers), "{answers}");
    assert!(
        answered <= answers * 160 && answered / answers <= check.len(),
        "{answered} bytes, {answers} answers"
    );
    assert_eq!(world.shard.stats().dropped_over_budget, 5000 - answers as u64);
    world.run_millis(1000);
    world.got(viewer).check_whole();
}
