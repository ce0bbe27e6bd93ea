//! `PUT /me/blocks/{account_id}`: blocks somebody.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::AccountId;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};

/// Blocks somebody, who no longer follows then.
#[utoipa::path(put, path = "/me/blocks/{account_id}", tag = "me", params(("account_id" = Uuid, Path)),
    responses((status = 204)))]
pub(crate) async fn add(
    State(api): State<Shared>,
    member: Member,
    Id(other): Id<AccountId>,
) -> Result<StatusCode, ApiError> {
    let identity = &member.identity;
    if other == identity.account {
        return Err(ApiError::field("account_id", "own", "Nobody can block themselves."));
    }
    api.store.accounts().member(identity.org, other).await?;
    api.store.blocks().add(identity.org, identity.account, other, api.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
