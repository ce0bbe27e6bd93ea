//! `GET /me/export`: all that is stored about the account.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use sluice_domain::{AccountId, OrgId};
use sluice_store::Page;

use crate::error::ApiError;
use crate::extract::Member;
use crate::reports::own_view;
use crate::{Api, Shared};

/// Most entries of the history in one export: more than ten a day for twenty years.
const MAX_HISTORY: u32 = 100_000;

/// Messages that are read at a time.
const BATCH: u32 = 1000;

/// All that is stored about the account, as a file.
#[utoipa::path(get, path = "/me/export", tag = "me", responses((status = 200, body = Object)))]
pub(crate) async fn export(State(api): State<Shared>, member: Member) -> Result<Response, ApiError> {
    let (org, id) = (member.identity.org, member.identity.account);
    let mut all = api.accounts.export(org, id).await?;
    let streams = api.store.streams().of_owner(org, id).await?;
    let history = api.store.viewing_history().list(org, id, &Page::first(MAX_HISTORY)).await?;
    let follows = api.store.follows().list(org, id, &Page::first(MAX_HISTORY)).await?;
    let mut library = Vec::new();
    for kind in ["saved", "favorite"] {
        library.extend(api.store.library().list(org, id, kind, &Page::first(MAX_HISTORY)).await?.items);
    }
    if let Value::Object(all) = &mut all {
        let streams = streams.iter().map(|stream| {
            json!({
                "id": stream.id, "name": stream.name, "title": stream.title, "description": stream.description,
                "access": stream.access, "maturity": stream.maturity, "created_at": stream.created_at,
            })
        });
        all.insert("streams".to_owned(), streams.collect());
        let history = history.items.iter().map(|viewing| {
            json!({
                "stream_id": viewing.stream_id, "started_at": viewing.started_at, "ended_at": viewing.ended_at,
                "duration_watched": viewing.duration_watched, "device_type": viewing.device_type,
            })
        });
        all.insert("history".to_owned(), history.collect());
        let follows = follows
            .items
            .iter()
            .map(|follow| json!({ "account_id": follow.owner_id, "since": follow.created_at }));
        all.insert("follows".to_owned(), follows.collect());
        let library = library.iter().map(
            |entry| json!({ "stream_id": entry.stream_id, "kind": entry.kind, "since": entry.created_at }),
        );
        all.insert("library".to_owned(), library.collect());
        all.insert("chat_messages".to_owned(), chat_messages(&api, org, id).await?);
        all.insert("reports".to_owned(), reports(&api, org, id).await?);
    }
    let mut response = Json(all).into_response();
    let file = HeaderValue::from_static("attachment; filename=\"account.json\"");
    response.headers_mut().insert(CONTENT_DISPOSITION, file);
    Ok(response)
}

/// Everything that the account has written in chats, what was taken away included.
async fn chat_messages(api: &Api, org: OrgId, account: AccountId) -> Result<Value, ApiError> {
    let mut all = Vec::new();
    let mut after = None;
    while all.len() < MAX_HISTORY as usize {
        let page = api.store.chat_messages().of_account(org, account, after, BATCH).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.message.stream, last.message.id));
        all.extend(page.into_iter().map(|stored| {
            json!({
                "id": stored.message.id, "stream_id": stored.message.stream, "at": stored.message.at,
                "kind": stored.message.kind, "text": stored.message.text, "state": stored.state,
            })
        }));
    }
    Ok(Value::Array(all))
}

/// What the account has reported.
async fn reports(api: &Api, org: OrgId, account: AccountId) -> Result<Value, ApiError> {
    let found = api.store.reports().of_reporter(org, account, &Page::first(MAX_HISTORY)).await?;
    Ok(json!(found.items.into_iter().map(own_view).collect::<Vec<_>>()))
}
