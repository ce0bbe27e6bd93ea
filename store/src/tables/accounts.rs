//! Accounts: people.

mod change;
mod list;

use std::fmt;

use serde_json::{Value, json};
use sluice_domain::role::Role;
use sluice_domain::{AccountId, AssetId, Email, Handle, OrgId, Realm, Tier};
use sqlx::any::AnyRow;

pub use change::ProfileChange;
pub use list::{AccountCount, AccountFilter, AccountSort, AccountState};

use crate::error::{StoreError, Taken};
use crate::statement::{FromRow, Record, Statement, composed, record, select, sql};
use crate::tables::memberships::Membership;
use crate::tables::organisations::Organisation;
use crate::tables::table;

record! {
    /// A person.
    pub struct Account in "accounts" {
        /// Its id.
        pub id: AccountId,
        /// Where it belongs.
        pub org_id: OrgId,
        /// The email address as its owner writes it.
        pub email: String,
        /// The email address as it is compared.
        pub email_norm: String,
        /// When the owner showed that mail to this address arrives.
        pub email_verified_at: Option<i64>,
        /// The handle as its owner writes it.
        pub handle: String,
        /// The handle as it is compared.
        pub handle_norm: String,
        /// The name that others see.
        pub display_name: String,
        /// Given name.
        pub given_name: Option<String>,
        /// Family name.
        pub family_name: Option<String>,
        /// Which rules hold for its password and sessions.
        pub realm: Realm,
        /// How its password is checked; none if it has none.
        pub password_hash: Option<String>,
        /// When the password was set.
        pub password_changed_at: Option<i64>,
        /// Whether a new password must be chosen at the next sign-in.
        pub must_change_password: bool,
        /// The language of its mails and pages.
        pub locale: Option<String>,
        /// Where it is, as its owner says.
        pub region: Option<String>,
        /// What it has paid for.
        pub tier: Tier,
        /// Until when.
        pub tier_expires_at: Option<i64>,
        /// What its owner says about themselves.
        pub bio: String,
        /// Addresses that its owner shows.
        pub links_json: Value,
        /// Its picture.
        pub avatar_asset_id: Option<AssetId>,
        /// Quality, language, theme and the like.
        pub preferences_json: Value,
        /// Who sees what.
        pub privacy_json: Value,
        /// About what it wants to hear.
        pub notifications_json: Value,
        /// Since when it may not sign in.
        pub disabled_at: Option<i64>,
        /// Why.
        pub disabled_reason: Option<String>,
        /// Since when it is gone.
        pub deleted_at: Option<i64>,
        /// When it signed in last.
        pub last_login_at: Option<i64>,
        /// When it was made.
        pub created_at: i64,
        /// When it was changed last.
        pub updated_at: i64,
        /// Counts its changes.
        pub version: i64,
        /// Counts what makes older access tokens worthless.
        pub token_epoch: i64,
    }
}

/// What is needed to make an account; the rest begins empty.
#[derive(Clone)]
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// Its email address.
    pub email: Email,
    /// When the address was verified, if it was.
    pub email_verified_at: Option<i64>,
    /// Its handle.
    pub handle: Handle,
    /// The name that others see.
    pub display_name: String,
    /// Which rules hold for it.
    pub realm: Realm,
    /// How its password is checked.
    pub password_hash: Option<String>,
    /// Whether a new password must be chosen at the next sign-in.
    pub must_change_password: bool,
    /// The language of its mails and pages.
    pub locale: Option<String>,
    /// What it may do.
    pub role: Role,
}

/// Without the hash of its password.
impl fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("NewAccount");
        shown.field("id", &self.id).field("handle", &self.handle).field("role", &self.role);
        shown.finish_non_exhaustive()
    }
}

/// An account with what it is in its organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The person.
    pub account: Account,
    /// What they may do.
    pub role: Role,
    /// A word of the organisation's own, for what they may see.
    pub access_level: Option<String>,
    /// Where in the organisation they belong.
    pub department: Option<String>,
}

impl FromRow for Member {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        use crate::column::column;
        Ok(Self {
            account: Account::from_row(row)?,
            role: column(row, "member_role")?,
            access_level: column(row, "member_access_level")?,
            department: column(row, "member_department")?,
        })
    }
}

impl NewAccount {
    fn record(&self, org: OrgId, now: i64) -> Account {
        Account {
            id: self.id,
            org_id: org,
            email: self.email.as_str().to_owned(),
            email_norm: self.email.normalized(),
            email_verified_at: self.email_verified_at,
            handle: self.handle.as_str().to_owned(),
            handle_norm: self.handle.normalized(),
            display_name: self.display_name.clone(),
            given_name: None,
            family_name: None,
            realm: self.realm,
            password_hash: self.password_hash.clone(),
            password_changed_at: self.password_hash.is_some().then_some(now),
            must_change_password: self.must_change_password,
            locale: self.locale.clone(),
            region: None,
            tier: Tier::Free,
            tier_expires_at: None,
            bio: String::new(),
            links_json: json!([]),
            avatar_asset_id: None,
            preferences_json: json!({}),
            privacy_json: json!({}),
            notifications_json: json!({}),
            disabled_at: None,
            disabled_reason: None,
            deleted_at: None,
            last_login_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
            token_epoch: 0,
        }
    }
}

table! {
    /// The accounts. Deleted ones are found by id alone.
    pub struct Accounts;
}

impl Accounts<'_> {
    /// Adds an account and what it is in its organisation.
    pub async fn create_with_membership(
        &self,
        org: OrgId,
        new: &NewAccount,
        now: i64,
    ) -> Result<Account, StoreError> {
        let account = new.record(org, now);
        let work = self.db.begin().await?;
        work.db().insert(&account).await?;
        let membership = Membership {
            org_id: org,
            account_id: account.id,
            role: new.role,
            access_level: None,
            department: None,
            created_at: now,
        };
        work.db().insert(&membership).await?;
        super::account_words::index(work.db(), org, account.id).await?;
        work.commit().await?;
        Ok(account)
    }

    /// Makes the first organisation and its administrator, if there is no account on this server. Of two who
    /// try at once one gets [`Taken::SetUp`]: both need the same short name.
    pub async fn set_up(
        &self,
        organisation: &Organisation,
        admin: &NewAccount,
        now: i64,
    ) -> Result<Account, StoreError> {
        let work = self.db.begin().await?;
        let tx = Accounts::new(work.db());
        if tx.any().await? {
            return Err(StoreError::Conflict(Taken::SetUp));
        }
        let taken = |error| match error {
            StoreError::Conflict(_) => StoreError::Conflict(Taken::SetUp),
            other => other,
        };
        work.db().insert(organisation).await.map_err(taken)?;
        let account = tx.create_with_membership(organisation.id, admin, now).await.map_err(taken)?;
        work.commit().await?;
        Ok(account)
    }

    /// Whether there is any account on this server; set-up is offered while there is none.
    pub async fn any(&self) -> Result<bool, StoreError> {
        Ok(self.db.first::<(String,)>(sql("SELECT id FROM accounts LIMIT 1")).await?.is_some())
    }

    /// The account with this id, deleted or not.
    pub async fn by_id(&self, org: OrgId, id: AccountId) -> Result<Account, StoreError> {
        let found = select::<Account>("WHERE org_id = $1 AND id = $2").bind(org).bind(id);
        self.db.first(found).await?.ok_or(StoreError::NotFound)
    }

    /// The account with this address. Addresses are unique on the whole server, and who signs in has not
    /// said to which organisation they belong: the account says it.
    pub async fn by_email(&self, email: &Email) -> Result<Option<Account>, StoreError> {
        let found = select::<Account>("WHERE email_norm = $1 AND deleted_at IS NULL");
        self.db.first(found.bind(email.normalized())).await
    }

    /// The account with this handle.
    pub async fn by_handle(&self, org: OrgId, handle: &Handle) -> Result<Option<Account>, StoreError> {
        let found = select::<Account>("WHERE org_id = $1 AND handle_norm = $2 AND deleted_at IS NULL");
        self.db.first(found.bind(org).bind(handle.normalized())).await
    }

    /// The account with this id and what it is in its organisation, unless it was deleted.
    pub async fn member(&self, org: OrgId, id: AccountId) -> Result<Member, StoreError> {
        let found = member(MEMBERS, "WHERE a.org_id = $1 AND a.id = $2 AND a.deleted_at IS NULL");
        self.db.first(found.bind(org).bind(id)).await?.ok_or(StoreError::NotFound)
    }

    /// Some accounts by their ids, in no order; those that are not there are left out.
    pub async fn by_ids(&self, org: OrgId, ids: &[AccountId]) -> Result<Vec<Account>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<String> = (2..ids.len() + 2).map(|place| format!("${place}")).collect();
        let columns = Account::columns(None);
        let places = places.join(", ");
        let found =
            composed(format!("SELECT {columns} FROM accounts WHERE org_id = $1 AND id IN ({places})"));
        self.db.all(ids.iter().fold(found.bind(org), Statement::bind)).await
    }
}

/// Accounts with their memberships: accounts are `a`, memberships `m`.
const MEMBERS: &str = "accounts a JOIN memberships m ON m.org_id = a.org_id AND m.account_id = a.id";

/// `SELECT` of accounts with their memberships.
fn member(from: &str, rest: &str) -> Statement {
    composed(format!(
        "SELECT {}, m.role AS member_role, m.access_level AS member_access_level, \
         m.department AS member_department FROM {from} {rest}",
        Account::columns(Some("a"))
    ))
}
