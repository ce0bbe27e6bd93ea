//! `GET /legal/terms`: what one accepts with an account.

use axum::Json;
use axum::extract::State;

use super::LegalDocument;
use crate::Shared;
use crate::error::ApiError;

/// The terms that hold now.
#[utoipa::path(get, path = "/legal/terms", tag = "server", responses((status = 200, body = LegalDocument)))]
pub(crate) async fn terms(State(api): State<Shared>) -> Result<Json<LegalDocument>, ApiError> {
    let org = api.accounts.home().await?.id;
    let terms = api.store.legal().current(org, "terms", api.now()).await?.ok_or(ApiError::NotFound)?;
    Ok(Json(LegalDocument { id: terms.id.0, version: terms.version, title: terms.title, body: terms.body }))
}
