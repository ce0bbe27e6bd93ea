//! What changes about a recording.

use sluice_domain::{OrgId, RecordingId, RecordingState, RecordingVisibility};

use super::{Recording, Recordings};
use crate::error::StoreError;
use crate::statement::sql;

/// What people edit about a recording, as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingChange {
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Who finds and watches it.
    pub visibility: RecordingVisibility,
    /// Where it begins for viewers.
    pub trim_start_ms: Option<i64>,
    /// Where it ends for viewers.
    pub trim_end_ms: Option<i64>,
    /// When it goes by itself.
    pub delete_after: Option<i64>,
}

/// What is known of a recording when its broadcast is over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordingNumbers {
    /// When the first picture was captured.
    pub started_at: i64,
    /// When it ended.
    pub ended_at: i64,
    /// How long it is.
    pub duration_ms: i64,
    /// How much is kept.
    pub size_bytes: i64,
    /// Width of the best rendition.
    pub width: Option<i64>,
    /// Height of the best rendition.
    pub height: Option<i64>,
    /// The codec of its picture.
    pub codec: Option<String>,
    /// How often something is missing in it.
    pub gaps: i64,
}

impl Recordings<'_> {
    /// Edits one, if nobody else did since `version`.
    pub async fn update(
        &self,
        org: OrgId,
        id: RecordingId,
        version: i64,
        change: &RecordingChange,
        now: i64,
    ) -> Result<Recording, StoreError> {
        let work = self.db.begin().await?;
        // A file to download is of what was not cut off: after another cut it is made anew.
        let update = sql("UPDATE recordings SET title = $5, description = $6, visibility = $7, \
             has_download = CASE WHEN COALESCE(trim_start_ms, -1) = COALESCE($8, -1) \
             AND COALESCE(trim_end_ms, -1) = COALESCE($9, -1) THEN has_download ELSE 0 END, \
             trim_start_ms = $8, trim_end_ms = $9, delete_after = $10, updated_at = $4, version = version + 1 \
             WHERE org_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL");
        let update = update
            .bind(org)
            .bind(id)
            .bind(version)
            .bind(now)
            .bind(&change.title)
            .bind(&change.description)
            .bind(change.visibility)
            .bind(change.trim_start_ms)
            .bind(change.trim_end_ms)
            .bind(change.delete_after);
        let changed = work.db().write(update).await? > 0;
        let recording = Recordings::new(work.db()).by_id(org, id).await?;
        if !changed {
            return Err(StoreError::Stale);
        }
        work.commit().await?;
        Ok(recording)
    }

    /// Marks one as deleted, if nobody else changed it since `version`; without one in any case. Its files stay
    /// until they are removed.
    pub async fn delete(
        &self,
        org: OrgId,
        id: RecordingId,
        version: Option<i64>,
        now: i64,
    ) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        let there = Recordings::new(work.db()).by_id(org, id).await?;
        let update = sql("UPDATE recordings SET deleted_at = $3, updated_at = $3, version = version + 1 \
             WHERE org_id = $1 AND id = $2 AND version = $4 AND deleted_at IS NULL");
        let update = update.bind(org).bind(id).bind(now).bind(version.unwrap_or(there.version));
        if work.db().write(update).await? == 0 {
            return Err(StoreError::Stale);
        }
        work.commit().await
    }

    /// Takes back that one was deleted; what was to go by itself stays from now on.
    pub async fn restore(&self, org: OrgId, id: RecordingId, now: i64) -> Result<Recording, StoreError> {
        let work = self.db.begin().await?;
        let update = sql("UPDATE recordings SET deleted_at = NULL, delete_after = NULL, updated_at = $3, \
             version = version + 1 WHERE org_id = $1 AND id = $2 AND deleted_at IS NOT NULL");
        let restored = work.db().write(update.bind(org).bind(id).bind(now)).await? > 0;
        if !restored {
            return Err(StoreError::NotFound);
        }
        let recording = Recordings::new(work.db()).by_id(org, id).await?;
        work.commit().await?;
        Ok(recording)
    }

    /// Notes how much there is of one that is being recorded. The version stays: that is no edit.
    pub async fn set_progress(
        &self,
        org: OrgId,
        id: RecordingId,
        size_bytes: i64,
        duration_ms: i64,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE recordings SET size_bytes = $3, duration_ms = $4 \
                          WHERE org_id = $1 AND id = $2 AND state = 'recording'");
        self.db.write(update.bind(org).bind(id).bind(size_bytes).bind(duration_ms)).await.map(drop)
    }

    /// Notes that its broadcast is over, and what there is of it: of one that was given up, too, if it is found
    /// again.
    pub async fn set_ended(
        &self,
        org: OrgId,
        id: RecordingId,
        numbers: &RecordingNumbers,
    ) -> Result<(), StoreError> {
        let update = sql(
            "UPDATE recordings SET state = 'processing', failure = NULL, started_at = $3, ended_at = $4, \
             duration_ms = $5, size_bytes = $6, width = $7, height = $8, codec = $9, gaps = $10 \
             WHERE org_id = $1 AND id = $2 AND state <> 'ready'",
        );
        let update = update
            .bind(org)
            .bind(id)
            .bind(numbers.started_at)
            .bind(numbers.ended_at)
            .bind(numbers.duration_ms)
            .bind(numbers.size_bytes)
            .bind(numbers.width)
            .bind(numbers.height)
            .bind(&numbers.codec)
            .bind(numbers.gaps);
        self.db.write_one(update).await
    }

    /// Notes that nothing more will be made of it: it is ready, or it failed.
    pub async fn set_state(
        &self,
        org: OrgId,
        id: RecordingId,
        state: RecordingState,
        failure: Option<&str>,
        ended_at: i64,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE recordings SET state = $3, failure = $4, \
             ended_at = COALESCE(ended_at, $5) WHERE org_id = $1 AND id = $2");
        self.db.write_one(update.bind(org).bind(id).bind(state).bind(failure).bind(ended_at)).await
    }

    /// Notes which pictures it has.
    pub async fn set_pictures(
        &self,
        org: OrgId,
        id: RecordingId,
        poster: bool,
        storyboard: bool,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE recordings SET has_poster = $3, has_storyboard = $4 \
                          WHERE org_id = $1 AND id = $2");
        self.db.write_one(update.bind(org).bind(id).bind(poster).bind(storyboard)).await
    }

    /// Notes that there is a file to download, of the recording as it was at `version`: of one that was cut in
    /// the meantime there is none yet. Whether it was noted.
    pub async fn set_download(&self, org: OrgId, id: RecordingId, version: i64) -> Result<bool, StoreError> {
        let update = sql("UPDATE recordings SET has_download = 1 \
                          WHERE org_id = $1 AND id = $2 AND version = $3");
        Ok(self.db.write(update.bind(org).bind(id).bind(version)).await? > 0)
    }

    /// Notes how much is kept, after something was added or removed.
    pub async fn set_size(&self, org: OrgId, id: RecordingId, size_bytes: i64) -> Result<(), StoreError> {
        let update = sql("UPDATE recordings SET size_bytes = $3 WHERE org_id = $1 AND id = $2");
        self.db.write_one(update.bind(org).bind(id).bind(size_bytes)).await
    }

    /// Marks as deleted what was to go by itself before `now`, and what is left of streams and accounts that are
    /// gone. How many.
    pub async fn expire(&self, now: i64) -> Result<u64, StoreError> {
        let due = sql("UPDATE recordings SET deleted_at = $1, updated_at = $1, version = version + 1 \
             WHERE deleted_at IS NULL AND delete_after IS NOT NULL AND delete_after <= $1 \
             AND state IN ('ready', 'failed')");
        let due = self.db.write(due.bind(now)).await?;
        let left = sql("UPDATE recordings SET deleted_at = $1, updated_at = $1, version = version + 1 \
             WHERE deleted_at IS NULL AND state IN ('ready', 'failed') AND NOT EXISTS \
             (SELECT 1 FROM streams s JOIN accounts a ON a.org_id = s.org_id AND a.id = s.owner_id \
              WHERE s.org_id = recordings.org_id AND s.id = recordings.stream_id \
              AND s.deleted_at IS NULL AND a.deleted_at IS NULL)");
        Ok(due + self.db.write(left.bind(now)).await?)
    }

    /// Forgets one whose files are gone.
    pub async fn remove(&self, org: OrgId, id: RecordingId) -> Result<(), StoreError> {
        let delete = sql("DELETE FROM recordings WHERE org_id = $1 AND id = $2 AND deleted_at IS NOT NULL");
        self.db.write_one(delete.bind(org).bind(id)).await
    }
}
