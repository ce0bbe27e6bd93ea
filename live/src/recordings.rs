//! Recordings of broadcasts: what is being recorded now, and what becomes of it.
//!
//! ```text
//!  beginning ── Sfu::tap ──▶ pump ──▶ Recorder ──▶ writing (following, notes) ──▶ store
//!      ▲                                  │                  │
//!   State (what is live)                  │                  └──▶ processing (ffmpeg)
//!                                         ├──▶ pictures (live thumbnails)
//!                                         └──▶ window, vod: what is watched
//! ```
//!
//! Nothing here holds up a broadcast: whoever forwards packets knows of a tap with a bounded queue and of
//! nothing else.

mod beginning;
mod converted;
mod download;
mod following;
mod keeping;
mod notes;
mod pictures;
mod processing;
pub(crate) mod rights;
mod watching;
mod writing;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use sluice_domain::{BroadcastId, OrgId, RecordingId, StreamId};
use sluice_recorder::{Recorder, RecorderEvent};
use sluice_transcode::Transcode;
use tokio::sync::{Notify, mpsc};

pub use converted::{CONVERTED, Converted};
pub use download::Download;

use self::notes::Notes;
use self::processing::Jobs;
use crate::live::Live;

/// Settings of recordings.
#[derive(Debug, Clone)]
pub struct RecordingConfig {
    /// How often the picture of a live stream is made anew; none where it is 0.
    pub thumbnails: Duration,
    /// How long a deleted recording can be restored.
    pub undo: Duration,
    /// Where files are that are needed for a while. Best on the disk of the recordings.
    pub scratch: PathBuf,
}

/// What is recorded of a stream that is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunningRecording {
    /// The recording.
    pub id: RecordingId,
    /// How much is kept already.
    pub bytes: i64,
    /// How long it is already, in milliseconds.
    pub duration_ms: i64,
}

/// How long shutdown waits for files that are on their way into the store.
const LAST_FILES: Duration = Duration::from_secs(3);

/// How recording goes on this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecorderHealth {
    /// Whether there is too little room to record.
    pub low: bool,
    /// Bytes that are free on the disk of the spool.
    pub free_bytes: u64,
    /// Broadcasts that can be watched over HLS now.
    pub live: usize,
    /// Recordings that wait to be processed.
    pub waiting: usize,
    /// The ffmpeg that makes pictures and downloads; `None` where there is none.
    pub ffmpeg: Option<String>,
}

/// A broadcast that is written down now.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    pub(crate) org: OrgId,
    pub(crate) broadcast: BroadcastId,
    /// Whether anything of it stays behind its live window.
    pub(crate) kept: bool,
    pub(crate) recording: RunningRecording,
}

/// Who makes recordings, and what is made of them.
#[derive(Debug)]
pub(crate) struct Makers {
    pub(crate) recorder: Recorder,
    pub(crate) transcode: Transcode,
    pub(crate) config: RecordingConfig,
}

/// What is known of recordings that are made now. Held for lookups and updates only, never across an await.
#[derive(Debug, Default)]
pub(crate) struct RecordingTable {
    makers: OnceLock<Makers>,
    running: Mutex<HashMap<StreamId, Running>>,
    /// The newest picture of each stream that is live, as JPEG.
    pictures: Mutex<HashMap<StreamId, (BroadcastId, Bytes)>>,
    /// What is to be written down.
    pub(crate) notes: Notes,
    /// What is to be made.
    pub(crate) jobs: Jobs,
    /// Downloads that are being made.
    downloads: download::Downloads,
    /// A broadcast may have begun.
    begun: Notify,
}

impl RecordingTable {
    /// `None` where nothing is recorded on this node.
    pub(crate) fn makers(&self) -> Option<&Makers> {
        self.makers.get()
    }

    pub(crate) fn running(&self) -> MutexGuard<'_, HashMap<StreamId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn pictures(&self) -> MutexGuard<'_, HashMap<StreamId, (BroadcastId, Bytes)>> {
        self.pictures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happened to a broadcast.
    pub(crate) fn moved(&self) {
        self.begun.notify_one();
    }

    /// Nothing more of a recording is kept. Its broadcast may go on, and with it its live window.
    fn stopped(&self, recording: RecordingId) {
        let mut running = self.running();
        if let Some(running) = running.values_mut().find(|running| running.recording.id == recording) {
            running.kept = false;
        }
    }
}

impl Live {
    /// Records from now on what is live, and what will be. Must be called once, within a tokio runtime.
    pub fn record(
        &self,
        recorder: Recorder,
        events: mpsc::Receiver<RecorderEvent>,
        transcode: Transcode,
        config: RecordingConfig,
    ) {
        let makers = Makers { recorder, transcode, config };
        if self.recording_table().makers.set(makers).is_err() {
            return tracing::error!("a second recorder is not used");
        }
        self.spawn(beginning::run(self.clone(), self.stopping()));
        self.spawn(writing::run(self.clone(), events, self.stopping()));
        self.spawn(processing::run(self.clone(), self.stopping()));
        self.spawn(pictures::run(self.clone(), self.stopping()));
        self.spawn(keeping::run(self.clone(), self.stopping()));
    }

    /// Ends what is being recorded, because the node shuts down. What is not stored by then is stored by the
    /// next start.
    pub(crate) async fn end_recordings(&self) {
        if let Some(makers) = self.recording_table().makers() {
            makers.recorder.shutdown(LAST_FILES).await;
        }
    }

    /// How recording goes; `None` where nothing is recorded on this node.
    pub fn recorder_health(&self) -> Option<RecorderHealth> {
        let table = self.recording_table();
        let makers = table.makers()?;
        let usage = makers.recorder.usage();
        Some(RecorderHealth {
            low: usage.low,
            free_bytes: usage.free_bytes,
            live: usage.live,
            waiting: table.jobs.len(),
            ffmpeg: makers.transcode.version().map(str::to_owned),
        })
    }

    /// What is recorded of a stream now; `None` where nothing is, or nothing of it is kept.
    pub fn recording(&self, stream: StreamId) -> Option<RunningRecording> {
        let running = self.recording_table().running();
        running.get(&stream).filter(|running| running.kept).map(|running| running.recording)
    }

    /// Whether there is a picture of what a stream shows now.
    pub fn has_picture(&self, stream: StreamId) -> bool {
        self.recording_table().pictures().contains_key(&stream)
    }

    /// What a stream shows now, or showed some seconds ago, as JPEG.
    pub fn picture(&self, stream: StreamId) -> Option<Bytes> {
        self.recording_table().pictures().get(&stream).map(|(_, picture)| picture.clone())
    }
}
