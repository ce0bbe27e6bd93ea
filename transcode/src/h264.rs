//! A recording in a codec that players of HLS lack, once more in H.264.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::Transcode;
use crate::error::TranscodeError;
use crate::process::{Job, Lane};
use crate::source::{Segment, Source};

/// How many times its length encoding may take: behind live media on a small machine, it is slow.
pub(crate) const PATIENCE: u32 = 20;

/// Encodes pictures as H.264, each at its time.
pub(crate) fn encode(job: &mut Job, encoder: &str) {
    job.add(["-fps_mode", "passthrough", "-enc_time_base", "1:90000"]);
    job.add(["-vf", "scale='trunc(iw/2)*2':'trunc(ih/2)*2',format=yuv420p", "-c:v", encoder]);
    if encoder == "libx264" {
        job.add(["-preset", "veryfast", "-crf", "23", "-bf", "0"]);
    }
}

/// A rendition that was made: its files are in one folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendition {
    /// The file that begins the track.
    pub init: String,
    /// The segments in order, each beginning with a key frame.
    pub segments: Vec<Made>,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// As `CODECS` of a playlist has it (RFC 6381).
    pub codec: String,
    /// Bytes of all files.
    pub bytes: u64,
}

/// A segment that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The name of its file.
    pub name: String,
    /// How long it is.
    pub duration: Duration,
}

impl Transcode {
    /// Encodes a track of video as H.264 in segments about this long, into `folder`, which is made or
    /// replaced once all is done. Decode times stay those of the source, so that its audio fits.
    ///
    /// # Errors
    /// When there is no ffmpeg or it has no encoder, there is no video, or the disk has no room.
    pub async fn h264(
        &self,
        track: &[Segment],
        segment: Duration,
        folder: &Path,
    ) -> Result<Rendition, TranscodeError> {
        let encoder = self.encoder()?;
        let source = Source { video: track.to_vec(), audio: Vec::new() };
        if source.span().is_none() {
            return Err(TranscodeError::Nothing("video"));
        }
        let unwritable = || TranscodeError::files("making the folder of a rendition");
        let beside =
            folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(beside).map_err(unwritable())?;
        let made = tempfile::Builder::new().prefix(".h264-").tempdir_in(beside).map_err(unwritable())?;
        self.room(beside, source.bytes()?)?;
        let links = self.folder()?;
        // VP8 says all that a decoder needs in its key frames, so that what begins the track matters once.
        let playlist = source.lay_out(&links.path().join("in"))?;
        let length = source.length().saturating_mul(PATIENCE);
        let mut job = Job::new(self, "h264", Lane::Heavy, length);
        job.add(["-copyts", "-threads", &self.0.config.threads.to_string()]);
        job.input(playlist);
        job.add(["-an", "-sn", "-dn"]);
        encode(&mut job, encoder);
        if encoder == "libx264" {
            // Key frames are where segments begin and nowhere else.
            job.add(["-sc_threshold", "0"]);
        }
        let span = segment.as_secs_f64().max(0.5);
        job.add(["-threads", &self.0.config.threads.to_string(), "-g", "100000", "-force_key_frames"]);
        job.add([format!("expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+{span}))")]);
        job.add(["-f", "hls", "-hls_time", &span.to_string(), "-hls_list_size", "0"]);
        job.add(["-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]);
        job.add(["-hls_segment_options", "movflags=frag_discont:video_track_timescale=90000"]);
        job.add(["-hls_fmp4_init_filename", INIT, "-hls_segment_filename"]);
        job.add([made.path().join("seg-%d.m4s"), made.path().join(PLAYLIST)]);
        self.run(job).await?;
        let rendition = inspect(made.path())?;
        fs::remove_file(made.path().join(PLAYLIST)).map_err(unwritable())?;
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unwritable()(error)),
            _ => {}
        }
        fs::rename(made.path(), folder).map_err(TranscodeError::files("renaming a rendition"))?;
        // What it would remove has another name now.
        let _renamed = made.keep();
        Ok(rendition)
    }
}

const INIT: &str = "init-0.mp4";
const PLAYLIST: &str = "media.m3u8";

/// Reads what was made, and refuses what is not whole.
fn inspect(folder: &Path) -> Result<Rendition, TranscodeError> {
    let text = fs::read_to_string(folder.join(PLAYLIST)).map_err(|_| TranscodeError::Nothing("picture"))?;
    if !text.trim_end().ends_with("#EXT-X-ENDLIST") {
        return Err(TranscodeError::NotWhole("a playlist without its end"));
    }
    let segments = parse(&text);
    let init = fs::read(folder.join(INIT)).map_err(TranscodeError::files("reading what ffmpeg made"))?;
    let (width, height, codec) =
        describe(&init).ok_or(TranscodeError::NotWhole("a track that is not H.264"))?;
    let mut bytes = init.len() as u64;
    for segment in &segments {
        let size = folder.join(&segment.name).metadata().map_or(0, |file| file.len());
        if size == 0 {
            return Err(TranscodeError::NotWhole("a segment without media"));
        }
        bytes += size;
    }
    if segments.is_empty() {
        return Err(TranscodeError::Nothing("picture"));
    }
    Ok(Rendition { init: INIT.to_owned(), segments, width, height, codec, bytes })
}

/// Durations and names of a media playlist.
fn parse(text: &str) -> Vec<Made> {
    let mut duration = None;
    let mut segments = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(info) = line.strip_prefix("#EXTINF:") {
            let seconds = info.split(',').next().and_then(|seconds| seconds.parse().ok());
            duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        } else if !line.starts_with('#')
            && !line.is_empty()
            && let Some(duration) = duration.take()
        {
            segments.push(Made { name: line.to_owned(), duration });
        }
    }
    segments
}

/// Size and codec of the sample entry `avc1` (ISO/IEC 14496-12 §12.1.3, 14496-15 §5.3.3.1).
fn describe(init: &[u8]) -> Option<(u16, u16, String)> {
    let after = |name: &[u8; 4]| {
        let at = init.windows(4).position(|window| window == name)?;
        init.get(at + 4..)
    };
    let entry = after(b"avc1")?;
    let number = |at: usize| Some(u16::from_be_bytes([*entry.get(at)?, *entry.get(at + 1)?]));
    let [_, profile, compatible, level, ..] = *after(b"avcC")? else { return None };
    Some((number(24)?, number(26)?, format!("avc1.{profile:02x}{compatible:02x}{level:02x}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_playlist_of_ffmpeg_is_read() {
        let text = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI=\"init-0.mp4\"\n\
                    #EXTINF:4.000000,\nseg-0.m4s\n#EXTINF:1.250000,\nseg-1.m4s\n#EXT-X-ENDLIST\n";
        let made = |name: &str, millis| Made { name: name.into(), duration: Duration::from_millis(millis) };
        assert_eq!(parse(text), [made("seg-0.m4s", 4000), made("seg-1.m4s", 1250)]);
        assert_eq!(parse("#EXTINF:-1,\nx\n#EXTINF:nan,\ny\nz"), []);
    }

    #[test]
    fn a_sample_entry_that_is_cut_is_none() {
        let mut init = b"....avc1".to_vec();
        init.extend([0; 24]);
        init.extend([2, 128, 1, 104]);
        init.extend(b"....avcC\x01\x64\x00\x1f");
        assert_eq!(describe(&init), Some((640, 360, "avc1.64001f".to_owned())));
        for length in 0..init.len() {
            assert_eq!(describe(&init[..length]), None);
        }
    }
}
