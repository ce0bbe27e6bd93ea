//! `GET /admin/accounts/{id}`: one account.

use axum::extract::State;
use sluice_domain::AccountId;

use super::shown;
use crate::Shared;
use crate::admin::AdminAccount;
use crate::error::ApiError;
use crate::extract::{Id, Member, Tagged};

/// One account of the organisation.
#[utoipa::path(get, path = "/admin/accounts/{id}", tag = "admin", params(("id" = Uuid, Path)),
    responses((status = 200, body = AdminAccount, headers(("etag" = String)))))]
pub(crate) async fn show(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<AccountId>,
) -> Result<Tagged<AdminAccount>, ApiError> {
    let identity = &member.identity;
    let found = api.store.accounts().member(identity.org, id).await?;
    Ok(Tagged::new(found.account.version, shown(&api, identity.org, identity, found).await?))
}
