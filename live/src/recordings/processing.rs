//! What is made of a recording when it is whole: its picture, and small ones for the seek bar.
//!
//! One recording after the other: they are in no hurry, and a node that is live has better things to do. What
//! ffmpeg cannot make is left out and said; the recording is ready without.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sluice_domain::{MediaKind, RecordingId, RecordingState};
use sluice_media::storyboard::{Storyboard, webvtt};
use sluice_recorder::{HlsRefusal, Rendition, Trim, Vod};
use sluice_store::{Recording, StoreError};
use sluice_transcode::{Grid, Segment, TranscodeError};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Makers, converted};
use crate::live::{Live, clock};

/// The picture of a recording.
pub(super) const POSTER: &str = "poster.jpg";

/// How the pictures of the seek bar lie.
pub(super) const STORYBOARD: &str = "storyboard.json";

/// How long whoever asks for something that is being made waits before asking again.
pub(super) const NOT_READY_RETRY: Duration = Duration::from_secs(5);

/// How long a recording waits whose store or database is away.
const AGAIN: Duration = Duration::from_secs(15);

/// Width of the picture, and the least height of the layer that it is made of.
const POSTER_SIZE: (u32, u16) = (1280, 540);

/// Which part of a recording its picture is from, in percent: behind what comes before a show begins.
const POSTER_AT: u64 = 10;

/// Pictures of the seek bar: five by five on a sheet, each as large as a thumb.
const GRID: Grid = Grid { every: Duration::from_secs(2), columns: 5, rows: 5, width: 160, height: 90 };

/// Pictures that a seek bar can tell apart; a long recording has them further apart.
const PICTURES: u32 = 300;

/// Recordings that wait to be processed.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    waiting: Mutex<VecDeque<RecordingId>>,
    added: Notify,
}

impl Jobs {
    fn waiting(&self) -> MutexGuard<'_, VecDeque<RecordingId>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting().len()
    }

    pub(crate) fn add(&self, recording: RecordingId) {
        let mut waiting = self.waiting();
        if !waiting.contains(&recording) {
            waiting.push_back(recording);
        }
        drop(waiting);
        self.added.notify_one();
    }
}

/// How the pictures of a seek bar lie, as it is kept beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sheets {
    pub(super) duration_ms: u64,
    pub(super) every_ms: u64,
    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) sheets: u32,
}

impl Sheets {
    /// The text that says which picture is where, its sheets beside it.
    pub(super) fn track(&self, query: &str) -> String {
        let storyboard = Storyboard {
            duration: Duration::from_millis(self.duration_ms),
            every: Duration::from_millis(self.every_ms),
            columns: self.columns,
            rows: self.rows,
            tile: (self.width, self.height),
        };
        webvtt(&storyboard, sheet, query)
    }
}

fn sheet(number: u32) -> String {
    format!("storyboard-{number}.jpg")
}

/// What became of a job.
enum Done {
    /// It is written down.
    Yes,
    /// Something is away; later it may succeed.
    Later,
}

pub(super) async fn run(live: Live, stop: CancellationToken) {
    let jobs = &live.recording_table().jobs;
    loop {
        let next = jobs.waiting().front().copied();
        let Some(id) = next else {
            tokio::select! {
                () = stop.cancelled() => return,
                () = jobs.added.notified() => continue,
            }
        };
        // A job that is cut short is begun anew by the next start: its row says that it is due.
        let done = tokio::select! {
            () = stop.cancelled() => return,
            done = live.process(id) => done,
        };
        jobs.waiting().pop_front();
        if matches!(done, Done::Later) {
            jobs.waiting().push_back(id);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }
}

impl Live {
    async fn process(&self, id: RecordingId) -> Done {
        let Some(makers) = self.recording_table().makers() else { return Done::Yes };
        let recordings = self.access().store().recordings();
        let row = match recordings.find(id).await {
            Ok(Some(row)) if row.state == RecordingState::Processing => row,
            Ok(_) => return Done::Yes,
            Err(error) => {
                tracing::warn!(%error, recording = %id, "a recording waits for the database");
                return Done::Later;
            }
        };
        let vod = match makers.recorder.vod(id, Trim::default()).await {
            Ok(vod) => vod,
            Err(HlsRefusal::Away) => return Done::Later,
            Err(refusal) => {
                return self.settle(&row, RecordingState::Failed, Some(&refusal.to_string())).await;
            }
        };
        let mut failures = Vec::new();
        let poster = made("a picture", poster(makers, id, &vod).await, &mut failures);
        let storyboard = made("a storyboard", storyboard(makers, id, &vod).await, &mut failures);
        let noted = recordings.set_pictures(row.org_id, id, poster, storyboard).await;
        if let Err(error @ (StoreError::Unavailable(_) | StoreError::Full(_))) = noted {
            tracing::warn!(%error, recording = %id, "a recording waits for the database");
            return Done::Later;
        }
        // Last, since it takes longest: the recording has its pictures meanwhile.
        made("a rendition for players", converted::convert(makers, id, &vod).await, &mut failures);
        let failure = (!failures.is_empty()).then(|| failures.join("; "));
        tracing::info!(recording = %id, failure, "a recording is ready");
        self.settle(&row, RecordingState::Ready, failure.as_deref()).await
    }

    async fn settle(&self, row: &Recording, state: RecordingState, failure: Option<&str>) -> Done {
        let recordings = self.access().store().recordings();
        let written = recordings.set_state(row.org_id, row.id, state, failure, clock().0 / 1000).await;
        self.recording_changed(row.id);
        match written {
            Ok(()) => Done::Yes,
            Err(error @ (StoreError::Unavailable(_) | StoreError::Full(_))) => {
                tracing::warn!(%error, recording = %row.id, "a recording waits for the database");
                Done::Later
            }
            Err(error) => {
                tracing::error!(%error, recording = %row.id, "a recording is not written down");
                Done::Yes
            }
        }
    }
}

/// Whether something was made; what was not is said.
fn made(what: &str, result: Result<bool, String>, failures: &mut Vec<String>) -> bool {
    result.unwrap_or_else(|reason| {
        failures.push(format!("{what} was not made: {reason}"));
        false
    })
}

async fn poster(makers: &Makers, id: RecordingId, vod: &Vod) -> Result<bool, String> {
    if smallest(vod).is_none() {
        return Ok(false);
    }
    let at = vod.summary().duration_ms * POSTER_AT / 100;
    let frame = vod.key_frame(at, POSTER_SIZE.1).await.map_err(|refusal| refusal.to_string())?;
    let picture = makers.transcode.still(frame, POSTER_SIZE.0).await.map_err(said)?;
    makers.recorder.put_processed_bytes(id, POSTER, picture).await.map_err(|error| error.to_string())?;
    Ok(true)
}

async fn storyboard(makers: &Makers, id: RecordingId, vod: &Vod) -> Result<bool, String> {
    let Some(rendition) = smallest(vod) else { return Ok(false) };
    let folder = scratch(makers)?;
    let track = segments(vod, rendition, &folder).await?;
    let duration_ms = vod.summary().duration_ms;
    let every = GRID.every.max(Duration::from_millis(duration_ms) / PICTURES);
    let made = makers.transcode.storyboard(&track, Grid { every, ..GRID }).await.map_err(said)?;
    let put = async |name: &str, bytes| {
        makers.recorder.put_processed_bytes(id, name, bytes).await.map_err(|error| error.to_string())
    };
    let sheets = Sheets {
        duration_ms: duration_ms.min(u64::from(made.pictures) * millis(made.every)),
        every_ms: millis(made.every),
        columns: GRID.columns,
        rows: GRID.rows,
        width: u16::try_from(GRID.width).unwrap_or(u16::MAX),
        height: u16::try_from(GRID.height).unwrap_or(u16::MAX),
        sheets: u32::try_from(made.sheets.len()).unwrap_or(u32::MAX),
    };
    for (number, picture) in (0..).zip(made.sheets) {
        put(&sheet(number), picture).await?;
    }
    let text = serde_json::to_vec(&sheets).map_err(|error| error.to_string())?;
    put(STORYBOARD, text.into()).await?;
    Ok(true)
}

/// The smallest picture of a recording, in which nobody looks for details.
fn smallest(vod: &Vod) -> Option<Rendition> {
    let renditions = vod.summary().renditions;
    let pictures = renditions.iter().map(|rendition| rendition.rendition);
    pictures.rev().find(|rendition| rendition.kind() == MediaKind::Video)
}

/// The files of a rendition, where ffmpeg can read them.
pub(super) async fn segments(
    vod: &Vod,
    rendition: Rendition,
    folder: &TempDir,
) -> Result<Vec<Segment>, String> {
    let files = vod.segment_files(rendition, folder.path()).await.map_err(|error| error.to_string())?;
    let segment = |file: sluice_recorder::SegmentFile| Segment {
        init: file.init,
        media: file.media,
        start: file.start,
        duration: file.duration,
    };
    Ok(files.into_iter().map(segment).collect())
}

/// A folder for files that are needed for a while.
pub(super) fn scratch(makers: &Makers) -> Result<TempDir, String> {
    let within = &makers.config.scratch;
    std::fs::create_dir_all(within)
        .and_then(|()| tempfile::Builder::new().prefix("recording-").tempdir_in(within))
        .map_err(|error| format!("there is no folder for temporary files: {error}"))
}

/// What ffmpeg says, in one line.
pub(super) fn said(error: TranscodeError) -> String {
    let text = error.to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pictures_of_a_seek_bar_are_named_with_what_opens_them() {
        let sheets = Sheets {
            duration_ms: 60_000,
            every_ms: 2000,
            columns: 5,
            rows: 5,
            width: 160,
            height: 90,
            sheets: 2,
        };
        let track = sheets.track("token=abc");
        assert!(track.starts_with("WEBVTT"));
        assert_eq!(track.matches("storyboard-0.jpg?token=abc#xywh=").count(), 25);
        assert_eq!(track.matches("storyboard-1.jpg?token=abc#xywh=").count(), 5);
        assert!(track.contains("#xywh=160,0,160,90"));
    }

    #[test]
    fn a_recording_waits_once() {
        let jobs = Jobs::default();
        let id = RecordingId(uuid::Uuid::from_u128(1));
        jobs.add(id);
        jobs.add(id);
        assert_eq!(jobs.waiting().len(), 1);
    }
}
