//! Who follows whom.

use sluice_domain::{AccountId, OrgId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::page::{Cursor, Listed, Page};
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// An account follows another one.
    pub struct Follow in "follows" {
        /// The organisation.
        pub org_id: OrgId,
        /// Who follows.
        pub account_id: AccountId,
        /// Who is followed.
        pub owner_id: AccountId,
        /// Since when.
        pub created_at: i64,
    }
}

table! {
    /// Who follows whom.
    pub struct Follows;
}

impl Follows<'_> {
    /// Follows. Whether that is new.
    pub async fn add(
        &self,
        org: OrgId,
        account: AccountId,
        owner: AccountId,
        now: i64,
    ) -> Result<bool, StoreError> {
        let insert = sql("INSERT INTO follows (org_id, account_id, owner_id, created_at) \
                          VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING");
        Ok(self.db.write(insert.bind(org).bind(account).bind(owner).bind(now)).await? > 0)
    }

    /// Follows no more. Whether it did.
    pub async fn remove(&self, org: OrgId, account: AccountId, owner: AccountId) -> Result<bool, StoreError> {
        let delete = sql("DELETE FROM follows WHERE org_id = $1 AND account_id = $2 AND owner_id = $3");
        Ok(self.db.write(delete.bind(org).bind(account).bind(owner)).await? > 0)
    }

    /// Whether an account follows another one.
    pub async fn contains(
        &self,
        org: OrgId,
        account: AccountId,
        owner: AccountId,
    ) -> Result<bool, StoreError> {
        let found = select::<Follow>("WHERE org_id = $1 AND account_id = $2 AND owner_id = $3");
        Ok(self.db.first::<Follow>(found.bind(org).bind(account).bind(owner)).await?.is_some())
    }

    /// Since when an account follows another one, if it does.
    pub async fn find(
        &self,
        org: OrgId,
        account: AccountId,
        owner: AccountId,
    ) -> Result<Option<Follow>, StoreError> {
        let found = select::<Follow>("WHERE org_id = $1 AND account_id = $2 AND owner_id = $3");
        self.db.first(found.bind(org).bind(account).bind(owner)).await
    }

    /// How many follow an account, and how many it follows.
    pub async fn counts(&self, org: OrgId, account: AccountId) -> Result<(i64, i64), StoreError> {
        let counts = sql("SELECT (SELECT COUNT(*) FROM follows WHERE org_id = $1 AND owner_id = $2), \
                          (SELECT COUNT(*) FROM follows WHERE org_id = $1 AND account_id = $2)");
        Ok(self.db.first(counts.bind(org).bind(account)).await?.unwrap_or((0, 0)))
    }

    /// Whom an account follows, in pages.
    pub async fn list(
        &self,
        org: OrgId,
        account: AccountId,
        page: &Page,
    ) -> Result<Listed<Follow>, StoreError> {
        let after = page.after.as_ref().map_or(Uuid::nil(), |after| after.id);
        let found = select::<Follow>(
            "WHERE org_id = $1 AND account_id = $2 AND owner_id > $3 ORDER BY owner_id LIMIT $4",
        );
        let found = self.db.all(found.bind(org).bind(account).bind(after).bind(page.fetched())).await?;
        Ok(Listed::of(found, page, |follow: &Follow| Cursor::new("", follow.owner_id.0)))
    }

    /// Who follows an account, all of them: for telling them that it is live.
    pub async fn followers(&self, org: OrgId, owner: AccountId) -> Result<Vec<AccountId>, StoreError> {
        let found = sql("SELECT account_id FROM follows WHERE org_id = $1 AND owner_id = $2");
        let ids = self.db.all::<(AccountId,)>(found.bind(org).bind(owner)).await?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }
}
