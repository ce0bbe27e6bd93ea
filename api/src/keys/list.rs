//! `GET /streams/{id}/keys`: the keys of a stream.

use axum::Json;
use axum::extract::State;

use super::StreamKey;
use super::make::shown;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};
use crate::page::List;
use crate::streams::find::editable;

/// The keys of a stream, without their texts.
#[utoipa::path(get, path = "/streams/{id}/keys", tag = "keys", params(("id" = String, Path)),
    responses((status = 200, body = List<StreamKey>)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
) -> Result<Json<List<StreamKey>>, ApiError> {
    let stream = editable(&api, &member, &id).await?;
    let keys = api.store.stream_keys().of(stream.org_id, stream.id).await?;
    Ok(Json(List::whole(keys.into_iter().map(|key| shown(&api, key)).collect())))
}
