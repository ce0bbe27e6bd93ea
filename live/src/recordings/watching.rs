//! What is watched over HLS and DASH: the window of a live stream, and recordings with what was made of them.

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use sluice_domain::{BroadcastId, Codec, RecordingState, StreamId};
use sluice_recorder::{HlsRefusal, LiveWindow, StoreError, Trim, Vod};

use super::converted::{Converted, index, unplayable};
use super::processing::{NOT_READY_RETRY, STORYBOARD, Sheets};
use crate::error::LiveError;
use crate::live::Live;
use crate::playing::Replay;

impl Live {
    /// What can be watched of a stream over HLS now, and a little after its broadcast has ended.
    ///
    /// # Errors
    /// When there is nothing.
    pub fn window(&self, stream: StreamId) -> Result<(BroadcastId, LiveWindow), LiveError> {
        let nothing = LiveError::Hls(HlsRefusal::NotLive);
        let table = self.recording_table();
        let broadcast = table.running().get(&stream).map(|running| running.broadcast);
        let (Some(makers), Some(broadcast)) = (table.makers(), broadcast) else { return Err(nothing) };
        let window = makers.recorder.live(broadcast).ok_or(nothing)?;
        // Its sound alone would be no answer to who wants to see it.
        if self.stream(stream).is_some_and(|status| status.codec == Some(Codec::Vp8)) {
            return Err(LiveError::Hls(HlsRefusal::CodecUnsupported));
        }
        Ok((broadcast, window))
    }

    /// The pictures of a recording in the place of those that no player takes; `None` where players take what
    /// was recorded.
    ///
    /// # Errors
    /// When they are not made, or the store is away.
    pub async fn converted(&self, replay: &Replay, vod: &Vod) -> Result<Option<Converted>, LiveError> {
        if unplayable(&vod.summary()).is_none() {
            return Ok(None);
        }
        let unsupported = LiveError::Hls(HlsRefusal::CodecUnsupported);
        match self.made(replay, &index()).await {
            Ok(bytes) => Converted::read(&bytes).map(Some).ok_or(unsupported),
            Err(LiveError::Hls(HlsRefusal::Unknown)) => Err(unsupported),
            Err(error) => Err(error),
        }
    }

    /// What can be watched of a recording.
    ///
    /// # Errors
    /// When it is still being recorded, there is nothing of it, or its store is away.
    pub async fn vod(&self, replay: &Replay) -> Result<Vod, LiveError> {
        let recording = &replay.recording;
        let makers = self.recording_table().makers().ok_or(LiveError::UnknownRecording)?;
        match recording.state {
            RecordingState::Recording => return Err(LiveError::RecordingNotReady { wait: NOT_READY_RETRY }),
            RecordingState::Failed => return Err(LiveError::Hls(HlsRefusal::Unknown)),
            RecordingState::Processing | RecordingState::Ready => {}
        }
        let trim = trim(recording.trim_start_ms, recording.trim_end_ms);
        makers.recorder.vod(recording.id, trim).await.map_err(LiveError::Hls)
    }

    /// A file that was made of a recording.
    ///
    /// # Errors
    /// When there is none of that name, or the store is away.
    pub async fn made(&self, replay: &Replay, name: &str) -> Result<Bytes, LiveError> {
        let makers = self.recording_table().makers().ok_or(LiveError::UnknownRecording)?;
        let object = makers.recorder.processed(replay.recording.id, name, None).await.map_err(of_store)?;
        let parts: Vec<Bytes> =
            object.body.try_collect().await.map_err(|error| of_store(StoreError::File(error)))?;
        Ok(parts.concat().into())
    }

    /// The text that says which picture of the seek bar is where. Its times are those of the whole recording.
    ///
    /// # Errors
    /// When there is none, or the store is away.
    pub async fn storyboard(&self, replay: &Replay, query: &str) -> Result<String, LiveError> {
        let sheets = self.made(replay, STORYBOARD).await?;
        let sheets: Sheets = serde_json::from_slice(&sheets).map_err(|error| {
            tracing::error!(%error, recording = %replay.recording.id, "a storyboard cannot be read");
            LiveError::Hls(HlsRefusal::Unknown)
        })?;
        Ok(sheets.track(query))
    }
}

pub(super) fn trim(start_ms: Option<i64>, end_ms: Option<i64>) -> Trim {
    let unsigned = |ms: i64| u64::try_from(ms).unwrap_or(0);
    Trim { start_ms: start_ms.map(unsigned), end_ms: end_ms.map(unsigned) }
}

/// What the store of recordings refuses.
pub(super) fn of_store(error: StoreError) -> LiveError {
    match error {
        StoreError::Missing { .. } | StoreError::Name { .. } => LiveError::Hls(HlsRefusal::Unknown),
        StoreError::Range { size } => LiveError::Hls(HlsRefusal::Range { size }),
        error => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the store of recordings is away");
            LiveError::Hls(HlsRefusal::Away)
        }
    }
}
