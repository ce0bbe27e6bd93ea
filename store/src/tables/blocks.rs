//! Who wants nothing to do with whom.

use sluice_domain::{AccountId, OrgId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// An account blocks another one.
    pub struct Block in "blocks" {
        /// The organisation.
        pub org_id: OrgId,
        /// Who blocks.
        pub account_id: AccountId,
        /// Who is blocked.
        pub blocked_id: AccountId,
        /// Since when.
        pub created_at: i64,
    }
}

table! {
    /// Who blocks whom.
    pub struct Blocks;
}

impl Blocks<'_> {
    /// Blocks, and ends that the blocked one follows. Whether that is new.
    pub async fn add(
        &self,
        org: OrgId,
        account: AccountId,
        blocked: AccountId,
        now: i64,
    ) -> Result<bool, StoreError> {
        let work = self.db.begin().await?;
        let insert = sql("INSERT INTO blocks (org_id, account_id, blocked_id, created_at) \
                          VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING");
        let new = work.db().write(insert.bind(org).bind(account).bind(blocked).bind(now)).await? > 0;
        let follow = sql("DELETE FROM follows WHERE org_id = $1 AND account_id = $2 AND owner_id = $3");
        work.db().write(follow.bind(org).bind(blocked).bind(account)).await?;
        work.commit().await?;
        Ok(new)
    }

    /// Blocks no more. Whether it did.
    pub async fn remove(
        &self,
        org: OrgId,
        account: AccountId,
        blocked: AccountId,
    ) -> Result<bool, StoreError> {
        let delete = sql("DELETE FROM blocks WHERE org_id = $1 AND account_id = $2 AND blocked_id = $3");
        Ok(self.db.write(delete.bind(org).bind(account).bind(blocked)).await? > 0)
    }

    /// Whether an account blocks another one.
    pub async fn contains(
        &self,
        org: OrgId,
        account: AccountId,
        blocked: AccountId,
    ) -> Result<bool, StoreError> {
        let found = select::<Block>("WHERE org_id = $1 AND account_id = $2 AND blocked_id = $3");
        Ok(self.db.first::<Block>(found.bind(org).bind(account).bind(blocked)).await?.is_some())
    }

    /// Whom an account blocks, newest first.
    pub async fn of(&self, org: OrgId, account: AccountId) -> Result<Vec<Block>, StoreError> {
        let found = select::<Block>(
            "WHERE org_id = $1 AND account_id = $2 ORDER BY created_at DESC, blocked_id LIMIT 1000",
        );
        self.db.all(found.bind(org).bind(account)).await
    }
}
