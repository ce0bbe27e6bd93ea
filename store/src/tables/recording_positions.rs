//! How far people have watched recordings.

use sluice_domain::{AccountId, OrgId, RecordingId};

use crate::error::StoreError;
use crate::statement::sql;
use crate::tables::table;

table! {
    /// How far people have watched recordings.
    pub struct RecordingPositions;
}

impl RecordingPositions<'_> {
    /// How far an account has watched a recording, in milliseconds.
    pub async fn of(
        &self,
        org: OrgId,
        account: AccountId,
        recording: RecordingId,
    ) -> Result<Option<i64>, StoreError> {
        let found = sql("SELECT position_ms FROM recording_positions \
                         WHERE org_id = $1 AND account_id = $2 AND recording_id = $3");
        let found = self.db.first::<(i64,)>(found.bind(org).bind(account).bind(recording)).await?;
        Ok(found.map(|(position,)| position))
    }

    /// Notes how far an account has watched a recording.
    pub async fn set(
        &self,
        org: OrgId,
        account: AccountId,
        recording: RecordingId,
        position_ms: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        let set = sql("INSERT INTO recording_positions \
             (org_id, account_id, recording_id, position_ms, updated_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (org_id, account_id, recording_id) DO UPDATE SET \
             position_ms = excluded.position_ms, updated_at = excluded.updated_at");
        let set = set.bind(org).bind(account).bind(recording).bind(position_ms).bind(now);
        self.db.write(set).await.map(drop)
    }

    /// Forgets how far an account has watched. How many recordings that concerns.
    pub async fn clear(&self, org: OrgId, account: AccountId) -> Result<u64, StoreError> {
        let delete = sql("DELETE FROM recording_positions WHERE org_id = $1 AND account_id = $2");
        self.db.write(delete.bind(org).bind(account)).await
    }
}
