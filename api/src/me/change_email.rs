//! `POST /me/email`: another email address.

use axum::extract::State;
use axum::http::StatusCode;

use super::ChangeEmail;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member};
use crate::input::Fields;

/// Sends a link to another address, which holds once the link was opened.
#[utoipa::path(post, path = "/me/email", tag = "me", request_body = ChangeEmail, responses((status = 202)))]
pub(crate) async fn change_email(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<ChangeEmail>,
) -> Result<StatusCode, ApiError> {
    let mut fields = Fields::default();
    let email = fields.parsed("email", &given.email);
    let ((email, ()), ()) = fields.all((email, Some(())), Some(()))?;
    api.accounts.change_email(&member.identity, &email, &given.password, &member.client).await?;
    Ok(StatusCode::ACCEPTED)
}
