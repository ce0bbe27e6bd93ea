//! `GET /admin/categories`: the categories.

use axum::Json;
use axum::extract::State;

use super::shown;
use crate::Shared;
use crate::admin::AdminCategory;
use crate::error::ApiError;
use crate::extract::Member;
use crate::page::List;

/// The categories, in their order.
#[utoipa::path(get, path = "/admin/categories", tag = "admin",
    responses((status = 200, body = List<AdminCategory>)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    member: Member,
) -> Result<Json<List<AdminCategory>>, ApiError> {
    let categories = api.store.categories().list(member.identity.org).await?;
    Ok(Json(List::whole(categories.into_iter().map(shown).collect())))
}
