//! `/streams/{id}/chat/held`: messages that wait for a moderator.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::ChatMessageId;
use sluice_domain::chat::ModerationRequest;

use super::ArchivedMessages;
use super::act::act;
use super::find::moderated;
use super::view::archived;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Ids, Member};

/// How many are listed: nobody looks at more before deciding about the first.
const LISTED: u32 = 200;

/// Messages that wait for a moderator, oldest first, up to 200.
#[utoipa::path(get, path = "/streams/{id}/chat/held", tag = "chat", params(("id" = String, Path)),
    responses((status = 200, body = ArchivedMessages)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
) -> Result<Json<ArchivedMessages>, ApiError> {
    let stream = moderated(&api, &member, &id).await?;
    // Moderators are told of a message before the database is.
    api.live.chats().written().await;
    let mut found = api.store.chat_messages().held(stream.org_id, stream.id, LISTED + 1).await?;
    let more = found.len() > LISTED as usize;
    found.truncate(LISTED as usize);
    Ok(Json(ArchivedMessages { items: archived(&api, stream.org_id, found).await?, more }))
}

/// Lets a held message through: it is delivered now.
#[utoipa::path(post, path = "/streams/{id}/chat/held/{message_id}/approve", tag = "chat",
    params(("id" = String, Path), ("message_id" = Uuid, Path)), responses((status = 204)))]
pub(crate) async fn approve(
    State(api): State<Shared>,
    member: Member,
    Ids(id, message): Ids<String, ChatMessageId>,
) -> Result<StatusCode, ApiError> {
    let stream = moderated(&api, &member, &id).await?;
    act(&api, &member, &stream, ModerationRequest::Approve { message }).await
}

/// Does not let a held message through.
#[utoipa::path(post, path = "/streams/{id}/chat/held/{message_id}/deny", tag = "chat",
    params(("id" = String, Path), ("message_id" = Uuid, Path)), responses((status = 204)))]
pub(crate) async fn deny(
    State(api): State<Shared>,
    member: Member,
    Ids(id, message): Ids<String, ChatMessageId>,
) -> Result<StatusCode, ApiError> {
    let stream = moderated(&api, &member, &id).await?;
    act(&api, &member, &stream, ModerationRequest::Deny { message }).await
}
