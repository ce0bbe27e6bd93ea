//! Datagrams of strangers and of peers that misbehave: counted, and harmless to everyone else.

use std::net::SocketAddr;

use sluice_domain::Codec;
use sluice_sfu_engine::Proto;
use str0m::rtp::RtpWrite;

use crate::sim::player::Player;
use crate::sim::source::Source;
use crate::sim::{Id, World, millis};

const STRANGER: ([u8; 4], u16) = ([192, 0, 2, 66], 6666);

/// A publisher and a viewer whose datagrams are remembered.
fn watching(seed: u64) -> (World, Id, Id) {
    let mut world = World::new(seed);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    world.client_mut(publisher).sent = Some(Vec::new());
    world.run_millis(1000);
    let viewer = world.watch(broadcast, Player::default());
    world.client_mut(viewer).sent = Some(Vec::new());
    world.run_millis(1000);
    (world, publisher, viewer)
}

fn sent(world: &mut World, id: Id, wanted: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
    let sent = world.client_mut(id).sent.as_ref().expect("datagrams are kept");
    sent.iter().filter(|bytes| wanted(bytes)).cloned().collect()
}

fn is_stun_request(bytes: &[u8]) -> bool {
    bytes[..2] == [0, 1]
}

fn is_rtp(bytes: &[u8]) -> bool {
    (128..192).contains(&bytes[0]) && !(192..224).contains(&bytes[1])
}

/// The viewer still gets everything.
fn check_unharmed(world: &mut World, viewer: Id) {
    let from = world.at();
    world.run_millis(1000);
    let got = world.got(viewer);
    got.check_continuity(Codec::Vp8);
    got.check_whole();
    let stall = got.longest_stall(from - millis(200), world.at());
    assert!(stall < millis(100), "{stall:?}");
    assert_eq!(world.shard.stats().peers, 2);
}

#[test]
fn garbage_is_counted_and_harmless() {
    let (mut world, publisher, viewer) = watching(100);
    let addresses = [SocketAddr::from(STRANGER), world.client_mut(publisher).address];
    let before = world.shard.stats().clone();
    for length in [0, 1, 2, 11, 12, 19, 20, 100, 1500, 3000] {
        for from in addresses {
            let mut bytes: Vec<u8> =
                (0..length).map(|_| u8::try_from(world.random.below(256)).unwrap()).collect();
            for first in [0, 3, 22, 64, 128, 150, 255] {
                if let Some(byte) = bytes.first_mut() {
                    *byte = first;
                }
                world.inject(from, &bytes);
            }
        }
    }
    let after = world.shard.stats();
    assert!(after.dropped_garbage > before.dropped_garbage + 50);
    assert!(after.dropped_unknown_address > before.dropped_unknown_address);
    assert_eq!(after.packets_in, before.packets_in);
    check_unharmed(&mut world, viewer);
}

#[test]
fn a_binding_request_with_a_wrong_password_is_counted() {
    let (mut world, _, viewer) = watching(101);
    let mut request = sent(&mut world, viewer, is_stun_request).remove(0);
    // The fingerprint takes the last 8 bytes, MESSAGE-INTEGRITY the 24 before.
    let at = request.len() - 10;
    request[at] ^= 1;
    let before = world.shard.stats().clone();
    for _ in 0..10 {
        world.inject(STRANGER.into(), &request);
    }
    let after = world.shard.stats();
    let counted = (after.dropped_bad_integrity - before.dropped_bad_integrity)
        + (after.dropped_garbage - before.dropped_garbage);
    assert_eq!(counted, 10);
    assert!(!world.shard.owns((Proto::Udp, STRANGER.into())));
    check_unharmed(&mut world, viewer);
}

#[test]
fn a_binding_request_for_nobody_is_counted() {
    let (mut world, _, viewer) = watching(102);
    let mut request = sent(&mut world, viewer, is_stun_request).remove(0);
    let local = request.windows(2).position(|kind| kind == [0, 6]).expect("a user name") + 4;
    request[local] = b'!';
    let before = world.shard.stats().dropped_unknown_user;
    world.inject(STRANGER.into(), &request);
    assert_eq!(world.shard.stats().dropped_unknown_user, before + 1);
    check_unharmed(&mut world, viewer);
}

#[test]
fn media_from_an_unknown_address_is_counted() {
    let (mut world, publisher, viewer) = watching(103);
    let packets = sent(&mut world, publisher, is_rtp);
    let before = world.shard.stats().clone();
    for bytes in packets.iter().rev().take(50) {
        world.inject(STRANGER.into(), bytes);
    }
    let after = world.shard.stats();
    assert_eq!(after.dropped_unknown_address, before.dropped_unknown_address + 50);
    assert_eq!(after.packets_in, before.packets_in);
    check_unharmed(&mut world, viewer);
}

#[test]
fn replayed_media_is_forwarded_once() {
    let (mut world, publisher, viewer) = watching(104);
    world.run_millis(100);
    let from = world.client_mut(publisher).address;
    let packets = sent(&mut world, publisher, is_rtp);
    let before = world.shard.stats().packets_in;
    for bytes in packets.iter().rev().skip(100).take(300) {
        world.inject(from, bytes);
    }
    assert_eq!(world.shard.stats().packets_in, before);
    check_unharmed(&mut world, viewer);
}

#[test]
fn forged_media_from_the_publishers_address_goes_nowhere() {
    let (mut world, publisher, viewer) = watching(105);
    let from = world.client_mut(publisher).address;
    let packets = sent(&mut world, publisher, |bytes| (128..192).contains(&bytes[0]));
    let before = world.shard.stats().packets_in;
    for bytes in packets.iter().rev().take(200) {
        let mut forged = bytes.clone();
        let at = forged.len() / 2;
        forged[at] ^= 0x40;
        world.inject(from, &forged);
        forged.truncate(at);
        world.inject(from, &forged);
    }
    assert_eq!(world.shard.stats().packets_in, before);
    check_unharmed(&mut world, viewer);
}

#[test]
fn forged_dtls_from_the_publishers_address_does_not_end_it() {
    let (mut world, publisher, viewer) = watching(106);
    let from = world.client_mut(publisher).address;
    // A plain-text close_notify alert, an alert of another epoch, and a broken handshake.
    for bytes in [
        vec![21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0],
        vec![21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0],
        vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 4, 1, 0, 0xff, 0xff],
    ] {
        world.inject(from, &bytes);
    }
    check_unharmed(&mut world, viewer);
}

#[test]
fn a_packet_that_grows_too_large_for_the_viewer_is_counted_and_not_forwarded() {
    // Found by fuzzing: without header extensions a publisher's packet may be larger than what
    // str0m can send with the extensions of a viewer.
    let mut world = World::new(107);
    let broadcast = world.broadcast();
    let without_extensions = |offer: String| {
        let kept = offer.lines().filter(|line| !line.starts_with("a=extmap"));
        kept.map(|line| format!("{line}\r\n")).collect()
    };
    let source = Source::single(Codec::Vp8);
    let publisher = world.try_publish(broadcast, source, without_extensions).unwrap();
    world.run_millis(1000);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(1000);
    let now = world.now;
    let client = world.client_mut(publisher);
    let (mid, pt) = (client.video.unwrap(), client.payload_type(Codec::Vp8, |_| true));
    let mut payload = vec![0; 1966];
    payload[0] = 0x10;
    let write = RtpWrite::new(pt, 1400.into(), 1, now, payload);
    client.rtc.direct_api().stream_tx_by_mid(mid, None).unwrap().write_rtp(write);
    world.run_millis(500);
    assert_eq!(world.shard.stats().dropped_too_large, 1);
    assert_eq!(world.shard.stats().peers, 2);
    assert!(world.close_reason(viewer).is_none());
}
