//! `GET /me/blocks/{account_id}`: whether the account blocks somebody.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::AccountId;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};

/// Answers 204 where the account blocks somebody, else 404.
#[utoipa::path(get, path = "/me/blocks/{account_id}", tag = "me", params(("account_id" = Uuid, Path)),
    responses((status = 204)))]
pub(crate) async fn show(
    State(api): State<Shared>,
    member: Member,
    Id(other): Id<AccountId>,
) -> Result<StatusCode, ApiError> {
    let identity = &member.identity;
    let blocks = api.store.blocks().contains(identity.org, identity.account, other).await?;
    if blocks { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
