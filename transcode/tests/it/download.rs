//! Downloads: one MP4 of a recording.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sluice_transcode::{Source, TranscodeError, Trim};

use crate::fixture::{decode, left, length, probe, recording, streams, times, track, transcode};

fn near(value: f64, expected: f64, off: f64) {
    assert!((value - expected).abs() <= off, "{value} is not within {off} of {expected}");
}

fn grows(times: &[f64]) {
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
}

// Requirements: R158
#[tokio::test]
async fn a_download_has_the_video_as_it_was_and_audio_as_aac() {
    let recording = recording("libx264", "640x360", 10);
    let folder = recording.folder.path();
    let transcode = transcode(folder, |_| {}).await;
    let target = folder.join("out.mp4");
    let bytes = transcode.download(&recording.source, Trim::default(), &target).await.unwrap();
    assert_eq!(bytes, target.metadata().unwrap().len());
    assert_eq!(streams(&target), ["h264,640,360", "aac"]);
    near(length(&target), 10.0, 0.1);
    let video = times(&target, "v");
    assert_eq!(video.len(), 300, "each picture, once");
    grows(&video);
    grows(&times(&target, "a"));
    assert_eq!(decode(&target), "");
    let top = fs::read(&target).unwrap();
    let place = |name: &[u8]| top.windows(4).position(|window| window == name).unwrap();
    assert!(place(b"moov") < place(b"mdat"), "it plays while it comes");
    assert_eq!(left(&folder.join("temporary")).len(), 0);
}

#[tokio::test]
async fn vp8_is_downloaded_as_h264() {
    let recording = recording("libvpx", "320x180", 6);
    let folder = recording.folder.path();
    let transcode = transcode(folder, |_| {}).await;
    let target = folder.join("out.mp4");
    let two = Duration::from_secs(2);
    for (trim, pictures) in [(Trim::default(), 180), (Trim { start: two, end: None }, 120)] {
        transcode.download(&recording.source, trim, &target).await.unwrap();
        assert_eq!(streams(&target), ["h264,320,180", "aac"]);
        let video = times(&target, "v");
        assert_eq!(video.len(), pictures);
        grows(&video);
        assert_eq!(decode(&target), "");
    }
}

#[tokio::test]
async fn a_part_is_as_long_as_was_asked_for() {
    let recording = recording("libx264", "640x360", 12);
    let folder = recording.folder.path();
    let transcode = transcode(folder, |_| {}).await;
    let target = folder.join("part.mp4");
    let millis = Duration::from_millis;
    let trims =
        [(3_300, Some(9_100), 5.8), (0, Some(4_000), 4.0), (4_000, None, 8.0), (5_000, Some(6_000), 1.0)];
    for (start, end, expected) in trims {
        let trim = Trim { start: millis(start), end: end.map(millis) };
        transcode.download(&recording.source, trim, &target).await.unwrap();
        assert_eq!(streams(&target), ["h264,640,360", "aac"]);
        near(length(&target), expected, 0.15);
        assert_eq!(decode(&target), "", "{trim:?}");
        // What is shown first is at the beginning, within a picture.
        let shown = probe(&["-select_streams", "v", "-show_entries", "frame=pts_time"], &target);
        let first = shown.iter().map(|line| line.split(',').next().unwrap().parse::<f64>().unwrap());
        near(first.fold(f64::MAX, f64::min), 0.0, 0.05);
    }
    for (start, end) in [(20_000, None), (5_000, Some(5_000)), (6_000, Some(5_000))] {
        let trim = Trim { start: millis(start), end: end.map(millis) };
        let error = transcode.download(&recording.source, trim, &target).await.unwrap_err();
        assert!(matches!(error, TranscodeError::Nothing(_)), "{error:?}");
    }
}

#[tokio::test]
async fn sound_that_begins_later_than_the_picture_stays_in_step() {
    let folder = tempfile::tempdir().unwrap();
    let late = Duration::from_millis(1_500);
    let video = track(folder.path(), "v0", "libx264", "320x180", 8, Duration::ZERO);
    let audio = track(folder.path(), "a0", "libopus", "", 6, late);
    let transcode = transcode(folder.path(), |_| {}).await;
    let target = folder.path().join("out.mp4");
    transcode.download(&Source { video, audio }, Trim::default(), &target).await.unwrap();
    near(times(&target, "v")[0], 0.0, 0.04);
    // Silence until the sound begins.
    let quiet = std::process::Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-i"])
        .arg(&target)
        .args(["-vn", "-af", "silencedetect=n=-50dB:d=0.5", "-f", "null", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&quiet.stderr).into_owned();
    let end = said.split("silence_end: ").nth(1).expect("it begins in silence");
    near(end.split(' ').next().unwrap().parse().unwrap(), 1.5, 0.06);
}

#[tokio::test]
async fn a_recording_that_changes_its_size_is_one_file_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let later = Duration::from_secs(4);
    let mut video = track(folder.path(), "v0", "libx264", "640x360", 4, Duration::ZERO);
    video.extend(track(folder.path(), "v1", "libx264", "320x180", 4, later));
    let audio = track(folder.path(), "a0", "libopus", "", 8, Duration::ZERO);
    let transcode = transcode(folder.path(), |_| {}).await;
    let target = folder.path().join("out.mp4");
    transcode.download(&Source { video, audio }, Trim::default(), &target).await.unwrap();
    near(length(&target), 8.0, 0.2);
    assert_eq!(times(&target, "v").len(), 240);
    let sizes = probe(&["-select_streams", "v", "-show_entries", "frame=width,height"], &target);
    assert!(sizes.first().unwrap().contains("640,360"), "{sizes:?}");
    assert!(sizes.last().unwrap().contains("320,180"), "{sizes:?}");
}

#[tokio::test]
async fn a_recording_of_one_track_is_a_file_of_one_track() {
    let recording = recording("libx264", "320x180", 4);
    let folder = recording.folder.path();
    let transcode = transcode(folder, |_| {}).await;
    let target = folder.join("out.mp4");
    let Source { video, audio } = recording.source.clone();
    for (source, expected) in
        [(Source { video, audio: Vec::new() }, "h264,320,180"), (Source { video: Vec::new(), audio }, "aac")]
    {
        transcode.download(&source, Trim::default(), &target).await.unwrap();
        assert_eq!(streams(&target), [expected]);
        near(length(&target), 4.0, 0.1);
    }
}

/// Nothing but the files that were there before.
fn untouched(folder: &Path, target: &Path) {
    assert_eq!(fs::read(target).unwrap(), b"the one before");
    let beside = left(folder);
    assert_eq!(beside, [target], "no half of a file");
}

#[tokio::test]
async fn a_download_that_fails_leaves_what_was_there() {
    let recording = recording("libx264", "320x180", 4);
    let folder = recording.folder.path();
    let downloads = folder.join("downloads");
    fs::create_dir(&downloads).unwrap();
    let target = downloads.join("out.mp4");
    fs::write(&target, b"the one before").unwrap();
    let transcode = transcode(folder, |_| {}).await;
    // Garbage where a segment was.
    let mut source = recording.source.clone();
    let garbage = folder.join("garbage.m4s");
    fs::write(&garbage, vec![0x5a; 5000]).unwrap();
    source.video.iter_mut().for_each(|segment| segment.media.clone_from(&garbage));
    source.video.iter_mut().for_each(|segment| segment.init.clone_from(&garbage));
    source.audio.clear();
    let error = transcode.download(&source, Trim::default(), &target).await.unwrap_err();
    assert!(matches!(error, TranscodeError::Failed { .. } | TranscodeError::NotWhole(_)), "{error:?}");
    untouched(&downloads, &target);
    // A segment that is gone.
    let mut source = recording.source.clone();
    source.video[1].media = folder.join("gone.m4s");
    let error = transcode.download(&source, Trim::default(), &target).await.unwrap_err();
    assert!(matches!(error, TranscodeError::Files { .. }), "{error:?}");
    untouched(&downloads, &target);
    assert_eq!(left(&folder.join("temporary")).len(), 0);
}

#[tokio::test]
async fn a_target_that_cannot_be_written_is_said() {
    let recording = recording("libx264", "320x180", 2);
    let folder = recording.folder.path();
    let transcode = transcode(folder, |_| {}).await;
    fs::write(folder.join("file"), b"").unwrap();
    for target in [folder.join("nowhere/out.mp4"), folder.join("file/out.mp4")] {
        let error = transcode.download(&recording.source, Trim::default(), &target).await.unwrap_err();
        assert_eq!(error.to_string(), "making the file of a download failed", "{error:?}");
    }
}
