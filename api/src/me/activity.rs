//! `GET /me/activity`: what happened to the account.

use axum::Json;
use axum::extract::State;
use sluice_store::AuditFilter;

use super::Activity;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Member, Params};
use crate::page::{List, PageQuery, listed};

/// What happened to the account, latest first.
#[utoipa::path(get, path = "/me/activity", tag = "me", params(PageQuery),
    responses((status = 200, body = List<Activity>)))]
pub(crate) async fn activity(
    State(api): State<Shared>,
    member: Member,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Activity>>, ApiError> {
    let identity = &member.identity;
    let filter = AuditFilter { target: Some(identity.account.to_string()), ..AuditFilter::default() };
    let found = listed(api.store.audit_log().list(identity.org, &filter, &query.page()?).await)?;
    let items = found.items.into_iter().map(|entry| Activity {
        id: entry.id,
        at: entry.at,
        detail: entry.detail(),
        action: entry.action,
        address: entry.address,
    });
    Ok(Json(List { items: items.collect(), next_cursor: found.next.map(|next| next.to_string()) }))
}
