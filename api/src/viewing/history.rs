//! `GET /me/history` and `GET /viewing/history`: what was watched.

use axum::Json;
use axum::extract::State;
use sluice_domain::StreamId;

use super::HistoryItem;
use crate::error::ApiError;
use crate::extract::{Member, Params};
use crate::library::list::seen;
use crate::page::{List, PageQuery, listed};
use crate::{Api, Shared};

/// What the account has watched, latest first.
#[utoipa::path(get, path = "/me/history", tag = "viewing", params(PageQuery),
    responses((status = 200, body = List<HistoryItem>)))]
pub(crate) async fn mine(
    State(api): State<Shared>,
    member: Member,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<HistoryItem>>, ApiError> {
    page_of(&api, &member, &query).await.map(Json)
}

/// The same as `GET /me/history`.
#[utoipa::path(get, path = "/viewing/history", tag = "viewing", params(PageQuery),
    responses((status = 200, body = List<HistoryItem>)))]
pub(crate) async fn history(
    State(api): State<Shared>,
    member: Member,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<HistoryItem>>, ApiError> {
    page_of(&api, &member, &query).await.map(Json)
}

async fn page_of(api: &Api, member: &Member, query: &PageQuery) -> Result<List<HistoryItem>, ApiError> {
    let identity = &member.identity;
    let viewings = api.store.viewing_history().list(identity.org, identity.account, &query.page()?).await;
    let found = listed(viewings)?;
    let mut ids: Vec<StreamId> = found.items.iter().map(|viewing| viewing.stream_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let cards = seen(api, identity, &ids).await?;
    let items = found.items.into_iter().map(|viewing| HistoryItem {
        id: viewing.id.0,
        stream: cards.get(&viewing.stream_id).cloned(),
        started_at: viewing.started_at,
        ended_at: viewing.ended_at,
        duration_watched: viewing.duration_watched,
        quality_level: viewing.quality_level,
        device_type: viewing.device_type,
        exit_reason: viewing.exit_reason,
    });
    Ok(List { items: items.collect(), next_cursor: found.next.map(|next| next.to_string()) })
}
