//! What the recorder says of recordings becomes what people see and what is written down.

use sluice_domain::RecordingId;
use sluice_recorder::{RecorderEvent, Summary};
use sluice_store::RecordingNumbers;

use super::notes::Note;
use crate::live::Live;

impl Live {
    pub(super) fn take_in_recording(&self, event: RecorderEvent) {
        let table = self.recording_table();
        match event {
            RecorderEvent::Progress { recording, bytes, duration_ms } => {
                let mut running = table.running();
                let found = running.values_mut().find(|running| running.recording.id == recording);
                if let Some(running) = found {
                    running.recording.bytes = signed(bytes);
                    running.recording.duration_ms = signed(duration_ms);
                }
            }
            RecorderEvent::Ended { recording, summary } => {
                tracing::info!(%recording, duration_ms = summary.duration_ms, "a recording has ended");
                self.ended(recording, &summary);
            }
            RecorderEvent::Recovered { recording, summary } => {
                tracing::warn!(%recording, duration_ms = summary.duration_ms, "a recording was recovered");
                self.ended(recording, &summary);
            }
            RecorderEvent::Failed { recording, reason } => {
                let reason = reason.as_str();
                tracing::warn!(%recording, reason, "a recording failed");
                table.stopped(recording);
                table.notes.add(Note::Failed(recording, reason.to_owned()));
            }
            // The recorder says it in the log, and whoever asks sees it in its usage.
            RecorderEvent::StorageLow { .. } | RecorderEvent::StorageOk { .. } => {}
        }
    }

    fn ended(&self, recording: RecordingId, summary: &Summary) {
        let table = self.recording_table();
        table.stopped(recording);
        table.notes.add(Note::Ended(recording, numbers(summary)));
    }
}

/// What a recorder says of a recording, as it is written down.
pub(super) fn numbers(summary: &Summary) -> RecordingNumbers {
    // The largest picture comes first, and sound is what is left where there is none.
    let best = summary.renditions.first();
    let size = best.and_then(|best| best.size);
    let codec = best.and_then(|best| serde_json::to_value(best.codec).ok());
    RecordingNumbers {
        started_at: summary.started.0.div_euclid(1000),
        ended_at: summary.ended.0.div_euclid(1000),
        duration_ms: signed(summary.duration_ms),
        size_bytes: signed(summary.bytes),
        width: size.map(|(width, _)| i64::from(width)),
        height: size.map(|(_, height)| i64::from(height)),
        codec: codec.and_then(|codec| codec.as_str().map(str::to_owned)),
        gaps: signed(summary.gaps),
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
