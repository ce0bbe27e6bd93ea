//! Lists of accounts, for those who administer an organisation.

use sluice_domain::OrgId;
use sluice_domain::role::Role;

use super::{Accounts, MEMBERS, Member, member};
use crate::error::StoreError;
use crate::page::{Cursor, Listed, Page};
use crate::search::{self, FEW, Found, Searched};
use crate::statement::{Statement, composed, sql};

/// Which accounts are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Words that email, handle or display name begin with; all must be there.
    pub text: Option<String>,
    /// Whether the email address is left out of what `text` finds: who may not read it must not be able to
    /// guess it letter by letter.
    pub names_only: bool,
    /// Only those with this role.
    pub role: Option<Role>,
    /// Only those in this state; without one all that are not deleted.
    pub state: Option<AccountState>,
    /// In which order.
    pub sort: AccountSort,
}

/// How an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// It can be used.
    Active,
    /// It may not sign in.
    Disabled,
    /// Its address has not been verified.
    Unverified,
    /// It is gone.
    Deleted,
}

/// In which order accounts are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AccountSort {
    /// Newest first.
    #[default]
    Created,
    /// By email address.
    Email,
    /// By handle.
    Handle,
    /// Who signed in last comes first.
    LastLogin,
}

/// How many accounts an organisation has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountCount {
    /// Those that are not deleted.
    pub all: i64,
    /// Those of them that may not sign in.
    pub disabled: i64,
}

impl Accounts<'_> {
    /// Accounts of an organisation, in pages.
    pub async fn list(
        &self,
        org: OrgId,
        filter: &AccountFilter,
        page: &Page,
    ) -> Result<Listed<Member>, StoreError> {
        let mut text = String::from("WHERE a.org_id = $1");
        text.push_str(match filter.state {
            None => " AND a.deleted_at IS NULL",
            Some(AccountState::Active) => " AND a.deleted_at IS NULL AND a.disabled_at IS NULL",
            Some(AccountState::Disabled) => " AND a.deleted_at IS NULL AND a.disabled_at IS NOT NULL",
            Some(AccountState::Unverified) => " AND a.deleted_at IS NULL AND a.email_verified_at IS NULL",
            Some(AccountState::Deleted) => " AND a.deleted_at IS NOT NULL",
        });
        // Values are numbered in the order in which they are bound below.
        let mut place = 2;
        let mut next = || {
            place += 1;
            place
        };
        if filter.role.is_some() {
            text.push_str(&format!(" AND m.role = ${}", next()));
        }
        let found = match &filter.text {
            Some(text) => match Searched::Accounts.find(self.db, org, text).await? {
                Some(found) => Some(found),
                None => return Ok(Listed { items: Vec::new(), next: None }),
            },
            None => None,
        };
        let searched = next();
        let before = Searched::Accounts.before(found.as_ref(), self.db.kind(), searched);
        let mut from = format!("{before}{MEMBERS}");
        if let (Some(role), None | Some(Found::Many(_))) = (filter.role, &found)
            && self.has_few(org, role).await?
        {
            // Those few are looked up and sorted. (A cross join is one that SQLite does not turn around.)
            "memberships m CROSS JOIN accounts a".clone_into(&mut from);
            text.push_str(" AND m.org_id = $1 AND a.org_id = m.org_id AND a.id = m.account_id");
        }
        text.push_str(&Searched::Accounts.condition(found.as_ref(), self.db.kind(), "a.id", searched));
        // The first of its places was taken above.
        let values = found.as_ref().map_or(&[][..], Found::values);
        let mut place = searched + values.len() - 1;
        let mut next = || {
            place += 1;
            place
        };
        let names = match &filter.text {
            Some(text) if filter.names_only => search::beginnings(text),
            Some(_) | None => Vec::new(),
        };
        for _ in &names {
            let names = "SELECT ' ' || n.names FROM account_words n WHERE n.account_id = a.id";
            text.push_str(&search::holds(self.db.kind(), names, next()));
        }
        // The same id: of the memberships, where an index leads from the role to it in order.
        let id = if filter.role.is_some() { "m.account_id" } else { "a.id" };
        let (key, direction) = match filter.sort {
            AccountSort::Created => (None, "DESC"),
            AccountSort::Email => (Some("a.email_norm"), "ASC"),
            AccountSort::Handle => (Some("a.handle_norm"), "ASC"),
            AccountSort::LastLogin => (Some("COALESCE(a.last_login_at, 0)"), "DESC"),
        };
        let than = if direction == "ASC" { '>' } else { '<' };
        match (&page.after, key) {
            (None, _) => {}
            (Some(_), None) => text.push_str(&format!(" AND {id} {than} ${}", next())),
            (Some(_), Some(key)) => {
                text.push_str(&format!(" AND ({key}, a.id) {than} (${}, ${})", next(), next()));
            }
        }
        match key {
            None => text.push_str(&format!(" ORDER BY {id} {direction} LIMIT $2")),
            Some(key) => text.push_str(&format!(" ORDER BY {key} {direction}, a.id {direction} LIMIT $2")),
        }

        let mut query = member(&from, &text).bind(org).bind(page.fetched());
        if let Some(role) = filter.role {
            query = query.bind(role);
        }
        query = values.iter().chain(&names).fold(query, Statement::bind);
        if let Some(after) = &page.after {
            query = match filter.sort {
                AccountSort::Created => query,
                AccountSort::LastLogin => query.bind(after.number()?),
                AccountSort::Email | AccountSort::Handle => query.bind(&after.key),
            };
            query = query.bind(after.id);
        }
        let members = self.db.all(query).await?;
        Ok(Listed::of(members, page, |Member { account, .. }| match filter.sort {
            AccountSort::Created => Cursor::new("", account.id.0),
            AccountSort::Email => Cursor::new(&account.email_norm, account.id.0),
            AccountSort::Handle => Cursor::new(&account.handle_norm, account.id.0),
            AccountSort::LastLogin => Cursor::new(account.last_login_at.unwrap_or(0), account.id.0),
        }))
    }

    /// Whether few accounts have a role. See [`Found`]: it is the same with roles as with words.
    async fn has_few(&self, org: OrgId, role: Role) -> Result<bool, StoreError> {
        let count = composed(format!(
            "SELECT COUNT(*) FROM (SELECT account_id FROM memberships WHERE org_id = $1 AND role = $2 LIMIT {}) few",
            FEW + 1
        ));
        let count = self.db.first::<(i64,)>(count.bind(org).bind(role)).await?;
        Ok(count.is_some_and(|(count,)| count <= FEW))
    }

    /// How many accounts there are. Reads an index from end to end: nothing to ask each second.
    pub async fn count(&self, org: OrgId) -> Result<AccountCount, StoreError> {
        let count =
            sql("SELECT COUNT(*), COUNT(disabled_at) FROM accounts WHERE org_id = $1 AND deleted_at IS NULL");
        let (all, disabled) = self.db.first(count.bind(org)).await?.unwrap_or((0, 0));
        Ok(AccountCount { all, disabled })
    }
}
