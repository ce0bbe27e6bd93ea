//! `GET /streams/{id}/chat`: the chat of a stream.

use axum::extract::State;
use sluice_accounts::Identity;
use sluice_store::Stream;

use super::Chat;
use super::find::{readable, rights};
use super::view::count;
use crate::error::ApiError;
use crate::extract::{Caller, Id, Tagged};
use crate::{Api, Shared};

/// The chat of a stream: what is asked of those who write, what is at its top, who is here.
#[utoipa::path(get, path = "/streams/{id}/chat", tag = "chat", params(("id" = String, Path)),
    responses((status = 200, body = Chat, headers(("etag" = String)))))]
pub(crate) async fn show(
    State(api): State<Shared>,
    caller: Caller,
    Id(id): Id<String>,
) -> Result<Tagged<Chat>, ApiError> {
    let stream = readable(&api, &caller, &id).await?;
    chat(&api, &stream, caller.identity.as_ref()).await
}

/// A chat as somebody sees it now.
pub(super) async fn chat(
    api: &Api,
    stream: &Stream,
    identity: Option<&Identity>,
) -> Result<Tagged<Chat>, ApiError> {
    let may = rights(api, stream, identity).await?;
    let held = match may.moderate {
        true => Some(count(api.store.chat_messages().count_held(stream.org_id, stream.id).await?)),
        false => None,
    };
    let now = api.live.chats().status(stream).await?;
    let chat = Chat {
        settings: now.settings,
        pinned: now.pinned,
        presence: now.presence,
        emotes_version: now.emotes_version,
        may,
        held,
    };
    Ok(Tagged::new(now.version, chat))
}
