//! `GET /recordings/{id}`: one recording.

use axum::extract::State;
use sluice_domain::RecordingId;

use super::Recording;
use super::find::visible;
use super::view::whole;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Caller, Id, Origin, Tagged};

/// One recording, by its id.
#[utoipa::path(get, path = "/recordings/{id}", tag = "recordings", params(("id" = Uuid, Path)),
    responses((status = 200, body = Recording, headers(("etag" = String)))))]
pub(crate) async fn show(
    State(api): State<Shared>,
    caller: Caller,
    Origin(origin): Origin,
    Id(id): Id<RecordingId>,
) -> Result<Tagged<Recording>, ApiError> {
    let (recording, stream) = visible(&api, &caller, id).await?;
    let version = recording.version;
    let body = whole(&api, &origin, caller.identity.as_ref(), recording, &stream).await?;
    Ok(Tagged::new(version, body))
}
