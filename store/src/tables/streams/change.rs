//! What changes about a stream.

use std::fmt;

use sluice_domain::{AccessLevel, AssetId, BroadcastId, CategoryId, Maturity, OrgId, StreamId};

use super::{Stream, Streams};
use crate::error::StoreError;
use crate::statement::sql;
use crate::tables::stream_tags::StreamTags;
use crate::tables::stream_words;

/// What the owner of a stream edits, as a whole.
#[derive(Clone, PartialEq)]
pub struct StreamChange {
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// What it is sorted by.
    pub category_id: Option<CategoryId>,
    /// Words it is found by.
    pub tags: Vec<String>,
    /// Who may watch.
    pub access: AccessLevel,
    /// How its password is checked, if it has one.
    pub password_hash: Option<String>,
    /// From what age on it is meant to be watched.
    pub maturity: Maturity,
    /// The language that is spoken.
    pub language: Option<String>,
    /// When it is to begin.
    pub scheduled_start: Option<i64>,
}

/// Without the hash of its password.
impl fmt::Debug for StreamChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("StreamChange");
        shown.field("title", &self.title).field("tags", &self.tags).field("access", &self.access);
        shown.finish_non_exhaustive()
    }
}

impl Streams<'_> {
    /// Edits a stream and its tags, if nobody else did since `version`.
    pub async fn update(
        &self,
        org: OrgId,
        id: StreamId,
        version: i64,
        change: &StreamChange,
        now: i64,
    ) -> Result<Stream, StoreError> {
        let work = self.db.begin().await?;
        let streams = Streams::new(work.db());
        let update = sql("UPDATE streams SET title = $5, description = $6, category_id = $7, access = $8, \
             password_hash = $9, maturity = $10, language = $11, scheduled_start = $12, updated_at = $4, \
             version = version + 1 WHERE org_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL");
        let update = update
            .bind(org)
            .bind(id)
            .bind(version)
            .bind(now)
            .bind(&change.title)
            .bind(&change.description)
            .bind(change.category_id)
            .bind(change.access)
            .bind(&change.password_hash)
            .bind(change.maturity)
            .bind(&change.language)
            .bind(change.scheduled_start);
        if work.db().write(update).await? == 0 {
            streams.by_id(org, id).await?;
            return Err(StoreError::Stale);
        }
        StreamTags::new(work.db()).replace(org, id, &change.tags).await?;
        stream_words::index(work.db(), org, id).await?;
        let stream = streams.by_id(org, id).await?;
        work.commit().await?;
        Ok(stream)
    }

    /// Sets or removes the picture.
    pub async fn set_thumbnail(
        &self,
        org: OrgId,
        id: StreamId,
        asset: Option<AssetId>,
        now: i64,
    ) -> Result<(), StoreError> {
        let update =
            sql("UPDATE streams SET thumbnail_asset_id = $3, updated_at = $4, version = version + 1 \
                          WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL");
        self.db.write_one(update.bind(org).bind(id).bind(asset).bind(now)).await
    }

    /// Marks a stream as deleted, if nobody else changed it since `version`; without one in any case. Its
    /// name is free from then on, and its keys are worthless.
    pub async fn delete(
        &self,
        org: OrgId,
        id: StreamId,
        version: Option<i64>,
        now: i64,
    ) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        let db = work.db();
        let streams = Streams::new(db);
        let there = streams.by_id(org, id).await?;
        let update = sql("UPDATE streams SET deleted_at = $3, updated_at = $3, version = version + 1, \
             live_broadcast_id = NULL, live_since = NULL, viewers = 0, featured_position = NULL \
             WHERE org_id = $1 AND id = $2 AND version = $4 AND deleted_at IS NULL");
        let update = update.bind(org).bind(id).bind(now).bind(version.unwrap_or(there.version));
        if db.write(update).await? == 0 {
            return Err(StoreError::Stale);
        }
        let keys = sql("UPDATE stream_keys SET revoked_at = $3 \
                        WHERE org_id = $1 AND stream_id = $2 AND revoked_at IS NULL");
        db.write(keys.bind(org).bind(id).bind(now)).await?;
        let words = sql("DELETE FROM stream_words WHERE org_id = $1 AND stream_id = $2");
        db.write(words.bind(org).bind(id)).await?;
        work.commit().await
    }

    /// Notes that a broadcast began. The version stays: going live is no edit.
    pub async fn set_live(
        &self,
        org: OrgId,
        id: StreamId,
        broadcast: BroadcastId,
        since: i64,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE streams SET live_broadcast_id = $3, live_since = $4, viewers = 0 \
                          WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL");
        self.db.write_one(update.bind(org).bind(id).bind(broadcast).bind(since)).await
    }

    /// Notes how many watch the broadcast.
    pub async fn set_viewers(
        &self,
        org: OrgId,
        id: StreamId,
        broadcast: BroadcastId,
        viewers: i64,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE streams SET viewers = $4 \
                          WHERE org_id = $1 AND id = $2 AND live_broadcast_id = $3 AND viewers <> $4");
        self.db.write(update.bind(org).bind(id).bind(broadcast).bind(viewers)).await.map(drop)
    }

    /// Notes that the broadcast ended, unless another one began since.
    pub async fn set_offline(
        &self,
        org: OrgId,
        id: StreamId,
        broadcast: BroadcastId,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE streams SET live_broadcast_id = NULL, live_since = NULL, viewers = 0 \
                          WHERE org_id = $1 AND id = $2 AND live_broadcast_id = $3");
        self.db.write(update.bind(org).bind(id).bind(broadcast)).await.map(drop)
    }

    /// Notes that nothing is live: what a node does that starts after it did not stop in order. How many were.
    pub async fn set_all_offline(&self) -> Result<u64, StoreError> {
        let update = sql("UPDATE streams SET live_broadcast_id = NULL, live_since = NULL, viewers = 0 \
                          WHERE live_broadcast_id IS NOT NULL OR live_since IS NOT NULL OR viewers <> 0");
        self.db.write(update).await
    }

    /// Shows these first, in this order, and no others.
    pub async fn set_featured(&self, org: OrgId, ids: &[StreamId]) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        let clear = sql("UPDATE streams SET featured_position = NULL \
                         WHERE org_id = $1 AND featured_position IS NOT NULL");
        work.db().write(clear.bind(org)).await?;
        for (position, id) in (1_i64..).zip(ids) {
            let set = sql("UPDATE streams SET featured_position = $3 \
                           WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL");
            work.db().write_one(set.bind(org).bind(id).bind(position)).await?;
        }
        work.commit().await
    }

    /// The ones that are shown first, in their order.
    pub async fn featured(&self, org: OrgId) -> Result<Vec<Stream>, StoreError> {
        let found = crate::statement::select::<Stream>(
            "WHERE org_id = $1 AND featured_position IS NOT NULL AND deleted_at IS NULL \
             ORDER BY featured_position",
        );
        self.db.all(found.bind(org)).await
    }
}
