//! How long recordings are kept: what is due goes, and what was deleted long enough ago loses its files.

use std::time::Duration;

use sluice_store::StoreError;
use tokio_util::sync::CancellationToken;

use crate::live::{Live, clock};

/// How often what is due is looked for. Files that go an hour late cost an hour of space.
const ROUND: Duration = Duration::from_secs(600);

/// How long after the start the first round begins, so that a node that starts has its first moments to itself.
const FIRST: Duration = Duration::from_secs(30);

/// Recordings whose files are removed in one go.
const AT_ONCE: u32 = 50;

pub(super) async fn run(live: Live, stop: CancellationToken) {
    let mut wait = FIRST;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = ROUND;
        if let Err(error) = live.keep_house().await {
            tracing::warn!(%error, "recordings that are due stay for now");
        }
    }
}

impl Live {
    /// Lets go what is due.
    pub(crate) async fn keep_house(&self) -> Result<(), StoreError> {
        let Some(makers) = self.recording_table().makers() else { return Ok(()) };
        let now = clock().0 / 1000;
        let recordings = self.access().store().recordings();
        let expired = recordings.expire(now).await?;
        if expired > 0 {
            tracing::info!(expired, "recordings went by themselves");
        }
        let undo = i64::try_from(makers.config.undo.as_millis()).unwrap_or(i64::MAX);
        for gone in recordings.removable(now.saturating_sub(undo), AT_ONCE).await? {
            // The files first: a row says that there may be some.
            match makers.recorder.delete(gone.id).await {
                Ok(true) => recordings.remove(gone.org_id, gone.id).await?,
                // Somebody still watches the end of it.
                Ok(false) => continue,
                Err(error) => {
                    tracing::warn!(%error, recording = %gone.id, "the files of a recording stay for now");
                    continue;
                }
            }
            self.recording_changed(gone.id);
            tracing::info!(recording = %gone.id, "a recording was removed");
        }
        Ok(())
    }
}
