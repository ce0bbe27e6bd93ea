//! `DELETE /streams/{id}/chat/messages`: takes every message away.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::chat::ModerationRequest;

use super::act::act;
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
    act(&api, &member, &stream, ModerationRequest::Clear {}).await
}
