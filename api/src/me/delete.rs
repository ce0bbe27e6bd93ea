//! `DELETE /me`: closes the own account.

use axum::extract::State;
use axum::http::StatusCode;

use super::PasswordProof;
use crate::error::ApiError;
use crate::extract::{Body, Member};
use crate::{Api, Shared};

/// Closes the own account and all its sign-ins. An administrator can undo it for a while.
#[utoipa::path(delete, path = "/me", tag = "me", request_body = PasswordProof, responses((status = 204)))]
pub(crate) async fn delete(
    State(api): State<Shared>,
    member: Member,
    Body(proof): Body<PasswordProof>,
) -> Result<StatusCode, ApiError> {
    apply(&api, &member, &proof).await
}

pub(crate) async fn apply(api: &Api, member: &Member, proof: &PasswordProof) -> Result<StatusCode, ApiError> {
    api.accounts.delete_own_account(&member.identity, &proof.password, &member.client).await?;
    Ok(StatusCode::NO_CONTENT)
}
