//! `/streams/{id}/emotes`: pictures that stand for words.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use sluice_accounts::AccountsError;
use sluice_domain::chat::{ModerationAction, REACTIONS};
use sluice_domain::{AssetId, EmoteId};
use sluice_store::Asset;
use utoipa::IntoParams;

use super::find::readable;
use super::noting::note;
use super::{Emote, Emotes};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Caller, EmotePicture, Id, Ids, Member, Params};
use crate::me::view::asset_url;
use crate::streams::find::editable;

/// Most emotes of a stream: what a picker shows at once.
const MAX_EMOTES: usize = 100;

/// What an emote is called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmoteQuery {
    /// As it is written between colons: letters of the English alphabet, digits and `_`.
    #[param(min_length = 2, max_length = 32, pattern = "^[A-Za-z0-9_]{2,32}$")]
    pub name: String,
}

/// The emotes of a stream.
#[utoipa::path(get, path = "/streams/{id}/emotes", tag = "chat", params(("id" = String, Path)),
    responses((status = 200, body = Emotes)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    caller: Caller,
    Id(id): Id<String>,
) -> Result<Json<Emotes>, ApiError> {
    let stream = readable(&api, &caller, &id).await?;
    let version = api.store.chat_settings().of(stream.org_id, stream.id).await?.emotes_version;
    let found = api.store.emotes().list(stream.org_id, stream.id).await?;
    Ok(Json(Emotes { version, items: found.into_iter().map(shown).collect() }))
}

/// Adds an emote: PNG, WebP, GIF or AVIF of at most 512 KiB, 16 to 512 pixels a side.
#[utoipa::path(post, path = "/streams/{id}/emotes", tag = "chat", params(("id" = String, Path), EmoteQuery),
    request_body(content((Vec<u8> = "image/png"), (Vec<u8> = "image/webp"), (Vec<u8> = "image/gif"),
        (Vec<u8> = "image/avif"))),
    responses((status = 201, body = Emote)))]
pub(crate) async fn add(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
    Params(query): Params<EmoteQuery>,
    picture: EmotePicture,
) -> Result<(StatusCode, Json<Emote>), ApiError> {
    let stream = editable(&api, &member, &id).await?;
    let (org, now) = (stream.org_id, api.now());
    let plain = query.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !plain || !(2..=32).contains(&query.name.len()) {
        let message = "It is 2 to 32 letters of the English alphabet, digits or _.";
        return Err(ApiError::field("name", "malformed", message));
    }
    let there = api.store.emotes().list(org, stream.id).await?;
    if REACTIONS.contains(&query.name.as_str()) || there.iter().any(|emote| emote.name == query.name) {
        return Err(ApiError::Exists("There is an emote of this name."));
    }
    if there.len() >= MAX_EMOTES {
        return Err(AccountsError::TooMany.into());
    }
    let asset = Asset {
        id: AssetId(api.accounts.clock().uuid()),
        org_id: org,
        kind: "emote".to_owned(),
        content_type: picture.facts.kind.media_type().to_owned(),
        bytes: picture.bytes,
        created_at: now,
    };
    let emote = sluice_store::Emote {
        id: EmoteId(api.accounts.clock().uuid()),
        org_id: org,
        stream_id: stream.id,
        name: query.name,
        asset_id: asset.id,
        animated: picture.facts.animated,
        created_at: now,
    };
    let tx = api.store.begin().await?;
    tx.assets().create(&asset).await?;
    tx.emotes().create(&emote).await?;
    let detail = json!({ "name": emote.name });
    note(&api, &tx, &stream, &member, ModerationAction::EmoteAdded, detail).await?;
    tx.commit().await?;
    api.live.chats().emotes_changed(org, stream.id).await?;
    Ok((StatusCode::CREATED, Json(shown(emote))))
}

/// Removes an emote. Messages in which it stands keep its name.
#[utoipa::path(delete, path = "/streams/{id}/emotes/{emote_id}", tag = "chat",
    params(("id" = String, Path), ("emote_id" = Uuid, Path)), responses((status = 204)))]
pub(crate) async fn remove(
    State(api): State<Shared>,
    member: Member,
    Ids(id, emote): Ids<String, EmoteId>,
) -> Result<StatusCode, ApiError> {
    let stream = editable(&api, &member, &id).await?;
    let tx = api.store.begin().await?;
    let emote = tx.emotes().delete(stream.org_id, stream.id, emote, api.now()).await?;
    let detail = json!({ "name": emote.name });
    note(&api, &tx, &stream, &member, ModerationAction::EmoteRemoved, detail).await?;
    tx.commit().await?;
    api.live.chats().emotes_changed(stream.org_id, stream.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(emote: sluice_store::Emote) -> Emote {
    Emote {
        id: emote.id.0,
        name: emote.name,
        url: asset_url(emote.asset_id),
        animated: emote.animated,
        created_at: emote.created_at,
    }
}
