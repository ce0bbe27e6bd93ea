//! `DELETE /streams/{id}`: takes a stream away.

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use sluice_live::Fallen;

use super::find::editable;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};

/// Takes a stream away, with its keys; a broadcast of it ends at once. Its name is free from then on.
#[utoipa::path(delete, path = "/streams/{id}", tag = "streams", params(("id" = String, Path)),
    responses((status = 204)))]
pub(crate) async fn delete(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
) -> Result<StatusCode, ApiError> {
    let stream = editable(&api, &member, &id).await?;
    let (org, id) = (stream.org_id, stream.id);
    let tx = api.store.begin().await?;
    tx.streams().delete(org, id, None, api.now()).await?;
    let detail = json!({ "name": stream.name });
    api.accounts.audit(&tx, org, &member.actor(), "stream.deleted", ("stream", id), detail).await?;
    tx.commit().await?;
    api.live.revoke(Fallen::Stream(id)).await;
    Ok(StatusCode::NO_CONTENT)
}
