//! `GET /api/v1/streams`: what is live now, by name.

use axum::Json;
use axum::extract::State;

use crate::Shared;
use crate::first_light::StreamInfo;

pub(crate) async fn list(State(api): State<Shared>) -> Json<Vec<StreamInfo>> {
    Json(api.live.directory().into_iter().map(StreamInfo::from).collect())
}
