//! `GET /api/v1/streams/{stream}`: one stream, live or not.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use sluice_domain::StreamName;

use crate::Shared;
use crate::error::ApiError;
use crate::first_light::StreamInfo;

pub(crate) async fn show(
    State(api): State<Shared>,
    stream: Result<Path<StreamName>, PathRejection>,
) -> Result<Json<StreamInfo>, ApiError> {
    let Path(stream) = stream.map_err(|_impossible_name| ApiError::UnknownStream)?;
    api.live.stream(&stream).map(|status| Json(status.into())).ok_or(ApiError::UnknownStream)
}
