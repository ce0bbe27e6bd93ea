//! `DELETE /me/api-keys/{id}`: ends a key.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::ApiKeyId;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};

/// Ends a key at once.
#[utoipa::path(delete, path = "/me/api-keys/{id}", tag = "me", params(("id" = Uuid, Path)),
    responses((status = 204)))]
pub(crate) async fn revoke(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<ApiKeyId>,
) -> Result<StatusCode, ApiError> {
    api.accounts.revoke_api_key(&member.identity, id, &member.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
