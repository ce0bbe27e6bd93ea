//! `DELETE /streams/{id}/chat/messages/{message_id}`: takes a message away.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::ChatMessageId;
use sluice_domain::chat::ModerationRequest;

use super::act::act;
use super::find::moderated;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Ids, Member};

/// Takes a message away, from everybody at once.
#[utoipa::path(delete, path = "/streams/{id}/chat/messages/{message_id}", tag = "chat",
    params(("id" = String, Path), ("message_id" = Uuid, Path)), responses((status = 204)))]
pub(crate) async fn remove(
    State(api): State<Shared>,
    member: Member,
    Ids(id, message): Ids<String, ChatMessageId>,
) -> Result<StatusCode, ApiError> {
    let stream = moderated(&api, &member, &id).await?;
    api.store.chat_messages().by_id(stream.org_id, stream.id, message).await?;
    act(&api, &member, &stream, ModerationRequest::Delete { message }).await
}
