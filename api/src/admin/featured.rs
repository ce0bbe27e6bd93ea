//! `PUT /admin/featured`: the streams on the first page.

use axum::Json;
use axum::extract::State;
use serde_json::json;
use sluice_domain::StreamId;

use super::Featured;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member};

/// Most streams that are shown first. More would be a list like any other.
const MOST: usize = 20;

/// Sets which streams are shown first, in this order.
#[utoipa::path(put, path = "/admin/featured", tag = "admin", request_body = Featured,
    responses((status = 200, body = Featured)))]
pub(crate) async fn featured(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<Featured>,
) -> Result<Json<Featured>, ApiError> {
    let org = member.identity.org;
    let mut ids: Vec<StreamId> = Vec::new();
    for id in given.streams.iter().map(|id| StreamId(*id)) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if given.streams.len() > MOST {
        return Err(ApiError::field("streams", "too_many", format!("There are more than {MOST}.")));
    }
    let tx = api.store.begin().await?;
    tx.streams().set_featured(org, &ids).await?;
    let (detail, target) = (json!({ "streams": ids }), ("organisation", org));
    api.accounts.audit(&tx, org, &member.actor(), "streams.featured", target, detail).await?;
    tx.commit().await?;
    Ok(Json(Featured { streams: ids.into_iter().map(|id| id.0).collect() }))
}
