//! `POST /streams/{id}/end`: ends the broadcast of a stream.

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use sluice_domain::Permission;

use super::find::own_or;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};

/// Ends the broadcast of a stream, with its publisher and its viewers.
#[utoipa::path(post, path = "/streams/{id}/end", tag = "streams", params(("id" = String, Path)),
    responses((status = 202)))]
pub(crate) async fn end(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
) -> Result<StatusCode, ApiError> {
    let stream = own_or(&api, &member, &id, Permission::EndBroadcasts).await?;
    api.live.end_broadcast(stream.id).await?;
    let (actor, target) = (member.actor(), ("stream", stream.id));
    api.accounts.audit_alone(stream.org_id, &actor, "broadcast.ended", target, json!({})).await?;
    Ok(StatusCode::ACCEPTED)
}
