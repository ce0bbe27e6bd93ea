//! Broadcasts: the live runs of streams, and what is known of them afterwards.

use serde_json::Value;
use sluice_domain::{AccountId, BroadcastId, CategoryId, OrgId, StreamId};

use crate::error::StoreError;
use crate::page::{Cursor, Listed, Page};
use crate::statement::{Record, composed, record, select, sql};
use crate::tables::table;

record! {
    /// One live run of a stream.
    pub struct Broadcast in "broadcasts" {
        /// Its id.
        pub id: BroadcastId,
        /// The organisation.
        pub org_id: OrgId,
        /// The stream.
        pub stream_id: StreamId,
        /// When its publisher connected.
        pub started_at: i64,
        /// When the first picture came.
        pub live_at: Option<i64>,
        /// When it ended.
        pub ended_at: Option<i64>,
        /// Why it ended.
        pub end_reason: Option<String>,
        /// What the stream was called.
        pub title: String,
        /// What the stream was sorted by.
        pub category_id: Option<CategoryId>,
        /// Who published: a key or an account.
        pub publisher: String,
        /// The codec of its picture.
        pub codec: Option<String>,
        /// How many watched at most at once.
        pub peak_viewers: i64,
        /// How often somebody began to watch.
        pub joins: i64,
        /// How long all viewers together watched.
        pub watch_seconds: i64,
        /// What was measured.
        pub metrics_json: Value,
        /// What went wrong.
        pub errors_json: Value,
    }
}

/// What is known of a broadcast while it runs and when it has ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BroadcastNumbers {
    /// How many watched at most at once.
    pub peak_viewers: i64,
    /// How often somebody began to watch.
    pub joins: i64,
    /// How long all viewers together watched.
    pub watch_seconds: i64,
    /// What was measured.
    pub metrics_json: Value,
    /// What went wrong.
    pub errors_json: Value,
}

table! {
    /// The broadcasts.
    pub struct Broadcasts;
}

impl Broadcasts<'_> {
    /// Adds one.
    pub async fn create(&self, broadcast: &Broadcast) -> Result<(), StoreError> {
        self.db.insert(broadcast).await
    }

    /// The one with this id.
    pub async fn by_id(&self, org: OrgId, id: BroadcastId) -> Result<Broadcast, StoreError> {
        let found = select::<Broadcast>("WHERE org_id = $1 AND id = $2").bind(org).bind(id);
        self.db.first(found).await?.ok_or(StoreError::NotFound)
    }

    /// Those of a stream, newest first, in pages.
    pub async fn list(
        &self,
        org: OrgId,
        stream: StreamId,
        page: &Page,
    ) -> Result<Listed<Broadcast>, StoreError> {
        let found = match &page.after {
            None => select::<Broadcast>("WHERE org_id = $1 AND stream_id = $2 ORDER BY id DESC LIMIT $3")
                .bind(org)
                .bind(stream)
                .bind(page.fetched()),
            Some(after) => select::<Broadcast>(
                "WHERE org_id = $1 AND stream_id = $2 AND id < $4 ORDER BY id DESC LIMIT $3",
            )
            .bind(org)
            .bind(stream)
            .bind(page.fetched())
            .bind(after.id),
        };
        let found = self.db.all(found).await?;
        Ok(Listed::of(found, page, |broadcast: &Broadcast| Cursor::new("", broadcast.id.0)))
    }

    /// The newest that have ended of those streams of an account which anybody may find.
    pub async fn recent_of_owner(
        &self,
        org: OrgId,
        owner: AccountId,
        limit: u32,
    ) -> Result<Vec<Broadcast>, StoreError> {
        let found = composed(format!(
            "SELECT {} FROM broadcasts b JOIN streams s ON s.org_id = b.org_id AND s.id = b.stream_id \
             WHERE b.org_id = $1 AND s.owner_id = $2 AND s.deleted_at IS NULL \
             AND s.access NOT IN ('unlisted', 'private') AND b.ended_at IS NOT NULL \
             ORDER BY b.id DESC LIMIT $3",
            Broadcast::columns(Some("b"))
        ));
        self.db.all(found.bind(org).bind(owner).bind(i64::from(limit))).await
    }

    /// Notes that the first picture came.
    pub async fn set_live(
        &self,
        org: OrgId,
        id: BroadcastId,
        codec: Option<&str>,
        now: i64,
    ) -> Result<(), StoreError> {
        let update =
            sql("UPDATE broadcasts SET live_at = COALESCE(live_at, $4), codec = COALESCE($3, codec) \
                          WHERE org_id = $1 AND id = $2 AND ended_at IS NULL");
        self.db.write_one(update.bind(org).bind(id).bind(codec).bind(now)).await
    }

    /// Notes the numbers of one that runs, so that a node that dies does not take them along.
    pub async fn set_numbers(
        &self,
        org: OrgId,
        id: BroadcastId,
        numbers: &BroadcastNumbers,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE broadcasts SET peak_viewers = $3, joins = $4, watch_seconds = $5, \
             metrics_json = $6, errors_json = $7 WHERE org_id = $1 AND id = $2");
        let update = update
            .bind(org)
            .bind(id)
            .bind(numbers.peak_viewers)
            .bind(numbers.joins)
            .bind(numbers.watch_seconds)
            .bind(&numbers.metrics_json)
            .bind(&numbers.errors_json);
        self.db.write_one(update).await
    }

    /// Notes that it ended, with its last numbers. Whether it had not ended before.
    pub async fn end(
        &self,
        org: OrgId,
        id: BroadcastId,
        reason: &str,
        numbers: &BroadcastNumbers,
        now: i64,
    ) -> Result<bool, StoreError> {
        let work = self.db.begin().await?;
        let update = sql("UPDATE broadcasts SET ended_at = $4, end_reason = $3 \
                          WHERE org_id = $1 AND id = $2 AND ended_at IS NULL");
        let ended = work.db().write(update.bind(org).bind(id).bind(reason).bind(now)).await? > 0;
        if ended {
            Broadcasts::new(work.db()).set_numbers(org, id, numbers).await?;
        }
        work.commit().await?;
        Ok(ended)
    }

    /// All of the server that began before `before` and have no end: what a node looks at that starts after it
    /// did not stop in order.
    pub async fn open(&self, before: i64) -> Result<Vec<Broadcast>, StoreError> {
        let found = select::<Broadcast>("WHERE ended_at IS NULL AND started_at < $1 ORDER BY id");
        self.db.all(found.bind(before)).await
    }

    /// Ends all of the server that have no end: what a node does that starts after it did not stop in order.
    /// How many there were.
    pub async fn end_all(&self, reason: &str, now: i64) -> Result<u64, StoreError> {
        let update = sql("UPDATE broadcasts SET ended_at = $2, end_reason = $1 WHERE ended_at IS NULL");
        self.db.write(update.bind(reason).bind(now)).await
    }

    /// Forgets those that ended before `before`. How many.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        self.db.write(sql("DELETE FROM broadcasts WHERE ended_at < $1").bind(before)).await
    }
}
