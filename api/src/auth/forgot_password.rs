//! `POST /auth/forgot-password`: sends a link for a new password.

use axum::extract::State;
use axum::http::StatusCode;

use super::MailRequest;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Caller};

/// Sends a link for a new password; says the same whether there is such an account or not.
#[utoipa::path(post, path = "/auth/forgot-password", tag = "auth", request_body = MailRequest, responses((status = 202)))]
pub(crate) async fn forgot_password(
    State(api): State<Shared>,
    caller: Caller,
    Body(given): Body<MailRequest>,
) -> Result<StatusCode, ApiError> {
    given.check()?;
    api.accounts.forgot_password(&given.email, &caller.client).await?;
    Ok(StatusCode::ACCEPTED)
}
