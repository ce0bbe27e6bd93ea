//! Takes in what the recorder says, and writes it down beside everything else: nothing waits for it.

use std::time::Duration;

use sluice_domain::{RecordingId, RecordingState};
use sluice_recorder::{RecorderEvent, Trim};
use sluice_store::{Recording, StoreError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Makers;
use super::notes::Note;
use crate::live::{Live, clock};

/// How often the size of what is being recorded is written, which people see who do not ask this node.
const PROGRESS: Duration = Duration::from_secs(10);

/// How long to wait after the database refused.
const BACKOFF: Duration = Duration::from_secs(2);

/// How long shutdown waits for the last notes.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How long a recorder has to say what it found of an earlier run, before what it did not find is given up.
const SEARCH: Duration = Duration::from_secs(30);

/// What is said of a recording of which no file is there.
const NOTHING_KEPT: &str = "nothing of it was kept";

pub(super) async fn run(live: Live, mut events: mpsc::Receiver<RecorderEvent>, stop: CancellationToken) {
    let Some(mut left) = left_over(&live, &stop).await else { return };
    let search = tokio::time::sleep(SEARCH);
    tokio::pin!(search);
    let mut progress = tokio::time::interval(PROGRESS);
    loop {
        let wait = match write_due(&live).await {
            Ok(()) => None,
            Err(error) => {
                tracing::warn!(%error, "recordings cannot be written down now; trying again");
                Some(BACKOFF)
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            Some(event) = events.recv() => live.take_in_recording(event),
            () = tokio::time::sleep(wait.unwrap_or(BACKOFF)), if wait.is_some() => {}
            () = live.recording_table().notes.added(), if wait.is_none() => {}
            _ = progress.tick() => live.write_progress().await,
            () = &mut search, if !left.is_empty() => {
                for id in std::mem::take(&mut left) {
                    live.give_up_or_find(id).await;
                }
            }
        }
    }
    // The recorder has ended before, so that all that it said is here.
    while let Ok(event) = events.try_recv() {
        live.take_in_recording(event);
    }
    if !matches!(tokio::time::timeout(LAST_WORDS, write_due(&live)).await, Ok(Ok(()))) {
        tracing::warn!("the last recordings could not be written down; the next start finds them");
    }
}

/// What an earlier run left: what was being made goes on, and what was being recorded is given back.
async fn left_over(live: &Live, stop: &CancellationToken) -> Option<Vec<RecordingId>> {
    let started = clock().0 / 1000;
    let unfinished = loop {
        match live.access().store().recordings().unfinished().await {
            Ok(unfinished) => break unfinished,
            Err(error) => tracing::warn!(%error, "what an earlier run left is not known yet"),
        }
        tokio::select! {
            () = stop.cancelled() => return None,
            () = tokio::time::sleep(BACKOFF) => {}
        }
    };
    let mut left = Vec::new();
    for recording in unfinished.into_iter().filter(|recording| recording.created_at < started) {
        match recording.state {
            RecordingState::Processing => live.recording_table().jobs.add(recording.id),
            RecordingState::Recording => left.push(recording.id),
            RecordingState::Ready | RecordingState::Failed => {}
        }
    }
    Some(left)
}

async fn write_due(live: &Live) -> Result<(), StoreError> {
    let notes = &live.recording_table().notes;
    while let Some(note) = notes.first() {
        match live.write(&note).await {
            Ok(()) => {}
            // Later it may succeed, and what ended first is written first.
            Err(error @ (StoreError::Unavailable(_) | StoreError::Full(_))) => return Err(error),
            // Nothing of it was to be kept, or it is written already.
            Err(StoreError::NotFound) => {
                tracing::debug!(recording = %note.recording(), "a recording without a row");
            }
            Err(error) => {
                tracing::error!(%error, recording = %note.recording(), "a recording is not written down");
            }
        }
        notes.done(&note);
    }
    Ok(())
}

impl Live {
    async fn write(&self, note: &Note) -> Result<(), StoreError> {
        let recordings = self.access().store().recordings();
        let row = recordings.find(note.recording()).await?.ok_or(StoreError::NotFound)?;
        match note {
            Note::Ended(id, numbers) => {
                recordings.set_ended(row.org_id, *id, numbers).await?;
                self.recording_table().jobs.add(*id);
            }
            Note::Failed(id, reason) => {
                let now = clock().0 / 1000;
                recordings.set_state(row.org_id, *id, RecordingState::Failed, Some(reason), now).await?;
            }
        }
        self.recording_changed(note.recording());
        Ok(())
    }

    async fn write_progress(&self) {
        let running: Vec<_> = self.recording_table().running().values().cloned().collect();
        for running in running.into_iter().filter(|running| running.kept) {
            let now = running.recording;
            let recordings = self.access().store().recordings();
            let written = recordings.set_progress(running.org, now.id, now.bytes, now.duration_ms).await;
            if let Err(error) = written {
                return tracing::debug!(%error, "the size of a recording is not written");
            }
        }
    }

    /// A recording that an earlier run left and the recorder did not find in its spool: it is in the store, or
    /// nowhere.
    async fn give_up_or_find(&self, id: RecordingId) {
        let Some(makers) = self.recording_table().makers() else { return };
        let recordings = self.access().store().recordings();
        match recordings.find(id).await {
            Ok(Some(Recording { state: RecordingState::Recording, .. })) => {}
            // It was found, or is gone.
            Ok(_) => return,
            Err(error) => return tracing::warn!(%error, recording = %id, "a recording is left as it is"),
        }
        let note = match found(makers, id).await {
            Some(summary) => Note::Ended(id, super::following::numbers(&summary)),
            None => Note::Failed(id, NOTHING_KEPT.to_owned()),
        };
        self.recording_table().notes.add(note);
    }
}

async fn found(makers: &Makers, id: RecordingId) -> Option<sluice_recorder::Summary> {
    let vod = makers.recorder.vod(id, Trim::default()).await.ok()?;
    Some(vod.summary())
}
