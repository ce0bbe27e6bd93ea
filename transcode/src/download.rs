//! A recording as one MP4 that every program plays: video as it is (but VP8, which becomes H.264), audio as
//! AAC.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::TranscodeError;
use crate::process::{Job, Lane};
use crate::source::Source;
use crate::{Transcode, check, h264};

/// Bits per second of AAC: no loss that a listener to Opus at 96 kbit/s would notice.
const AUDIO: &str = "128k";

/// Ends that are cut off, in the time of the recording.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trim {
    /// Where it begins.
    pub start: Duration,
    /// Where it ends; at the end where absent.
    pub end: Option<Duration>,
}

impl Transcode {
    /// Writes a recording, or a part of it, to `target`: the bytes of it. What is there before is replaced
    /// once the new file is whole.
    ///
    /// # Errors
    /// When there is no ffmpeg, nothing is left of the recording, the disk has no room or `target` cannot be
    /// written.
    pub async fn download(&self, source: &Source, trim: Trim, target: &Path) -> Result<u64, TranscodeError> {
        if !self.available() {
            return Err(TranscodeError::Unavailable);
        }
        let nothing = TranscodeError::Nothing("media in this part");
        let Some((first, last)) = source.span() else { return Err(nothing) };
        let (start, end) = (trim.start.max(first), trim.end.unwrap_or(last).min(last));
        let part = source.between(start, end);
        let Some((from, to)) = part.span().filter(|_| start < end) else { return Err(nothing) };
        let runs = part.runs();
        let whole = runs.len() == 1 && (from, to) == (start, end);

        let bytes = part.bytes()?;
        let beside =
            target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let unwritable = TranscodeError::files("making the file of a download");
        let made = tempfile::Builder::new().prefix(".download-").suffix(".mp4").tempfile_in(beside);
        let made = made.map_err(unwritable)?.into_temp_path();
        self.room(beside, bytes)?;
        let folder = self.folder()?;
        if whole {
            let playlist = part.lay_out(&folder.path().join("run"))?;
            self.remux(&part, playlist, &made).await?;
        } else {
            self.room(folder.path(), bytes)?;
            let mut list = String::from("ffconcat version 1.0\n");
            for (number, run) in runs.iter().enumerate() {
                let playlist = run.lay_out(&folder.path().join(format!("run-{number}")))?;
                let piece = format!("piece-{number}.mp4");
                self.remux(run, playlist, &folder.path().join(&piece)).await?;
                list.push_str(&format!("file {piece}\n"));
            }
            let list_path = folder.path().join("pieces.ffconcat");
            std::fs::write(&list_path, list).map_err(TranscodeError::files("listing the pieces"))?;
            let mut job = Job::new(self, "download", Lane::Heavy, part.length());
            // Picture and sound begin at the key frame before; an edit list hides what is too much of it.
            job.add(["-ss", &seconds(start - from), "-t", &seconds(end - start)]);
            match runs.len() {
                1 => job.input(folder.path().join("piece-0.mp4")),
                _ => {
                    job.add(["-f", "concat"]);
                    job.input(&list_path);
                }
            }
            job.add(["-map", "0:v:0?", "-map", "0:a:0?", "-c", "copy"]);
            finish(&mut job, &made);
            self.run(job).await?;
        }
        let bytes = check::whole_mp4(&made)?;
        let file = tokio::fs::File::open(&made).await;
        let file = file.map_err(TranscodeError::files("opening a download"))?;
        file.sync_all().await.map_err(TranscodeError::files("writing a download to the disk"))?;
        made.persist(target).map_err(|error| TranscodeError::files("renaming a download")(error.error))?;
        Ok(bytes)
    }

    /// One run of segments as one file.
    async fn remux(&self, run: &Source, playlist: PathBuf, target: &Path) -> Result<(), TranscodeError> {
        let encoder = match run.is_vp8()? {
            true => Some(self.encoder()?),
            false => None,
        };
        let length = run.length().saturating_mul(encoder.map_or(1, |_| h264::PATIENCE));
        let mut job = Job::new(self, "download", Lane::Heavy, length);
        job.add(["-threads", &self.0.config.threads.to_string()]);
        job.input(playlist);
        job.add(["-map", "0:v:0?", "-map", "0:a:0?", "-c:a", "aac", "-b:a", AUDIO]);
        match encoder {
            Some(encoder) => h264::encode(&mut job, encoder),
            None => job.add(["-c:v", "copy"]),
        }
        // Holes become silence, or what follows would be early.
        job.add(["-af", "aresample=async=1:first_pts=0", "-max_muxing_queue_size", "8192"]);
        finish(&mut job, target);
        self.run(job).await
    }
}

fn finish(job: &mut Job, target: &Path) {
    job.add(["-map_metadata", "-1", "-sn", "-dn", "-movflags", "+faststart", "-f", "mp4"]);
    job.add([target]);
}

fn seconds(span: Duration) -> String {
    format!("{:.6}", span.as_secs_f64())
}
