//! `DELETE /me/blocks/{account_id}`: blocks somebody no more.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::AccountId;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};

/// Blocks somebody no more.
#[utoipa::path(delete, path = "/me/blocks/{account_id}", tag = "me", params(("account_id" = Uuid, Path)),
    responses((status = 204)))]
pub(crate) async fn remove(
    State(api): State<Shared>,
    member: Member,
    Id(other): Id<AccountId>,
) -> Result<StatusCode, ApiError> {
    let identity = &member.identity;
    let did = api.store.blocks().remove(identity.org, identity.account, other).await?;
    if did { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
