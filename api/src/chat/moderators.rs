//! `/streams/{id}/chat/moderators`: who keeps order besides the owner and the staff.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::AccountId;

use super::ChatModerator;
use super::find::{managed, moderated};
use super::view::people_of;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Ids, Member};
use crate::page::List;

/// Who keeps order in the chat besides the owner and the staff.
#[utoipa::path(get, path = "/streams/{id}/chat/moderators", tag = "chat", params(("id" = String, Path)),
    responses((status = 200, body = List<ChatModerator>)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
) -> Result<Json<List<ChatModerator>>, ApiError> {
    let stream = moderated(&api, &member, &id).await?;
    let found = api.store.chat_moderators().list(stream.org_id, stream.id).await?;
    let ids = found.iter().flat_map(|one| one.created_by.into_iter().chain([one.account_id]));
    let people = people_of(&api, stream.org_id, ids).await?;
    let items = found.into_iter().filter_map(|one| {
        Some(ChatModerator {
            person: people.get(&one.account_id)?.clone(),
            by: one.created_by.and_then(|id| people.get(&id).cloned()),
            since: one.created_at,
        })
    });
    Ok(Json(List::whole(items.collect())))
}

/// Lets somebody keep order in the chat, from now on and on every connection.
#[utoipa::path(put, path = "/streams/{id}/chat/moderators/{account_id}", tag = "chat",
    params(("id" = String, Path), ("account_id" = Uuid, Path)), responses((status = 204)))]
pub(crate) async fn add(
    State(api): State<Shared>,
    member: Member,
    Ids(id, account): Ids<String, AccountId>,
) -> Result<StatusCode, ApiError> {
    let stream = managed(&api, &member, &id).await?;
    api.store.accounts().member(stream.org_id, account).await?;
    let (by, from) = (&member.identity, member.client.address);
    api.live.chats().set_moderator(&stream, by, from, account, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets somebody keep order no more.
#[utoipa::path(delete, path = "/streams/{id}/chat/moderators/{account_id}", tag = "chat",
    params(("id" = String, Path), ("account_id" = Uuid, Path)), responses((status = 204)))]
pub(crate) async fn remove(
    State(api): State<Shared>,
    member: Member,
    Ids(id, account): Ids<String, AccountId>,
) -> Result<StatusCode, ApiError> {
    let stream = managed(&api, &member, &id).await?;
    let (by, from) = (&member.identity, member.client.address);
    api.live.chats().set_moderator(&stream, by, from, account, false).await?;
    Ok(StatusCode::NO_CONTENT)
}
