//! `GET /admin/streams`: all streams.

use axum::Json;
use axum::extract::State;
use sluice_store::Audience;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Caller, Params};
use crate::page::List;
use crate::streams::StreamCard;
use crate::streams::list::{StreamQuery, page_of};

/// All streams of the organisation, private ones included.
#[utoipa::path(get, path = "/admin/streams", tag = "admin", params(StreamQuery),
    responses((status = 200, body = List<StreamCard>)))]
pub(crate) async fn streams(
    State(api): State<Shared>,
    caller: Caller,
    Params(query): Params<StreamQuery>,
) -> Result<Json<List<StreamCard>>, ApiError> {
    page_of(&api, &caller, query, Audience::Moderators, None).await.map(Json)
}
