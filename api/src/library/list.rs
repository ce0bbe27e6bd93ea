//! `GET /me/library`: the streams that were put aside.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_accounts::Identity;
use sluice_domain::{AccessLevel, Permission, StreamId};
use utoipa::IntoParams;

use super::{LibraryItem, LibraryKind};
use crate::error::ApiError;
use crate::extract::{Member, Params};
use crate::page::{List, listed, page};
use crate::streams::StreamCard;
use crate::streams::view::cards;
use crate::{Api, Shared};

/// Which of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct LibraryQuery {
    /// Why they were put aside; to watch later where absent.
    pub kind: Option<LibraryKind>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2048)]
    pub cursor: Option<String>,
}

/// The streams that were put aside, latest first.
#[utoipa::path(get, path = "/me/library", tag = "viewing", params(LibraryQuery),
    responses((status = 200, body = List<LibraryItem>)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    member: Member,
    Params(query): Params<LibraryQuery>,
) -> Result<Json<List<LibraryItem>>, ApiError> {
    let identity = &member.identity;
    let page = page(query.limit, query.cursor.as_deref())?;
    let kind = query.kind.unwrap_or(LibraryKind::Saved);
    let entries = api.store.library().list(identity.org, identity.account, kind.as_str(), &page).await;
    let found = listed(entries)?;
    let ids: Vec<StreamId> = found.items.iter().map(|entry| entry.stream_id).collect();
    let mut cards = seen(&api, identity, &ids).await?;
    let items = found.items.into_iter().filter_map(|entry| {
        Some(LibraryItem { kind, since: entry.created_at, stream: cards.remove(&entry.stream_id)? })
    });
    Ok(Json(List { items: items.collect(), next_cursor: found.next.map(|next| next.to_string()) }))
}

/// Those of these streams that are there and that somebody may see.
pub(crate) async fn seen(
    api: &Api,
    identity: &Identity,
    ids: &[StreamId],
) -> Result<HashMap<StreamId, StreamCard>, ApiError> {
    let mut streams = api.store.streams().by_ids(identity.org, ids).await?;
    streams.retain(|stream| {
        let own = stream.owner_id == identity.account || identity.may(Permission::ReadAllStreams);
        own || stream.access != AccessLevel::Private
    });
    let cards = cards(api, identity.org, Some(identity), streams).await?;
    Ok(cards.into_iter().map(|card| (StreamId(card.id), card)).collect())
}
