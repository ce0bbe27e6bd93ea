//! Memberships: what an account is in its organisation.

use sluice_domain::role::Role;
use sluice_domain::{AccountId, OrgId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// What an account is in an organisation.
    pub struct Membership in "memberships" {
        /// The organisation.
        pub org_id: OrgId,
        /// The account.
        pub account_id: AccountId,
        /// What it may do.
        pub role: Role,
        /// A word of the organisation's own, for what it may see.
        pub access_level: Option<String>,
        /// Where in the organisation it belongs.
        pub department: Option<String>,
        /// Since when.
        pub created_at: i64,
    }
}

table! {
    /// The memberships.
    pub struct Memberships;
}

impl Memberships<'_> {
    /// Adds one. [`crate::tables::accounts::Accounts::create_with_membership`] is the usual way.
    pub async fn create(&self, membership: &Membership) -> Result<(), StoreError> {
        self.db.insert(membership).await
    }

    /// That of an account.
    pub async fn of(&self, org: OrgId, account: AccountId) -> Result<Membership, StoreError> {
        let found = select::<Membership>("WHERE org_id = $1 AND account_id = $2").bind(org).bind(account);
        self.db.first(found).await?.ok_or(StoreError::NotFound)
    }

    /// Gives an account another role. The version of the account counts, so that two administrators who
    /// edit the same person notice: the caller passes it through the account's own update.
    pub async fn set_role(&self, org: OrgId, account: AccountId, role: Role) -> Result<(), StoreError> {
        let update = sql("UPDATE memberships SET role = $3 WHERE org_id = $1 AND account_id = $2");
        self.db.write_one(update.bind(org).bind(account).bind(role)).await
    }

    /// Changes where an account belongs and what it may see.
    pub async fn set_place(
        &self,
        org: OrgId,
        account: AccountId,
        access_level: Option<&str>,
        department: Option<&str>,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE memberships SET access_level = $3, department = $4 \
                          WHERE org_id = $1 AND account_id = $2");
        self.db.write_one(update.bind(org).bind(account).bind(access_level).bind(department)).await
    }

    /// Whether an account that is neither disabled nor deleted has a role.
    pub async fn any(&self, org: OrgId, role: Role) -> Result<bool, StoreError> {
        let found = sql("SELECT m.account_id FROM memberships m \
             JOIN accounts a ON a.org_id = m.org_id AND a.id = m.account_id \
             WHERE m.org_id = $1 AND m.role = $2 AND a.disabled_at IS NULL AND a.deleted_at IS NULL LIMIT 1");
        Ok(self.db.first::<(AccountId,)>(found.bind(org).bind(role)).await?.is_some())
    }
}
