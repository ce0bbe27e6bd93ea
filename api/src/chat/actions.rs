//! `GET /streams/{id}/chat/actions`: what was done to keep order.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_domain::AccountId;
use sluice_domain::chat::ModerationAction;
use sluice_store::ModerationFilter;
use utoipa::IntoParams;
use uuid::Uuid;

use super::ModerationEntry;
use super::find::moderated;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member, Params};
use crate::page::{List, listed, page};

/// Which actions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActionQuery {
    /// Only what was done to this account.
    pub account_id: Option<Uuid>,
    /// Only this action.
    pub action: Option<ModerationAction>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2048)]
    pub cursor: Option<String>,
}

/// What was done to keep order in the chat, by people and by the filter, latest first.
#[utoipa::path(get, path = "/streams/{id}/chat/actions", tag = "chat",
    params(("id" = String, Path), ActionQuery), responses((status = 200, body = List<ModerationEntry>)))]
pub(crate) async fn actions(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
    Params(query): Params<ActionQuery>,
) -> Result<Json<List<ModerationEntry>>, ApiError> {
    let stream = moderated(&api, &member, &id).await?;
    let filter = ModerationFilter {
        stream: Some(stream.id),
        account: query.account_id.map(AccountId),
        action: query.action,
    };
    let page = page(query.limit, query.cursor.as_deref())?;
    let found = listed(api.store.moderation_actions().list(stream.org_id, &filter, &page).await)?;
    Ok(Json(List { items: entries(found.items), next_cursor: found.next.map(|next| next.to_string()) }))
}

/// Actions as moderators see them.
pub(crate) fn entries(entries: Vec<sluice_store::ModerationEntry>) -> Vec<ModerationEntry> {
    let shown = entries.into_iter().map(|entry| ModerationEntry {
        id: entry.id.0,
        stream_id: entry.stream_id.map(|id| id.0),
        kind: entry.kind,
        action: entry.action,
        reason: entry.reason,
        actor_id: entry.actor_id.map(|id| id.0),
        actor_name: entry.actor_name,
        account_id: entry.account_id.map(|id| id.0),
        target_name: entry.target_name,
        message_id: entry.message_id.map(|id| id.0),
        detail: entry.detail_json,
        timestamp: entry.created_at,
    });
    shown.collect()
}
