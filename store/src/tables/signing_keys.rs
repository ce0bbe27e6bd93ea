//! Keys that sign access tokens. They belong to the server, not to an organisation: a token is checked before
//! it is known whose it is.

use uuid::Uuid;

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// A key pair.
    pub struct SigningKey in "signing_keys" {
        /// Its id, which tokens name.
        pub id: Uuid,
        /// The public half, as `accounts` writes it.
        pub public: String,
        /// The private half, sealed.
        pub sealed_private: String,
        /// When it was made.
        pub created_at: i64,
        /// Since when it signs no more.
        pub retired_at: Option<i64>,
    }
}

table! {
    /// The signing keys.
    pub struct SigningKeys;
}

impl SigningKeys<'_> {
    /// Adds one.
    pub async fn create(&self, key: &SigningKey) -> Result<(), StoreError> {
        self.db.insert(key).await
    }

    /// All of them, newest first.
    pub async fn list(&self) -> Result<Vec<SigningKey>, StoreError> {
        self.db.all(select::<SigningKey>("ORDER BY id DESC")).await
    }

    /// Lets one sign no more; what it has signed stays good while it is listed.
    pub async fn retire(&self, id: Uuid, now: i64) -> Result<(), StoreError> {
        let update = sql("UPDATE signing_keys SET retired_at = COALESCE(retired_at, $2) WHERE id = $1");
        self.db.write_one(update.bind(id).bind(now)).await
    }

    /// Replaces the sealed text of the same key, sealed under another one.
    pub async fn reseal(&self, id: Uuid, old: &str, new: &str) -> Result<bool, StoreError> {
        let update = sql("UPDATE signing_keys SET sealed_private = $3 WHERE id = $1 AND sealed_private = $2");
        Ok(self.db.write(update.bind(id).bind(old).bind(new)).await? > 0)
    }

    /// Forgets those that were retired before `before`. How many.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        self.db.write(sql("DELETE FROM signing_keys WHERE retired_at < $1").bind(before)).await
    }
}
