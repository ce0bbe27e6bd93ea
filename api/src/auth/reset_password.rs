//! `POST /auth/reset-password`: a new password by the link of a mail.

use axum::extract::State;
use axum::http::StatusCode;

use super::ResetPassword;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Caller};

/// Sets a new password by the link of a mail, and ends every sign-in.
#[utoipa::path(post, path = "/auth/reset-password", tag = "auth", request_body = ResetPassword, responses((status = 204)))]
pub(crate) async fn reset_password(
    State(api): State<Shared>,
    caller: Caller,
    Body(given): Body<ResetPassword>,
) -> Result<StatusCode, ApiError> {
    api.accounts.reset_password(&given.token, &given.password, &caller.client).await?;
    Ok(StatusCode::NO_CONTENT)
}
