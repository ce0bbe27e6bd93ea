//! `POST /admin/accounts`: invites somebody.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sluice_accounts::Invitation;

use crate::Shared;
use crate::admin::{CreateAccount, Invited};
use crate::error::ApiError;
use crate::extract::{Body, Member};
use crate::input::Fields;

/// Invites somebody: a mail where mails can be sent, and the link for whoever invites.
#[utoipa::path(post, path = "/admin/accounts", tag = "admin", request_body = CreateAccount,
    responses((status = 201, body = Invited)))]
pub(crate) async fn invite(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<CreateAccount>,
) -> Result<(StatusCode, Json<Invited>), ApiError> {
    let mut fields = Fields::default();
    let email = fields.parsed("email", &given.email);
    let handle = fields.parsed("handle", &given.handle);
    let display_name = fields.parsed("display_name", &given.display_name);
    let ((email, handle), display_name) = fields.all((email, handle), display_name)?;
    let invitation =
        Invitation { email, display_name: Some(display_name), handle: Some(handle), role: given.role };
    let link = api.accounts.invite(&member.actor(), member.identity.org, &invitation).await?;
    Ok((StatusCode::CREATED, Json(Invited { invite_url: link.expose().clone() })))
}
