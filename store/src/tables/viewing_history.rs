//! What accounts have watched.

use sluice_domain::{AccountId, BroadcastId, OrgId, StreamId, ViewingId};

use crate::error::StoreError;
use crate::page::{Cursor, Listed, Page};
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// One time that an account watched a stream.
    pub struct Viewing in "viewing_history" {
        /// Its id.
        pub id: ViewingId,
        /// The organisation.
        pub org_id: OrgId,
        /// Who watched.
        pub account_id: AccountId,
        /// The stream.
        pub stream_id: StreamId,
        /// The broadcast, if it was live.
        pub broadcast_id: Option<BroadcastId>,
        /// When it began.
        pub started_at: i64,
        /// When it ended.
        pub ended_at: Option<i64>,
        /// How long, in seconds.
        pub duration_watched: i64,
        /// In which quality.
        pub quality_level: Option<String>,
        /// On what.
        pub device_type: Option<String>,
        /// Why it ended.
        pub exit_reason: Option<String>,
        /// How much of it was looked at, from 0 to 1.
        pub engagement_score: f64,
    }
}

/// How far somebody has watched.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ViewingProgress {
    /// How long, in seconds.
    pub duration_watched: i64,
    /// In which quality.
    pub quality_level: Option<String>,
    /// How much of it was looked at, from 0 to 1.
    pub engagement_score: f64,
}

table! {
    /// What accounts have watched.
    pub struct ViewingHistory;
}

impl ViewingHistory<'_> {
    /// Adds one.
    pub async fn create(&self, viewing: &Viewing) -> Result<(), StoreError> {
        self.db.insert(viewing).await
    }

    /// Notes how far an account has watched. What has ended stays as it is.
    pub async fn set_progress(
        &self,
        org: OrgId,
        account: AccountId,
        id: ViewingId,
        progress: &ViewingProgress,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE viewing_history SET duration_watched = $4, \
             quality_level = COALESCE($5, quality_level), engagement_score = $6 \
             WHERE org_id = $1 AND account_id = $2 AND id = $3 AND ended_at IS NULL");
        let update = update
            .bind(org)
            .bind(account)
            .bind(id)
            .bind(progress.duration_watched)
            .bind(&progress.quality_level)
            .bind(progress.engagement_score);
        self.db.write_one(update).await
    }

    /// Notes that an account stopped watching.
    pub async fn end(
        &self,
        org: OrgId,
        account: AccountId,
        id: ViewingId,
        reason: Option<&str>,
        now: i64,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE viewing_history SET ended_at = $5, exit_reason = $4 \
             WHERE org_id = $1 AND account_id = $2 AND id = $3 AND ended_at IS NULL");
        self.db.write_one(update.bind(org).bind(account).bind(id).bind(reason).bind(now)).await
    }

    /// What an account has watched, newest first, in pages.
    pub async fn list(
        &self,
        org: OrgId,
        account: AccountId,
        page: &Page,
    ) -> Result<Listed<Viewing>, StoreError> {
        let found = match &page.after {
            None => select::<Viewing>("WHERE org_id = $1 AND account_id = $2 ORDER BY id DESC LIMIT $3")
                .bind(org)
                .bind(account)
                .bind(page.fetched()),
            Some(after) => select::<Viewing>(
                "WHERE org_id = $1 AND account_id = $2 AND id < $4 ORDER BY id DESC LIMIT $3",
            )
            .bind(org)
            .bind(account)
            .bind(page.fetched())
            .bind(after.id),
        };
        let found = self.db.all(found).await?;
        Ok(Listed::of(found, page, |viewing: &Viewing| Cursor::new("", viewing.id.0)))
    }

    /// Forgets what an account has watched. How much.
    pub async fn clear(&self, org: OrgId, account: AccountId) -> Result<u64, StoreError> {
        let delete = sql("DELETE FROM viewing_history WHERE org_id = $1 AND account_id = $2");
        self.db.write(delete.bind(org).bind(account)).await
    }

    /// Forgets what began before `before`. How much.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        self.db.write(sql("DELETE FROM viewing_history WHERE started_at < $1").bind(before)).await
    }
}
