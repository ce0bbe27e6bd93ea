//! `/viewers/…`: the own account under the names that older clients know.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, IfMatch, Member, Params, Tagged};
use crate::me::view::current;
use crate::me::{Acquaintance, Me, PasswordProof, UpdateMe};
use crate::page::{List, PageQuery};

/// The same as `GET /me`.
#[utoipa::path(get, path = "/viewers/profile", tag = "viewing",
    responses((status = 200, body = Me, headers(("etag" = String)))))]
pub(crate) async fn show(State(api): State<Shared>, member: Member) -> Result<Tagged<Me>, ApiError> {
    let (version, me) = current(&api, &member.identity).await?;
    Ok(Tagged::new(version, me))
}

/// The same as `PATCH /me`, without `If-Match`: the last change wins.
#[utoipa::path(put, path = "/viewers/profile", tag = "viewing", request_body = UpdateMe,
    responses((status = 200, body = Me, headers(("etag" = String)))))]
pub(crate) async fn update(
    State(api): State<Shared>,
    member: Member,
    Body(change): Body<UpdateMe>,
) -> Result<Tagged<Me>, ApiError> {
    crate::me::update::apply(&api, &member, IfMatch::Any, change).await
}

/// The same as `DELETE /me`.
#[utoipa::path(delete, path = "/viewers/account", tag = "viewing", request_body = PasswordProof,
    responses((status = 204)))]
pub(crate) async fn delete(
    State(api): State<Shared>,
    member: Member,
    Body(proof): Body<PasswordProof>,
) -> Result<StatusCode, ApiError> {
    crate::me::delete::apply(&api, &member, &proof).await
}

/// The same as `GET /me/follows`.
#[utoipa::path(get, path = "/viewers/subscriptions", tag = "viewing", params(PageQuery),
    responses((status = 200, body = List<Acquaintance>)))]
pub(crate) async fn subscriptions(
    State(api): State<Shared>,
    member: Member,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Acquaintance>>, ApiError> {
    crate::me::follows::page_of(&api, &member, &query).await.map(Json)
}
