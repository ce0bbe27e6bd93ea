//! `DELETE /me/sessions/{id}`: ends a sign-in.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::SignInId;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};

/// Ends one sign-in of the account.
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "me", params(("id" = Uuid, Path)),
    responses((status = 204)))]
pub(crate) async fn end(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<SignInId>,
) -> Result<StatusCode, ApiError> {
    api.accounts.revoke_session(&member.identity, id, &member.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
