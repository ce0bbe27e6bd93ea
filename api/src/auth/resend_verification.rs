//! `POST /auth/resend-verification`: sends the mail again.

use axum::extract::State;
use axum::http::StatusCode;

use super::MailRequest;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Caller};

/// Sends the mail with the link again; says the same whether there is such an account or not.
#[utoipa::path(post, path = "/auth/resend-verification", tag = "auth", request_body = MailRequest, responses((status = 202)))]
pub(crate) async fn resend_verification(
    State(api): State<Shared>,
    caller: Caller,
    Body(given): Body<MailRequest>,
) -> Result<StatusCode, ApiError> {
    given.check()?;
    api.accounts.resend_verification(&given.email, &caller.client).await?;
    Ok(StatusCode::ACCEPTED)
}
