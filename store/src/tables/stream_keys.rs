//! Keys of streams: the secrets that may publish.

use sluice_domain::{OrgId, StreamId, StreamKeyId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// A secret that may publish to a stream.
    pub struct StreamKey in "stream_keys" {
        /// Its id.
        pub id: StreamKeyId,
        /// The organisation.
        pub org_id: OrgId,
        /// The stream.
        pub stream_id: StreamId,
        /// What its owner calls it.
        pub name: String,
        /// SHA-256 of the key, hexadecimal.
        pub hash: String,
        /// The key, sealed, so that its owner can be shown it.
        pub sealed: String,
        /// Its last four characters.
        pub last4: String,
        /// When it was made.
        pub created_at: i64,
        /// Until when it may publish.
        pub expires_at: Option<i64>,
        /// When it was revoked.
        pub revoked_at: Option<i64>,
        /// When it published last.
        pub last_used_at: Option<i64>,
    }
}

impl StreamKey {
    /// Whether it may publish.
    pub fn is_active(&self, now: i64) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

table! {
    /// The keys of streams.
    pub struct StreamKeys;
}

impl StreamKeys<'_> {
    /// Adds one.
    pub async fn create(&self, key: &StreamKey) -> Result<(), StoreError> {
        self.db.insert(key).await
    }

    /// The one with this id.
    pub async fn by_id(&self, org: OrgId, id: StreamKeyId) -> Result<StreamKey, StoreError> {
        let found = select::<StreamKey>("WHERE org_id = $1 AND id = $2").bind(org).bind(id);
        self.db.first(found).await?.ok_or(StoreError::NotFound)
    }

    /// The one with this hash, revoked or not. A hash of 160 random bits is unique on the whole server, and an
    /// encoder says nothing but its key: the key says to which organisation and stream it belongs.
    pub async fn by_hash(&self, hash: &str) -> Result<Option<StreamKey>, StoreError> {
        self.db.first(select::<StreamKey>("WHERE hash = $1").bind(hash)).await
    }

    /// The ones of a stream, oldest first.
    pub async fn of(&self, org: OrgId, stream: StreamId) -> Result<Vec<StreamKey>, StoreError> {
        let found = select::<StreamKey>("WHERE org_id = $1 AND stream_id = $2 ORDER BY id");
        self.db.all(found.bind(org).bind(stream)).await
    }

    /// Puts a new key in the place of an old one, which goes on until `old_expires_at` or its own end,
    /// whichever comes first.
    pub async fn rotate(
        &self,
        org: OrgId,
        id: StreamKeyId,
        next: &StreamKey,
        old_expires_at: i64,
    ) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        let update = sql("UPDATE stream_keys \
             SET expires_at = CASE WHEN expires_at IS NULL OR expires_at > $3 THEN $3 ELSE expires_at END \
             WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL AND stream_id = $4");
        let update = update.bind(org).bind(id).bind(old_expires_at).bind(next.stream_id);
        work.db().write_one(update).await?;
        work.db().insert(next).await?;
        work.commit().await
    }

    /// Ends one. Whether it had not been revoked before.
    pub async fn revoke(&self, org: OrgId, id: StreamKeyId, now: i64) -> Result<bool, StoreError> {
        let update = sql(
            "UPDATE stream_keys SET revoked_at = $3 WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL",
        );
        Ok(self.db.write(update.bind(org).bind(id).bind(now)).await? > 0)
    }

    /// Notes that it published.
    pub async fn set_last_used(&self, org: OrgId, id: StreamKeyId, now: i64) -> Result<(), StoreError> {
        let update = sql("UPDATE stream_keys SET last_used_at = $3 WHERE org_id = $1 AND id = $2");
        self.db.write_one(update.bind(org).bind(id).bind(now)).await
    }

    /// All of the server that come after `after`, some at a time, for sealing them under another key.
    pub async fn all(&self, after: Option<StreamKeyId>, limit: u32) -> Result<Vec<StreamKey>, StoreError> {
        let after = after.map_or_else(String::new, |id| id.to_string());
        let found = select::<StreamKey>("WHERE id > $1 ORDER BY id LIMIT $2");
        self.db.all(found.bind(after).bind(i64::from(limit))).await
    }

    /// Replaces the sealed text of the same key, sealed under another one.
    pub async fn reseal(
        &self,
        org: OrgId,
        id: StreamKeyId,
        old: &str,
        new: &str,
    ) -> Result<bool, StoreError> {
        let update = sql("UPDATE stream_keys SET sealed = $4 WHERE org_id = $1 AND id = $2 AND sealed = $3");
        Ok(self.db.write(update.bind(org).bind(id).bind(old).bind(new)).await? > 0)
    }

    /// Forgets those that ended before `before`. How many.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        let delete = sql("DELETE FROM stream_keys WHERE revoked_at < $1 OR expires_at < $1");
        self.db.write(delete.bind(before)).await
    }
}
