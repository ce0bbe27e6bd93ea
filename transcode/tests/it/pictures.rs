//! Thumbnails and storyboards.

use std::fs;
use std::time::Duration;

use bytes::Bytes;
use sluice_transcode::{Grid, Source, TranscodeError};

use crate::fixture::{left, recording, still_of, streams, track, transcode};

const GRID: Grid = Grid { every: Duration::from_secs(2), columns: 3, rows: 2, width: 160, height: 90 };

// Requirements: R72
#[tokio::test]
async fn a_key_frame_of_any_codec_becomes_a_jpeg_of_the_width_that_was_asked_for() {
    for encoder in ["libx264", "libvpx"] {
        let recording = recording(encoder, "640x360", 2);
        let transcode = transcode(recording.folder.path(), |_| {}).await;
        let file = recording.folder.path().join("still.jpg");
        for (width, expected) in [(320, "mjpeg,320,180"), (4000, "mjpeg,640,360")] {
            let picture = transcode.still(still_of(&recording.source.video[0]), width).await.unwrap();
            fs::write(&file, picture).unwrap();
            assert_eq!(streams(&file), [expected], "{encoder}");
        }
        assert_eq!(left(&recording.folder.path().join("temporary")).len(), 0);
    }
}

#[tokio::test]
async fn bytes_that_are_no_video_are_refused_with_what_ffmpeg_says() {
    let folder = tempfile::tempdir().unwrap();
    let transcode = transcode(folder.path(), |_| {}).await;
    let recording = recording("libx264", "320x180", 2);
    let whole = still_of(&recording.source.video[0]);
    let header = Bytes::from(fs::read(&recording.source.video[0].init).unwrap());
    let mut scrambled = whole.to_vec();
    scrambled[60..].iter_mut().enumerate().for_each(|(at, byte)| *byte = (at * 31 % 251) as u8);
    for input in [Bytes::new(), Bytes::from_static(b"#EXTM3U\n/etc/passwd\n"), header, scrambled.into()] {
        let error = transcode.still(input, 320).await.unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, TranscodeError::Failed { .. } | TranscodeError::Nothing(_)), "{error:?}");
        assert!(said.len() < 4000 && !said.contains("root:"), "{said}");
    }
    // A key frame that is cut still has a picture, or is refused; it never takes the server down.
    let _either = transcode.still(whole.slice(..whole.len() / 2), 320).await;
    assert_eq!(left(&folder.path().join("temporary")).len(), 0);
}

// Requirements: R72
#[tokio::test]
async fn a_recording_becomes_sheets_of_small_pictures() {
    let recording = recording("libx264", "640x480", 20);
    let transcode = transcode(recording.folder.path(), |_| {}).await;
    let board = transcode.storyboard(&recording.source.video, GRID).await.unwrap();
    assert_eq!((board.pictures, board.sheets.len(), board.every), (10, 2, GRID.every));
    let file = recording.folder.path().join("sheet.jpg");
    for sheet in &board.sheets {
        fs::write(&file, sheet).unwrap();
        assert_eq!(streams(&file), ["mjpeg,480,180"]);
    }
}

#[tokio::test]
async fn pictures_stay_at_their_time_where_the_recording_has_a_hole_or_changes() {
    let folder = tempfile::tempdir().unwrap();
    let late = Duration::from_secs(14);
    let mut video = track(folder.path(), "v0", "libx264", "640x360", 6, Duration::ZERO);
    video.extend(track(folder.path(), "v1", "libx264", "320x240", 6, late));
    let transcode = transcode(folder.path(), |_| {}).await;
    let board = transcode.storyboard(&video, GRID).await.unwrap();
    assert_eq!((board.pictures, board.sheets.len()), (10, 2));
    let error = transcode.storyboard(&[], GRID).await.unwrap_err();
    assert!(matches!(error, TranscodeError::Nothing(_)));
}

#[tokio::test]
async fn a_sound_recording_has_no_storyboard() {
    let recording = recording("libx264", "320x180", 2);
    let transcode = transcode(recording.folder.path(), |_| {}).await;
    let Source { audio, .. } = &recording.source;
    let error = transcode.storyboard(audio, GRID).await.unwrap_err();
    assert!(matches!(error, TranscodeError::Failed { .. } | TranscodeError::Nothing(_)), "{error:?}");
}
