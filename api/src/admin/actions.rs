//! `GET /admin/actions`: what was done to keep order, in every chat.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_domain::chat::ModerationAction;
use sluice_domain::{AccountId, StreamId};
use sluice_store::ModerationFilter;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::Shared;
use crate::chat::{ModerationEntry, entries};
use crate::error::ApiError;
use crate::extract::{Member, Params};
use crate::page::{List, listed, page};

/// Which actions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AllActionsQuery {
    /// Only those in the chat of this stream.
    pub stream_id: Option<Uuid>,
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

/// What was done to keep order in every chat of the organisation, latest first.
#[utoipa::path(get, path = "/admin/actions", tag = "reports", params(AllActionsQuery),
    responses((status = 200, body = List<ModerationEntry>)))]
pub(crate) async fn actions(
    State(api): State<Shared>,
    member: Member,
    Params(query): Params<AllActionsQuery>,
) -> Result<Json<List<ModerationEntry>>, ApiError> {
    let filter = ModerationFilter {
        stream: query.stream_id.map(StreamId),
        account: query.account_id.map(AccountId),
        action: query.action,
    };
    let page = page(query.limit, query.cursor.as_deref())?;
    let found = listed(api.store.moderation_actions().list(member.identity.org, &filter, &page).await)?;
    Ok(Json(List { items: entries(found.items), next_cursor: found.next.map(|next| next.to_string()) }))
}
