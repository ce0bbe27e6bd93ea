//! RTP header extensions: what is carried through, what is set, what is rewritten.

use std::time::{Duration, UNIX_EPOCH};

use str0m::rtp::VideoOrientation;

use crate::sim::pictures::Stamp;
use crate::sim::player::Player;
use crate::sim::source::Source;
use crate::sim::{Id, START_UTC, World, millis};

fn watching(seed: u64, source: Source) -> (World, Id, Id) {
    let mut world = World::new(seed);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, source);
    let sender = world.sender(publisher);
    sender.orientation = Some(VideoOrientation::Deg90);
    sender.audio_level = Some(-42);
    sender.capture_time = true;
    world.run_millis(3000);
    let viewer = world.watch(broadcast, Player::default());
    world.run_millis(1500);
    (world, publisher, viewer)
}

#[test]
fn audio_level_and_voice_activity_are_carried_through() {
    let (world, _, viewer) = watching(180, Source::default());
    let audio = &world.got(viewer).audio;
    assert!(audio.len() > 50);
    assert!(audio.iter().all(|got| got.values.audio_level == Some(-42)));
    assert!(audio.iter().all(|got| got.values.voice_activity == Some(true)));
}

#[test]
fn video_orientation_is_carried_through() {
    let (world, _, viewer) = watching(181, Source::default());
    let video = &world.got(viewer).video;
    assert!(video.iter().all(|got| got.values.video_orientation == Some(VideoOrientation::Deg90)));
}

#[test]
fn the_server_sets_the_playout_delay_of_video_and_not_of_audio() {
    let (world, _, viewer) = watching(182, Source::default());
    let got = world.got(viewer);
    for packet in &got.video {
        let (min, max) = (packet.values.play_delay_min, packet.values.play_delay_max);
        assert_eq!(min.map(|min| min.as_micros()), Some(0));
        assert_eq!(max.map(|max| max.as_micros()), Some(200_000));
    }
    assert!(got.audio.iter().all(|packet| packet.values.play_delay_min.is_none()));
}

#[test]
fn capture_time_is_carried_with_an_offset_to_the_servers_clock() {
    let skew = Duration::from_secs(4000);
    let (world, _, viewer) = watching(183, Source { skew, ..Source::default() });
    let mut seen = 0;
    for packet in &world.got(viewer).video {
        let Some(capture) = packet.values.abs_capture_time else { continue };
        let stamp = Stamp::read(&packet.payload).unwrap();
        let publishers = capture.capture_time.duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        // Capture clock = sender clock + offset.
        let ours = publishers - capture.clock_offset_secs().expect("the server knows the offset by now");
        let truth = START_UTC.0 as f64 / 1e6 + stamp.captured.as_secs_f64();
        assert!((ours - truth).abs() < 0.003, "{:.6} s off", ours - truth);
        seen += 1;
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn sender_reports_to_viewers_keep_sound_and_picture_together() {
    let (mut world, _, viewer) = watching(184, Source::default());
    world.run_millis(3000);
    let got = world.got(viewer);
    let (video, audio) = (got.video[0].ssrc, got.audio[0].ssrc);
    let latest = |ssrc: u32| {
        let reports = got.reports.iter().rev();
        reports.map(|(_, info)| info).find(|info| *info.ssrc == ssrc).copied().expect("a report")
    };
    // What the reports say of the moment when something was captured, in the sender's NTP time.
    let moment = |ssrc: u32, timestamp: u32, rate: f64| {
        let report = latest(ssrc);
        let reported = u32::try_from(report.rtp_time.numer() & 0xffff_ffff).unwrap();
        let units = f64::from(timestamp.wrapping_sub(reported).cast_signed());
        report.ntp_time.duration_since(UNIX_EPOCH).unwrap().as_secs_f64() + units / rate
    };
    let picture = got.shown().last().unwrap();
    let sound = got.audio.last().unwrap();
    let heard = Stamp::read(&sound.payload).unwrap().captured;
    let truth = picture.stamp.captured.as_secs_f64() - heard.as_secs_f64();
    let told = moment(video, picture.timestamp, 90_000.0) - moment(audio, sound.timestamp, 48_000.0);
    assert!((told - truth).abs() < 0.005, "told {told:.4}, true {truth:.4}");
    assert!(got.longest_stall(millis(3500), world.at()) < millis(100));
}
