//! `PUT /me/password`: another password.

use axum::extract::State;
use axum::http::StatusCode;

use super::ChangePassword;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member};

/// Changes the password and ends every other sign-in. The access token ends too; refresh it.
#[utoipa::path(put, path = "/me/password", tag = "me", request_body = ChangePassword,
    responses((status = 204)))]
pub(crate) async fn change_password(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    api.accounts.change_password(&member.identity, &given.current, &given.new, &member.client).await?;
    Ok(StatusCode::NO_CONTENT)
}
