//! Recordings of broadcasts: what is being recorded now, and what becomes of it.

pub(crate) mod rights;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use sluice_domain::{BroadcastId, RecordingId, StreamId};

use crate::live::Live;

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

/// A broadcast that is written down now.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    /// Whether anything of it stays behind its live window.
    pub(crate) kept: bool,
    pub(crate) recording: RunningRecording,
}

/// What is known of recordings that are made now. Held for lookups and updates only, never across an await.
#[derive(Debug, Default)]
pub(crate) struct RecordingTable {
    running: Mutex<HashMap<StreamId, Running>>,
    /// The newest picture of each stream that is live, as JPEG.
    pictures: Mutex<HashMap<StreamId, (BroadcastId, Bytes)>>,
}

impl RecordingTable {
    pub(crate) fn running(&self) -> MutexGuard<'_, HashMap<StreamId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn pictures(&self) -> MutexGuard<'_, HashMap<StreamId, (BroadcastId, Bytes)>> {
        self.pictures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
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
