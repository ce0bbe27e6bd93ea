//! Backup codes: for who has lost the authenticator app.

use sluice_domain::{AccountId, OrgId, TokenId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// A code that can be used once in place of one from the app.
    pub struct BackupCode in "backup_codes" {
        /// Its id.
        pub id: TokenId,
        /// The organisation.
        pub org_id: OrgId,
        /// Whose it is.
        pub account_id: AccountId,
        /// Its hash, as `accounts` makes it.
        pub hash: String,
        /// When it was used.
        pub used_at: Option<i64>,
    }
}

table! {
    /// The backup codes.
    pub struct BackupCodes;
}

impl BackupCodes<'_> {
    /// Gives an account new codes; the ones it had are worthless.
    pub async fn replace(
        &self,
        org: OrgId,
        account: AccountId,
        codes: &[(TokenId, String)],
    ) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        let db = work.db();
        db.write(
            sql("DELETE FROM backup_codes WHERE org_id = $1 AND account_id = $2").bind(org).bind(account),
        )
        .await?;
        for (id, hash) in codes {
            let code =
                BackupCode { id: *id, org_id: org, account_id: account, hash: hash.clone(), used_at: None };
            db.insert(&code).await?;
        }
        work.commit().await
    }

    /// The codes of an account that were not used.
    pub async fn unused(&self, org: OrgId, account: AccountId) -> Result<Vec<BackupCode>, StoreError> {
        let found =
            select::<BackupCode>("WHERE org_id = $1 AND account_id = $2 AND used_at IS NULL ORDER BY id");
        self.db.all(found.bind(org).bind(account)).await
    }

    /// Uses one. Of two who try at once one is told `true`.
    pub async fn consume(&self, org: OrgId, id: TokenId, now: i64) -> Result<bool, StoreError> {
        let update =
            sql("UPDATE backup_codes SET used_at = $3 WHERE org_id = $1 AND id = $2 AND used_at IS NULL");
        Ok(self.db.write(update.bind(org).bind(id).bind(now)).await? > 0)
    }

    /// Takes all codes of an account away.
    pub async fn remove(&self, org: OrgId, account: AccountId) -> Result<u64, StoreError> {
        let delete = sql("DELETE FROM backup_codes WHERE org_id = $1 AND account_id = $2");
        self.db.write(delete.bind(org).bind(account)).await
    }
}
