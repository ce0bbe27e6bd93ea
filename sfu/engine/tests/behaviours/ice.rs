//! Candidates, ICE restarts, address changes.

use sluice_domain::Codec;
use sluice_sfu_engine::negotiate::IceIdentity;
use sluice_sfu_engine::{Command, IceFragment, Reply, SfuError};

use crate::sim::player::Player;
use crate::sim::source::Source;
use crate::sim::{Id, World, millis};

fn watching(seed: u64) -> (World, Id, Id) {
    let mut world = World::new(seed);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(500);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(1000);
    (world, publisher, viewer)
}

#[test]
fn an_ice_restart_of_a_viewer_keeps_the_picture_flowing() {
    let (mut world, _, viewer) = watching(140);
    let from = world.at();
    let Reply::Restarted(answer) = world.restart_ice(viewer) else { panic!("it is accepted") };
    assert!(answer.ice_lite);
    assert!(answer.candidates[0].contains("10.0.0.1 8189 typ host"), "{:?}", answer.candidates);
    world.run_millis(10_000);
    let got = world.got(viewer);
    got.check_continuity(Codec::Vp8);
    got.check_whole();
    assert!(got.longest_stall(from, world.at()) < millis(100));
    assert_eq!(world.close_reason(viewer), None);
}

#[test]
fn an_ice_restart_of_a_publisher_keeps_its_viewers_fed() {
    let (mut world, publisher, viewer) = watching(141);
    let from = world.at();
    assert!(matches!(world.restart_ice(publisher), Reply::Restarted(_)));
    world.run_millis(10_000);
    assert!(world.got(viewer).longest_stall(from, world.at()) < millis(100));
    assert_eq!(world.close_reason(publisher), None);
}

#[test]
fn a_restart_without_new_credentials_is_refused_and_harms_nothing() {
    let (mut world, _, viewer) = watching(142);
    let peer = world.peer(viewer);
    let ice = || IceIdentity { ufrag: "abcdefgh".to_owned(), pwd: "x".repeat(24) };
    let lines: Vec<String> = world.client_mut(viewer).offer.lines().map(str::to_owned).collect();
    let value = |name: &str| lines.iter().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    let same = IceFragment {
        ufrag: Some(value("a=ice-ufrag:")),
        pwd: Some(value("a=ice-pwd:")),
        candidates: Vec::new(),
    };
    let short = IceFragment { pwd: Some("short".to_owned()), ufrag: Some("abcd".to_owned()), ..same.clone() };
    for fragment in [IceFragment::default(), same, short] {
        let reply = world.command(Command::RestartIce { peer, fragment, ice: ice() });
        assert!(matches!(reply, Reply::Refused(SfuError::RestartRefused(_))), "{reply:?}");
    }
    world.run_millis(3000);
    world.got(viewer).check_whole();
    assert_eq!(world.close_reason(viewer), None);
}

#[test]
fn candidates_of_every_shape_are_taken_or_dropped_silently() {
    let (mut world, _, viewer) = watching(143);
    let peer = world.peer(viewer);
    let candidates = [
        "1 1 udp 2122260223 10.0.1.2 5001 typ host",
        "1 0 UDP 2122260223 [fd00::2] 5001 typ host",
        "1 2 udp 2122260222 10.0.1.2 5002 typ host",
        "2 1 tcp 1518280447 10.0.1.2 9 typ host tcptype active",
        "3 1 udp 2122260223 4f2e8f5c.local 5001 typ host",
        "4 1 udp 1686052607 198.51.100.7 5001 typ srflx raddr 10.0.1.2 rport 5001",
        "",
        "garbage",
        "1 1 udp x y z typ host",
    ];
    let fragment = IceFragment {
        candidates: candidates.iter().map(|candidate| (*candidate).to_owned()).collect(),
        ..IceFragment::default()
    };
    assert_eq!(world.command(Command::Trickle { peer, fragment }), Reply::Done);
    world.run_millis(2000);
    world.got(viewer).check_whole();
    let nobody = sluice_domain::PeerId(999);
    let reply = world.command(Command::Trickle { peer: nobody, fragment: IceFragment::default() });
    assert_eq!(reply, Reply::Refused(SfuError::UnknownPeer));
}

#[test]
fn an_offer_without_candidates_connects() {
    let mut world = World::new(144);
    let broadcast = world.broadcast();
    let without = |offer: String| -> String {
        offer
            .lines()
            .filter(|line| !line.starts_with("a=candidate"))
            .map(|line| format!("{line}\r\n"))
            .collect()
    };
    let publisher = world.try_publish(broadcast, Source::default(), without).unwrap();
    let viewer = world.try_watch(broadcast, Player::default(), without).unwrap();
    world.run_millis(1000);
    assert!(world.client_mut(publisher).connected.is_some());
    assert!(world.got(viewer).shown().len() > 20);
}
