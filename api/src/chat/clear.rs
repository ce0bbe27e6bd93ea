//! `DELETE /streams/{id}/chat/messages`: takes every message away.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::chat::ModerationRequest;

use super::find::moderated;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};

/// Takes every message away, from everybody at once.
#[utoipa::path(delete, path = "/streams/{id}/chat/messages", tag = "chat", params(("id" = String, Path)),
    responses((status = 204)))]
pub(crate) async fn clear(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
) -> Result<StatusCode, ApiError> {
    let stream = moderated(&api, &member, &id).await?;
    let (by, from) = (&member.identity, member.client.address);
    api.live.chats().moderate(&stream, by, from, ModerationRequest::Clear {}).await?;
    Ok(StatusCode::NO_CONTENT)
}
