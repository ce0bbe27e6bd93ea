//! `GET /setup`: whether the server waits for its first account.

use axum::Json;
use axum::extract::State;

use super::SetupState;
use crate::Shared;
use crate::error::ApiError;

/// Whether the server waits for its first account.
#[utoipa::path(get, path = "/setup", tag = "server", responses((status = 200, body = SetupState)))]
pub(crate) async fn show(State(api): State<Shared>) -> Result<Json<SetupState>, ApiError> {
    let needed = api.accounts.needs_set_up().await?;
    Ok(Json(SetupState { needed, version: env!("CARGO_PKG_VERSION").to_owned() }))
}
