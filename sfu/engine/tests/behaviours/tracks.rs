//! Audio without video, video without audio, and what is carried beside them.

use sluice_domain::Codec;

use crate::sim::player::Player;
use crate::sim::source::Source;
use crate::sim::{World, millis};

#[test]
fn an_audio_only_publisher_is_heard() {
    let mut world = World::new(120);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::audio_only());
    world.run_millis(500);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(1000);
    let got = world.got(viewer);
    assert!(got.video.is_empty());
    assert!(got.audio.len() > 40, "{}", got.audio.len());
    assert!(got.audio.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1));
    assert!(got.audio.windows(2).all(|pair| pair[1].timestamp.wrapping_sub(pair[0].timestamp) == 960));
}

#[test]
fn a_video_only_publisher_is_seen() {
    let mut world = World::new(121);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source { audio: false, ..Source::default() });
    world.run_millis(500);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(1000);
    assert!(world.got(viewer).audio.is_empty());
    assert!(world.got(viewer).shown().len() > 25);
}

#[test]
fn a_viewer_may_take_audio_only_or_video_only() {
    let mut world = World::new(122);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source::default());
    world.run_millis(500);
    let asked = world.sender(publisher).requests.len();
    let ears = world.watch(broadcast, Player { video: false, ..Player::default() });
    world.run_millis(1000);
    assert_eq!(world.sender(publisher).requests.len(), asked, "audio needs no key frame");
    let eyes = world.watch(broadcast, Player { audio: false, ..Player::default() });
    world.run_millis(1000);
    assert!(world.got(ears).video.is_empty() && world.got(ears).audio.len() > 90);
    assert!(world.got(eyes).audio.is_empty() && world.got(eyes).shown().len() > 25);
}

#[test]
fn a_viewer_without_the_codec_hears_and_costs_no_requests() {
    let mut world = World::new(123);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source { codec: Some(Codec::H264), ..Source::default() });
    world.run_millis(500);
    let codecs = vec![Codec::Opus, Codec::Vp8];
    let viewer = world.watch(broadcast, Player { codecs, ..Player::default() });
    world.run_millis(3000);
    assert!(world.got(viewer).video.is_empty());
    assert!(world.got(viewer).audio.len() > 100);
    assert_eq!(world.sender(publisher).requests.len(), 0, "no key frame would help it");
}

#[test]
fn one_layer_without_a_rid_is_forwarded() {
    for codec in [Codec::Vp8, Codec::H264, Codec::Vp9, Codec::Av1] {
        let mut world = World::new(124);
        let broadcast = world.broadcast();
        world.publish(broadcast, Source::single(codec));
        world.run_millis(500);
        let viewer = world.watch(broadcast, Player::default());
        world.run_millis(1000);
        assert!(world.got(viewer).shown().len() > 25, "{codec:?}");
        world.got(viewer).check_continuity(codec);
    }
}

#[test]
fn rids_that_the_offer_does_not_name_are_layers() {
    let mut world = World::new(125);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source { obs: true, ..Source::ignoring_requests() });
    world.run_millis(2100);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(2000);
    assert!(world.got(viewer).shown().len() > 40, "{}", world.got(viewer).shown().len());
    assert_eq!(world.got(viewer).layer(), Some(0));
    assert!(world.got(viewer).longest_stall(millis(2500), world.at()) < millis(100));
}
