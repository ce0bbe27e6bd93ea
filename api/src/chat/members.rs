//! `GET /streams/{id}/chat/members`: who is in a chat.

use axum::Json;
use axum::extract::State;

use super::ChatMembers;
use super::find::moderated;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};

/// Most accounts that are listed.
const LISTED: usize = 1000;

/// Who is in the chat now.
#[utoipa::path(get, path = "/streams/{id}/chat/members", tag = "chat", params(("id" = String, Path)),
    responses((status = 200, body = ChatMembers)))]
pub(crate) async fn members(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
) -> Result<Json<ChatMembers>, ApiError> {
    let stream = moderated(&api, &member, &id).await?;
    let chats = api.live.chats();
    let mut items = chats.members(&stream).await?;
    items.truncate(LISTED);
    Ok(Json(ChatMembers { presence: chats.presence(stream.id).await, items }))
}
