//! `DELETE /me/history`: forgets what was watched.

use axum::extract::State;
use axum::http::StatusCode;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::Member;

/// Forgets all that the account has watched.
#[utoipa::path(delete, path = "/me/history", tag = "viewing", responses((status = 204)))]
pub(crate) async fn clear(State(api): State<Shared>, member: Member) -> Result<StatusCode, ApiError> {
    api.store.viewing_history().clear(member.identity.org, member.identity.account).await?;
    Ok(StatusCode::NO_CONTENT)
}
