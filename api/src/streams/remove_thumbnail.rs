//! `DELETE /streams/{id}/thumbnail`: no picture of a stream.

use axum::extract::State;
use axum::http::StatusCode;

use super::find::editable;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};

/// Takes the picture of a stream away.
#[utoipa::path(delete, path = "/streams/{id}/thumbnail", tag = "streams", params(("id" = String, Path)),
    responses((status = 204)))]
pub(crate) async fn remove_thumbnail(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
) -> Result<StatusCode, ApiError> {
    let stream = editable(&api, &member, &id).await?;
    api.store.streams().set_thumbnail(stream.org_id, stream.id, None, api.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
