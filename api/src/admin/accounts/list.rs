//! `GET /admin/accounts`: accounts of the organisation.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_domain::{Permission, Role};
use sluice_store::AccountFilter;
use utoipa::{IntoParams, ToSchema};

use super::shown;
use crate::Shared;
use crate::admin::{AccountState, AdminAccount};
use crate::error::ApiError;
use crate::extract::{Member, Params};
use crate::input::Fields;
use crate::page::{List, listed, page};

/// Which accounts, in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountQuery {
    /// Words that handle or name begin with, or the email address for those who may see it.
    #[param(max_length = 200)]
    pub q: Option<String>,
    /// Only those with this role.
    pub role: Option<Role>,
    /// Only those in this state; all that are not deleted where absent.
    pub state: Option<AccountState>,
    /// In which order.
    pub sort: Option<AccountSort>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2048)]
    pub cursor: Option<String>,
}

/// In which order accounts are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AccountSort {
    /// Newest first.
    #[default]
    Created,
    /// By email address; only for those who may see it.
    Email,
    /// By handle.
    Handle,
    /// Who signed in last comes first.
    LastLogin,
}

/// Accounts of the organisation.
#[utoipa::path(get, path = "/admin/accounts", tag = "admin", params(AccountQuery),
    responses((status = 200, body = List<AdminAccount>)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    member: Member,
    Params(query): Params<AccountQuery>,
) -> Result<Json<List<AdminAccount>>, ApiError> {
    let mut fields = Fields::default();
    fields.at_most("q", query.q.as_deref(), 200);
    fields.done()?;
    let identity = &member.identity;
    let sees_emails = identity.may(Permission::ReadAccountEmails);
    let sort = match query.sort.unwrap_or_default() {
        // The order alone would tell the addresses.
        AccountSort::Email if !sees_emails => return Err(ApiError::PermissionDenied),
        AccountSort::Email => sluice_store::AccountSort::Email,
        AccountSort::Created => sluice_store::AccountSort::Created,
        AccountSort::Handle => sluice_store::AccountSort::Handle,
        AccountSort::LastLogin => sluice_store::AccountSort::LastLogin,
    };
    let filter = AccountFilter {
        text: query.q.filter(|text| !text.trim().is_empty()),
        names_only: !sees_emails,
        role: query.role,
        state: query.state.map(|state| match state {
            AccountState::Active => sluice_store::AccountState::Active,
            AccountState::Disabled => sluice_store::AccountState::Disabled,
            AccountState::Deleted => sluice_store::AccountState::Deleted,
        }),
        sort,
    };
    let page = page(query.limit, query.cursor.as_deref())?;
    let found = listed(api.store.accounts().list(identity.org, &filter, &page).await)?;
    let mut items = Vec::with_capacity(found.items.len());
    for member in found.items {
        items.push(shown(&api, identity.org, identity, member).await?);
    }
    Ok(Json(List { items, next_cursor: found.next.map(|next| next.to_string()) }))
}
