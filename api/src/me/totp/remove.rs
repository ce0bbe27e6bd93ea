//! `DELETE /me/totp`: no second factor any more.

use axum::extract::State;
use axum::http::StatusCode;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member};
use crate::me::RemoveTotp;

/// Takes the second factor away.
#[utoipa::path(delete, path = "/me/totp", tag = "me", request_body = RemoveTotp, responses((status = 204)))]
pub(crate) async fn remove(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<RemoveTotp>,
) -> Result<StatusCode, ApiError> {
    let (password, code) = (&given.password, &given.code);
    api.accounts.disable_totp(&member.identity, password, code, &member.client).await?;
    Ok(StatusCode::NO_CONTENT)
}
