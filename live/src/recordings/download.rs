//! Recordings as one file to take along, made when somebody first wants it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sluice_domain::{MediaKind, RecordingId};
use sluice_recorder::{ByteRange, Object, Trim};
use sluice_store::Recording;
use sluice_transcode::Source;

use super::Makers;
use super::processing::{said, scratch, segments};
use super::watching::of_store;
use crate::error::LiveError;
use crate::live::Live;
use crate::playing::Replay;

/// The file.
const DOWNLOAD: &str = "download.mp4";

/// How long a file that could not be made is not tried again. Whoever asks for it asks every few seconds.
const FAILED: Duration = Duration::from_secs(60);

/// A recording as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Download {
    /// It is there.
    Ready {
        /// Its bytes.
        length: u64,
    },
    /// It is being made.
    Making,
}

/// What is being made, and what could not be made a moment ago.
#[derive(Debug, Default)]
pub(super) struct Downloads(Mutex<HashMap<RecordingId, Making>>);

#[derive(Debug, Clone, Copy)]
enum Making {
    Now,
    Failed(Instant),
}

impl Downloads {
    fn table(&self) -> MutexGuard<'_, HashMap<RecordingId, Making>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody has to make it who asks now; an error where it failed a moment ago.
    fn claim(&self, id: RecordingId, now: Instant) -> Result<bool, LiveError> {
        let mut table = self.table();
        table.retain(|_, making| match making {
            Making::Now => true,
            Making::Failed(at) => now.duration_since(*at) < FAILED,
        });
        match table.get(&id) {
            Some(Making::Now) => Ok(false),
            Some(Making::Failed(_)) => Err(LiveError::NotMade),
            None => {
                table.insert(id, Making::Now);
                Ok(true)
            }
        }
    }
}

impl Live {
    /// A recording as a file to take along. Where there is none it is made from now on.
    ///
    /// # Errors
    /// When it cannot be made, or the store is away.
    pub async fn download(&self, replay: &Replay) -> Result<Download, LiveError> {
        let makers = self.recording_table().makers().ok_or(LiveError::UnknownRecording)?;
        let recording = &replay.recording;
        if recording.has_download {
            let size = makers.recorder.processed_size(recording.id, DOWNLOAD).await.map_err(of_store)?;
            if let Some(length) = size {
                return Ok(Download::Ready { length });
            }
        }
        // What is still being recorded is nothing to take along.
        self.vod(replay).await?;
        if !makers.transcode.available() {
            return Err(LiveError::NotMade);
        }
        if self.recording_table().downloads.claim(recording.id, Instant::now())? {
            let (live, recording) = (self.clone(), recording.clone());
            self.spawn(async move { live.make_download(recording).await });
        }
        Ok(Download::Making)
    }

    /// A part of the file that [`Live::download`] said is there.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn read_download(&self, replay: &Replay, from: u64, to: u64) -> Result<Object, LiveError> {
        let makers = self.recording_table().makers().ok_or(LiveError::UnknownRecording)?;
        let range = (from < to).then_some(ByteRange::Bounded(from, to));
        makers.recorder.processed(replay.recording.id, DOWNLOAD, range).await.map_err(of_store)
    }

    async fn make_download(&self, recording: Recording) {
        let Some(makers) = self.recording_table().makers() else { return };
        let id = recording.id;
        let stop = self.stopping();
        let made = tokio::select! {
            made = make(makers, &recording) => made,
            () = stop.cancelled() => return,
        };
        let noted = match made {
            Ok(()) => {
                let recordings = self.access().store().recordings();
                let noted = recordings.set_download(recording.org_id, id, recording.version).await;
                noted.map(drop).map_err(|error| error.to_string())
            }
            Err(reason) => Err(reason),
        };
        self.recording_changed(id);
        let mut table = self.recording_table().downloads.table();
        match noted {
            Ok(()) => {
                table.remove(&id);
                tracing::info!(recording = %id, "a download was made");
            }
            Err(reason) => {
                table.insert(id, Making::Failed(Instant::now()));
                tracing::warn!(recording = %id, reason, "a download was not made");
            }
        }
    }
}

async fn make(makers: &Makers, recording: &Recording) -> Result<(), String> {
    let vod = makers.recorder.vod(recording.id, Trim::default()).await.map_err(|error| error.to_string())?;
    let folder = scratch(makers)?;
    let mut source = Source::default();
    let renditions = vod.summary().renditions;
    let of = |kind| renditions.iter().map(|found| found.rendition).find(|found| found.kind() == kind);
    // The largest picture comes first.
    if let Some(picture) = of(MediaKind::Video) {
        source.video = segments(&vod, picture, &folder).await?;
    }
    if let Some(sound) = of(MediaKind::Audio) {
        source.audio = segments(&vod, sound, &folder).await?;
    }
    let ms = |ms: i64| Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    // The first picture is where the recording begins.
    let begin =
        source.video.iter().chain(&source.audio).map(|segment| segment.start).min().unwrap_or_default();
    let trim = sluice_transcode::Trim {
        start: begin + recording.trim_start_ms.map_or(Duration::ZERO, ms),
        end: recording.trim_end_ms.map(|end| begin + ms(end)),
    };
    let target = folder.path().join(DOWNLOAD);
    makers.transcode.download(&source, trim, &target).await.map_err(said)?;
    makers.recorder.put_processed(recording.id, DOWNLOAD, &target).await.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_file_is_made_once_and_not_again_at_once_where_that_failed() {
        let (downloads, now) = (Downloads::default(), Instant::now());
        let id = RecordingId(Uuid::from_u128(1));
        assert_eq!(downloads.claim(id, now), Ok(true));
        assert_eq!(downloads.claim(id, now), Ok(false));
        downloads.table().insert(id, Making::Failed(now));
        assert_eq!(downloads.claim(id, now + FAILED / 2), Err(LiveError::NotMade));
        assert_eq!(downloads.claim(id, now + FAILED), Ok(true));
    }
}
