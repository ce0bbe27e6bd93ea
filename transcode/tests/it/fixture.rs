//! Recordings as the recorder writes them, made by ffmpeg, and looks at what comes out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use sluice_transcode::{Segment, Source, Transcode, TranscodeConfig};
use tempfile::TempDir;

use crate::vp8;

/// A recording in a folder that goes with it.
pub(crate) struct Recording {
    pub(crate) source: Source,
    pub(crate) folder: TempDir,
}

/// A recording of this codec and size that lasts this many seconds, in segments of two.
pub(crate) fn recording(encoder: &str, size: &str, seconds: u32) -> Recording {
    let folder = tempfile::tempdir().unwrap();
    let video = track(folder.path(), "v0", encoder, size, seconds, Duration::ZERO);
    let audio = track(folder.path(), "a0", "libopus", "", seconds, Duration::ZERO);
    Recording { source: Source { video, audio }, folder }
}

/// One track in a folder of its own, from `start` on.
pub(crate) fn track(
    folder: &Path,
    name: &str,
    encoder: &str,
    size: &str,
    seconds: u32,
    start: Duration,
) -> Vec<Segment> {
    let folder = folder.join(name);
    fs::create_dir_all(&folder).unwrap();
    if encoder == "libvpx" {
        return vp8::track(&folder, size, seconds, start);
    }
    let from = match encoder {
        "libopus" => format!("sine=f=440:r=48000:d={seconds}"),
        _ => format!("testsrc2=s={size}:r=30:d={seconds}"),
    };
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", &from, "-c", encoder]);
    match encoder {
        "libx264" => ffmpeg.args(["-preset", "ultrafast", "-g", "60", "-sc_threshold", "0", "-bf", "0"]),
        _ => ffmpeg.args(["-b:a", "64k"]),
    };
    let offset = start.as_secs_f64().to_string();
    ffmpeg.args(["-output_ts_offset", &offset, "-f", "hls", "-hls_time", "2", "-hls_list_size", "0"]);
    ffmpeg.args(["-hls_segment_type", "fmp4", "-hls_segment_options", "movflags=frag_discont"]);
    ffmpeg.args(["-strict", "-2", "-hls_fmp4_init_filename", "init-0.mp4", "-hls_segment_filename"]);
    ffmpeg.args([folder.join("seg-%d.m4s"), folder.join("media.m3u8")]);
    let done = ffmpeg.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    segments(&folder, start)
}

/// The segments of a playlist that ffmpeg wrote.
pub(crate) fn segments(folder: &Path, mut start: Duration) -> Vec<Segment> {
    let text = fs::read_to_string(folder.join("media.m3u8")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut segments = Vec::new();
    for pair in lines.windows(2) {
        let Some(info) = pair[0].strip_prefix("#EXTINF:") else { continue };
        let duration = Duration::from_secs_f64(info.trim_end_matches(',').parse().unwrap());
        segments.push(Segment {
            init: folder.join("init-0.mp4"),
            media: folder.join(pair[1]),
            start,
            duration,
        });
        start += duration;
    }
    assert!(!segments.is_empty());
    segments
}

/// What a live window gives for a thumbnail: the beginning of the track and a key frame.
pub(crate) fn still_of(segment: &Segment) -> Bytes {
    let mut bytes = fs::read(&segment.init).unwrap();
    bytes.extend(fs::read(&segment.media).unwrap());
    bytes.into()
}

/// The workers, with settings of the test.
pub(crate) async fn transcode(folder: &Path, set: impl FnOnce(&mut TranscodeConfig)) -> Transcode {
    let mut config =
        TranscodeConfig { folder: folder.join("temporary"), free_space: 0, ..TranscodeConfig::default() };
    set(&mut config);
    Transcode::start(config).await
}

/// Nothing is left of temporary files.
pub(crate) fn left(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// What ffprobe says, in lines.
pub(crate) fn probe(args: &[&str], path: &Path) -> Vec<String> {
    let mut ffprobe = Command::new("ffprobe");
    let done = ffprobe.args(["-v", "error", "-of", "csv=p=0"]).args(args).arg(path).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.trim().is_empty(), "{}: {said}", path.display());
    let text = String::from_utf8(done.stdout).unwrap();
    text.lines().map(|line| line.trim_end_matches(',').to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Codec and, of video, width and height of each stream.
pub(crate) fn streams(path: &Path) -> Vec<String> {
    probe(&["-show_entries", "stream=codec_name,width,height"], path)
}

/// Presentation times of the packets of a stream.
pub(crate) fn times(path: &Path, stream: &str) -> Vec<f64> {
    let lines = probe(&["-select_streams", stream, "-show_entries", "packet=pts_time"], path);
    lines.iter().map(|line| line.split(',').next().unwrap().parse().unwrap()).collect()
}

/// Decodes all of it; what the decoder complains about.
pub(crate) fn decode(path: &Path) -> String {
    let mut ffmpeg = Command::new("ffmpeg");
    let done = ffmpeg.args(["-nostdin", "-v", "error", "-i"]).arg(path).args(["-f", "null", "-"]).output();
    String::from_utf8_lossy(&done.unwrap().stderr).trim().to_owned()
}

/// Length in seconds.
pub(crate) fn length(path: &Path) -> f64 {
    probe(&["-show_entries", "format=duration"], path)[0].parse().unwrap()
}
