//! Lists of accounts, for those who administer an organisation.

use sluice_domain::OrgId;
use sluice_domain::role::Role;

use super::{Accounts, Member, member};
use crate::error::StoreError;
use crate::page::{Cursor, Listed, Page};
use crate::search;
use crate::statement::sql;

/// Which accounts are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Words that email, handle or display name begin with; all must be there.
    pub text: Option<String>,
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
        let mut place = 1;
        let mut next = || {
            place += 1;
            place
        };
        let limit = next();
        let words = match &filter.text {
            Some(text) => match search::pattern(self.db.kind(), text) {
                Some(pattern) => Some(pattern),
                // Nothing but signs: there is no word that could be found.
                None => return Ok(Listed { items: Vec::new(), next: None }),
            },
            None => None,
        };
        if words.is_some() {
            let found = search::accounts(self.db.kind(), next());
            text.push_str(&format!(" AND a.id IN ({found})"));
        }
        if filter.role.is_some() {
            text.push_str(&format!(" AND m.role = ${}", next()));
        }
        let (key, direction) = match filter.sort {
            AccountSort::Created => (None, "DESC"),
            AccountSort::Email => (Some("a.email_norm"), "ASC"),
            AccountSort::Handle => (Some("a.handle_norm"), "ASC"),
            AccountSort::LastLogin => (Some("COALESCE(a.last_login_at, 0)"), "DESC"),
        };
        let than = if direction == "ASC" { '>' } else { '<' };
        match (&page.after, key) {
            (None, _) => {}
            (Some(_), None) => text.push_str(&format!(" AND a.id {than} ${}", next())),
            (Some(_), Some(key)) => {
                text.push_str(&format!(" AND ({key}, a.id) {than} (${}, ${})", next(), next()));
            }
        }
        match key {
            None => text.push_str(&format!(" ORDER BY a.id {direction} LIMIT $2")),
            Some(key) => {
                text.push_str(&format!(" ORDER BY {key} {direction}, a.id {direction} LIMIT ${limit}"))
            }
        }

        let mut query = member(&text).bind(org).bind(page.fetched());
        if let Some(words) = words {
            query = query.bind(words);
        }
        if let Some(role) = filter.role {
            query = query.bind(role);
        }
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

    /// How many accounts there are that are not deleted.
    pub async fn count(&self, org: OrgId) -> Result<i64, StoreError> {
        let count = sql("SELECT COUNT(*) FROM accounts WHERE org_id = $1 AND deleted_at IS NULL").bind(org);
        Ok(self.db.first::<(i64,)>(count).await?.map_or(0, |(count,)| count))
    }
}
