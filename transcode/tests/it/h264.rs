//! VP8 once more in H.264.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sluice_transcode::{Rendition, Segment, Source, TranscodeError, Trim};

use crate::fixture::{decode, left, probe, recording, streams, times, track, transcode};

/// The rendition as one file, as a player puts it together.
fn joined(folder: &Path, rendition: &Rendition) -> std::path::PathBuf {
    let mut bytes = fs::read(folder.join(&rendition.init)).unwrap();
    for segment in &rendition.segments {
        bytes.extend(fs::read(folder.join(&segment.name)).unwrap());
    }
    let path = folder.join("joined.mp4");
    fs::write(&path, bytes).unwrap();
    path
}

#[tokio::test]
async fn vp8_becomes_segments_of_h264_at_the_same_times() {
    let folder = tempfile::tempdir().unwrap();
    let start = Duration::from_millis(7_300);
    let video = track(folder.path(), "v0", "libvpx", "640x360", 10, start);
    let source = folder.path().join("source.mp4");
    let mut bytes = fs::read(&video[0].init).unwrap();
    video.iter().for_each(|segment| bytes.extend(fs::read(&segment.media).unwrap()));
    fs::write(&source, bytes).unwrap();
    let transcode = transcode(folder.path(), |_| {}).await;
    let target = folder.path().join("h264");
    let four = Duration::from_secs(4);
    let rendition = transcode.h264(&video, four, &target).await.unwrap();
    assert_eq!((rendition.width, rendition.height, rendition.segments.len()), (640, 360, 3));
    assert!(rendition.codec.starts_with("avc1.64"), "{}", rendition.codec);
    assert!(rendition.segments[..2].iter().all(|segment| segment.duration == four), "{rendition:?}");
    assert_eq!(left(&target).len(), 4, "the beginning and three segments");
    let joined = joined(&target, &rendition);
    assert_eq!(streams(&joined), ["h264,640,360"]);
    let (before, after) = (times(&source, "v"), times(&joined, "v"));
    assert_eq!((before.len(), after.len()), (300, 300));
    for (before, after) in before.iter().zip(&after) {
        assert!((before - after).abs() < 0.002, "{before} became {after}");
    }
    assert_eq!(decode(&joined), "");
    let keys = probe(&["-select_streams", "v", "-show_entries", "packet=pts_time,flags"], &joined);
    assert_eq!(keys.iter().filter(|line| line.contains('K')).count(), 3, "one a segment");
}

#[tokio::test]
async fn the_rendition_can_be_downloaded_with_the_sound_of_the_recording() {
    let recording = recording("libvpx", "320x180", 6);
    let folder = recording.folder.path();
    let transcode = transcode(folder, |_| {}).await;
    let target = folder.join("h264");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("of an earlier try"), b"").unwrap();
    let made = transcode.h264(&recording.source.video, Duration::from_secs(2), &target).await.unwrap();
    assert_eq!(left(&target).len(), made.segments.len() + 1, "what was there before is gone");
    let mut start = Duration::ZERO;
    let video = made.segments.iter().map(|segment| {
        let (init, media) = (target.join(&made.init), target.join(&segment.name));
        let made = Segment { init, media, start, duration: segment.duration };
        start += segment.duration;
        made
    });
    let source = Source { video: video.collect(), audio: recording.source.audio.clone() };
    let file = folder.join("out.mp4");
    transcode.download(&source, Trim::default(), &file).await.unwrap();
    assert_eq!(streams(&file), ["h264,320,180", "aac"]);
    assert_eq!(decode(&file), "");
}

#[tokio::test]
async fn what_is_no_video_leaves_no_rendition() {
    let recording = recording("libvpx", "320x180", 2);
    let folder = recording.folder.path();
    let transcode = transcode(folder, |_| {}).await;
    let target = folder.join("made/h264");
    for track in [Vec::new(), recording.source.audio.clone()] {
        let error = transcode.h264(&track, Duration::from_secs(2), &target).await.unwrap_err();
        assert!(matches!(error, TranscodeError::Failed { .. } | TranscodeError::Nothing(_)), "{error:?}");
        assert!(!target.exists() && left(&folder.join("made")).is_empty());
    }
}
