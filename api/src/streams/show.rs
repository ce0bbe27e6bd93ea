//! `GET /streams/{id}`: one stream, live or not.

use axum::extract::State;

use super::Stream;
use super::find::visible;
use super::view::whole;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Caller, Id, Origin, Tagged};

/// One stream, by its id or its name.
#[utoipa::path(get, path = "/streams/{id}", tag = "streams", params(("id" = String, Path)),
    responses((status = 200, body = Stream, headers(("etag" = String)))))]
pub(crate) async fn show(
    State(api): State<Shared>,
    caller: Caller,
    Origin(origin): Origin,
    Id(id): Id<String>,
) -> Result<Tagged<Stream>, ApiError> {
    let stream = visible(&api, &caller, &id).await?;
    Ok(Tagged::new(stream.version, whole(&api, &origin, caller.identity.as_ref(), stream).await?))
}
