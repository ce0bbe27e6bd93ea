//! Passwords that an account had, so that none is used again too soon. They are added with
//! [`crate::tables::accounts::Accounts::set_password`].

use sluice_domain::{AccountId, OrgId, TokenId};

use crate::error::StoreError;
use crate::statement::sql;
use crate::tables::table;

table! {
    /// The passwords that accounts had, as hashes.
    pub struct PasswordHistory;
}

impl PasswordHistory<'_> {
    /// Adds the first password of an account; [`crate::tables::accounts::Accounts::set_password`] adds those
    /// that follow.
    pub async fn add(
        &self,
        org: OrgId,
        account: AccountId,
        id: TokenId,
        hash: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        let insert = sql("INSERT INTO password_history (id, org_id, account_id, hash, created_at) \
                          VALUES ($1, $2, $3, $4, $5)");
        self.db.write(insert.bind(id).bind(org).bind(account).bind(hash).bind(now)).await.map(drop)
    }

    /// The newest of an account.
    pub async fn newest(
        &self,
        org: OrgId,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let found = sql("SELECT hash FROM password_history WHERE org_id = $1 AND account_id = $2 \
                         ORDER BY id DESC LIMIT $3");
        let hashes = self.db.all::<(String,)>(found.bind(org).bind(account).bind(i64::from(limit))).await?;
        Ok(hashes.into_iter().map(|(hash,)| hash).collect())
    }

    /// Forgets all of an account but the newest. How many.
    pub async fn keep(&self, org: OrgId, account: AccountId, newest: u32) -> Result<u64, StoreError> {
        let delete = sql("DELETE FROM password_history WHERE org_id = $1 AND account_id = $2 AND id NOT IN \
             (SELECT id FROM password_history WHERE org_id = $1 AND account_id = $2 ORDER BY id DESC LIMIT $3)");
        self.db.write(delete.bind(org).bind(account).bind(i64::from(newest))).await
    }
}
