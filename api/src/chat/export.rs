//! `GET /streams/{id}/broadcasts/{broadcast_id}/chat`: what was said while a broadcast was live.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;
use futures_util::stream;
use serde::Deserialize;
use serde_json::json;
use sluice_domain::chat::ChatMessage;
use sluice_domain::{BroadcastId, ChatMessageId, OrgId, Permission};
use sluice_store::{Store, StoreError};
use utoipa::{IntoParams, ToSchema};

use crate::Shared;
use crate::csv::row;
use crate::error::ApiError;
use crate::extract::{Ids, Member, Params};
use crate::streams::find::own_or;

/// Messages that are read at a time. More would only cost memory.
const BATCH: u32 = 500;

/// How an export is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExportFormat {
    /// A JSON object a line.
    #[default]
    Jsonl,
    /// A table.
    Csv,
}

/// In which form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportQuery {
    /// How it is written.
    pub format: Option<ExportFormat>,
}

/// What was said while a broadcast was live and was not taken away, oldest first: a JSON object a line, or CSV
/// (RFC 4180).
#[utoipa::path(get, path = "/streams/{id}/broadcasts/{broadcast_id}/chat", tag = "chat",
    params(("id" = String, Path), ("broadcast_id" = Uuid, Path), ExportQuery),
    responses((status = 200, content((String = "application/jsonl"), (String = "text/csv")))))]
pub(crate) async fn export(
    State(api): State<Shared>,
    member: Member,
    Ids(id, broadcast): Ids<String, BroadcastId>,
    Params(query): Params<ExportQuery>,
) -> Result<Response, ApiError> {
    let stream = own_or(&api, &member, &id, Permission::ReadAllStreams).await?;
    let org = stream.org_id;
    let found = api.store.broadcasts().by_id(org, broadcast).await?;
    if found.stream_id != stream.id {
        return Err(ApiError::NotFound);
    }
    let (actor, target) = (member.actor(), ("broadcast", broadcast));
    api.accounts.audit_alone(org, &actor, "chat.exported", target, json!({ "stream": stream.name })).await?;
    let format = query.format.unwrap_or_default();
    let (kind, ending) = match format {
        ExportFormat::Jsonl => ("application/jsonl", "jsonl"),
        ExportFormat::Csv => ("text/csv; charset=utf-8", "csv"),
    };
    let mut response = Response::new(body(api.store.clone(), org, broadcast, format));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let file = HeaderValue::from_str(&format!("attachment; filename=\"chat-{broadcast}.{ending}\""));
    headers.insert(CONTENT_DISPOSITION, file.expect("an id is visible ASCII"));
    Ok(response)
}

/// How far an export is.
enum Place {
    Head,
    After(Option<ChatMessageId>),
    End,
}

/// The export, read from the database as fast as whoever asked takes it.
fn body(store: Store, org: OrgId, broadcast: BroadcastId, format: ExportFormat) -> Body {
    let pages = stream::try_unfold(Place::Head, move |place| {
        let store = store.clone();
        async move {
            let after = match place {
                Place::Head if format == ExportFormat::Csv => {
                    return Ok(Some((HEAD.to_owned(), Place::After(None))));
                }
                Place::Head => None,
                Place::After(after) => after,
                Place::End => return Ok(None),
            };
            let page = store.chat_messages().of_broadcast(org, broadcast, after, BATCH).await?;
            let next = match page.last() {
                Some(last) if page.len() == BATCH as usize => Place::After(Some(last.message.id)),
                _ => Place::End,
            };
            let text = page.into_iter().map(|stored| line(stored.message, format)).collect::<Result<_, _>>();
            Ok::<_, StoreError>(Some((text?, next)))
        }
    });
    Body::from_stream(pages)
}

const HEAD: &str = "id,at,media_time,account_id,handle,name,kind,text\r\n";

fn line(message: ChatMessage, format: ExportFormat) -> Result<String, StoreError> {
    match format {
        ExportFormat::Jsonl => {
            let json = serde_json::to_string(&message).map_err(|error| StoreError::Corrupt(error.into()))?;
            Ok(json + "\n")
        }
        ExportFormat::Csv => Ok(row([
            message.id.to_string(),
            message.at.to_string(),
            message.media_time.map(|time| time.0.to_string()).unwrap_or_default(),
            message.author.id.map(|id| id.to_string()).unwrap_or_default(),
            message.author.handle.unwrap_or_default(),
            message.author.name,
            message.kind.to_string(),
            message.text,
        ])),
    }
}
