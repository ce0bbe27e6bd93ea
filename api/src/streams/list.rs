//! `GET /api/v1/streams`: what is live now, by name.

use axum::Json;
use axum::extract::State;

use super::StreamInfo;
use crate::Shared;

pub(crate) async fn list(State(api): State<Shared>) -> Json<Vec<StreamInfo>> {
    Json(api.live.directory().into_iter().map(StreamInfo::from).collect())
}
