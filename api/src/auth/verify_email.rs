//! `POST /auth/verify-email`: takes the link of a mail.

use axum::extract::State;
use axum::http::StatusCode;

use super::OneTimeToken;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Caller};

/// Takes the link of a mail: the address is verified, or becomes the new one.
#[utoipa::path(post, path = "/auth/verify-email", tag = "auth", request_body = OneTimeToken, responses((status = 204)))]
pub(crate) async fn verify_email(
    State(api): State<Shared>,
    caller: Caller,
    Body(given): Body<OneTimeToken>,
) -> Result<StatusCode, ApiError> {
    api.accounts.verify_email(&given.token, &caller.client).await?;
    Ok(StatusCode::NO_CONTENT)
}
