//! `DELETE /me/sessions`: ends every other sign-in.

use axum::extract::State;
use axum::http::StatusCode;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::Member;

/// Ends every sign-in of the account but the one that asks.
#[utoipa::path(delete, path = "/me/sessions", tag = "me", responses((status = 204)))]
pub(crate) async fn end_others(State(api): State<Shared>, member: Member) -> Result<StatusCode, ApiError> {
    let identity = &member.identity;
    let keep = identity.session();
    api.accounts.revoke_sessions(identity.org, identity.account, keep, &member.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
