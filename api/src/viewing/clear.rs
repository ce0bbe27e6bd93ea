//! `DELETE /me/history`: forgets what was watched.

use axum::extract::State;
use axum::http::StatusCode;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::Member;

/// Forgets all that the account has watched.
#[utoipa::path(delete, path = "/me/history", tag = "viewing", responses((status = 204)))]
pub(crate) async fn clear(State(api): State<Shared>, member: Member) -> Result<StatusCode, ApiError> {
    let (org, account) = (member.identity.org, member.identity.account);
    api.store.viewing_history().clear(org, account).await?;
    api.store.recording_positions().clear(org, account).await?;
    Ok(StatusCode::NO_CONTENT)
}
