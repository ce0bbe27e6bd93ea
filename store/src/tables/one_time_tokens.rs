//! One-time tokens: what is in the link of a mail, and what stands between password and second factor.

use serde_json::Value;
use sluice_domain::{AccountId, OrgId, TokenId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// A secret that can be used once.
    pub struct OneTimeToken in "one_time_tokens" {
        /// Its id.
        pub id: TokenId,
        /// The organisation.
        pub org_id: OrgId,
        /// Whose it is; an invitation is nobody's yet.
        pub account_id: Option<AccountId>,
        /// What it is for, as `accounts` names it.
        pub kind: String,
        /// SHA-256 of the token, hexadecimal.
        pub hash: String,
        /// What comes with it.
        pub payload_json: Value,
        /// When it was made.
        pub created_at: i64,
        /// Until when it can be used.
        pub expires_at: i64,
        /// When it was used.
        pub used_at: Option<i64>,
    }
}

table! {
    /// The one-time tokens.
    pub struct OneTimeTokens;
}

impl OneTimeTokens<'_> {
    /// Adds one.
    pub async fn create(&self, token: &OneTimeToken) -> Result<(), StoreError> {
        self.db.insert(token).await
    }

    /// The token of this kind with this hash, used or not, expired or not. A hash of a random secret is unique
    /// on the whole server; the token says to which organisation it belongs.
    pub async fn by_hash(&self, kind: &str, hash: &str) -> Result<Option<OneTimeToken>, StoreError> {
        self.db.first(select::<OneTimeToken>("WHERE hash = $1 AND kind = $2").bind(hash).bind(kind)).await
    }

    /// Uses a token. Of two who try at once one is told `true`; nobody is who comes too late.
    pub async fn consume(&self, org: OrgId, id: TokenId, now: i64) -> Result<bool, StoreError> {
        let update = sql("UPDATE one_time_tokens SET used_at = $3 \
                          WHERE org_id = $1 AND id = $2 AND used_at IS NULL AND expires_at > $3");
        Ok(self.db.write(update.bind(org).bind(id).bind(now)).await? > 0)
    }

    /// Changes what comes with a token that was not used, such as how often a wrong code was tried.
    pub async fn set_payload(&self, org: OrgId, id: TokenId, payload: &Value) -> Result<(), StoreError> {
        let update = sql("UPDATE one_time_tokens SET payload_json = $3 \
                          WHERE org_id = $1 AND id = $2 AND used_at IS NULL");
        self.db.write_one(update.bind(org).bind(id).bind(payload)).await
    }

    /// Makes all unused tokens of a kind of an account worthless: a newer link replaces the older ones.
    pub async fn consume_all(
        &self,
        org: OrgId,
        account: AccountId,
        kind: &str,
        now: i64,
    ) -> Result<u64, StoreError> {
        let update = sql("UPDATE one_time_tokens SET used_at = $4 \
                          WHERE org_id = $1 AND account_id = $2 AND kind = $3 AND used_at IS NULL");
        self.db.write(update.bind(org).bind(account).bind(kind).bind(now)).await
    }

    /// Tokens of a kind that can be used, newest first: the invitations that are out.
    pub async fn open(&self, org: OrgId, kind: &str, now: i64) -> Result<Vec<OneTimeToken>, StoreError> {
        let found = select::<OneTimeToken>(
            "WHERE org_id = $1 AND kind = $2 AND used_at IS NULL AND expires_at > $3 ORDER BY id DESC LIMIT 1000",
        );
        self.db.all(found.bind(org).bind(kind).bind(now)).await
    }

    /// Forgets those that could not be used after `before`. How many.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        self.db.write(sql("DELETE FROM one_time_tokens WHERE expires_at < $1").bind(before)).await
    }
}
