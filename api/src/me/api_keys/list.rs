//! `GET /me/api-keys`: keys for programs.

use axum::Json;
use axum::extract::State;

use super::shown;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::Member;
use crate::me::ApiKey;
use crate::page::List;

/// The keys of the account that were not revoked.
#[utoipa::path(get, path = "/me/api-keys", tag = "me", responses((status = 200, body = List<ApiKey>)))]
pub(crate) async fn list(State(api): State<Shared>, member: Member) -> Result<Json<List<ApiKey>>, ApiError> {
    let keys = api.accounts.api_keys(&member.identity).await?;
    Ok(Json(List::whole(keys.into_iter().map(shown).collect())))
}
