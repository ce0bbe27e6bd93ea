//! API keys: secrets by which programs act for an account.

use serde_json::Value;
use sluice_domain::{AccountId, ApiKeyId, OrgId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// A secret by which a program acts for an account.
    pub struct ApiKey in "api_keys" {
        /// Its id.
        pub id: ApiKeyId,
        /// The organisation.
        pub org_id: OrgId,
        /// For whom it acts.
        pub account_id: AccountId,
        /// What its owner calls it.
        pub name: String,
        /// SHA-256 of the key, hexadecimal.
        pub hash: String,
        /// Its last four characters.
        pub last4: String,
        /// What it may do, as a list of words.
        pub scopes_json: Value,
        /// When it was made.
        pub created_at: i64,
        /// When it was used last.
        pub last_used_at: Option<i64>,
        /// Until when it can be used.
        pub expires_at: Option<i64>,
        /// When it was revoked.
        pub revoked_at: Option<i64>,
    }
}

impl ApiKey {
    /// Whether it can be used.
    pub fn is_active(&self, now: i64) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

table! {
    /// The API keys.
    pub struct ApiKeys;
}

impl ApiKeys<'_> {
    /// Adds one.
    pub async fn create(&self, key: &ApiKey) -> Result<(), StoreError> {
        self.db.insert(key).await
    }

    /// The one with this hash, revoked or not. A hash of a random secret is unique on the whole server, and a
    /// program says nothing but its key: the key says to which organisation it belongs.
    pub async fn by_hash(&self, hash: &str) -> Result<Option<ApiKey>, StoreError> {
        self.db.first(select::<ApiKey>("WHERE hash = $1").bind(hash)).await
    }

    /// The ones of an account, oldest first.
    pub async fn of(&self, org: OrgId, account: AccountId) -> Result<Vec<ApiKey>, StoreError> {
        let found = select::<ApiKey>("WHERE org_id = $1 AND account_id = $2 ORDER BY id");
        self.db.all(found.bind(org).bind(account)).await
    }

    /// Ends one of an account. Whether it had not been revoked before.
    pub async fn revoke(
        &self,
        org: OrgId,
        account: AccountId,
        id: ApiKeyId,
        now: i64,
    ) -> Result<bool, StoreError> {
        let update = sql("UPDATE api_keys SET revoked_at = $4 \
                          WHERE org_id = $1 AND account_id = $2 AND id = $3 AND revoked_at IS NULL");
        Ok(self.db.write(update.bind(org).bind(account).bind(id).bind(now)).await? > 0)
    }

    /// Ends all of an account. How many.
    pub async fn revoke_all(&self, org: OrgId, account: AccountId, now: i64) -> Result<u64, StoreError> {
        let update = sql("UPDATE api_keys SET revoked_at = $3 \
                          WHERE org_id = $1 AND account_id = $2 AND revoked_at IS NULL");
        self.db.write(update.bind(org).bind(account).bind(now)).await
    }

    /// Notes that it was used.
    pub async fn set_last_used(&self, org: OrgId, id: ApiKeyId, now: i64) -> Result<(), StoreError> {
        let update = sql("UPDATE api_keys SET last_used_at = $3 WHERE org_id = $1 AND id = $2");
        self.db.write_one(update.bind(org).bind(id).bind(now)).await
    }

    /// Forgets those that ended before `before`. How many.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        self.db.write(sql("DELETE FROM api_keys WHERE revoked_at < $1 OR expires_at < $1").bind(before)).await
    }
}
