//! `GET /streams/categories`: what streams are about.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;

use super::Category;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::Caller;

/// The categories, in their order, each with how many of its streams are live.
#[utoipa::path(get, path = "/streams/categories", tag = "streams",
    responses((status = 200, body = Vec<Category>)))]
pub(crate) async fn categories(
    State(api): State<Shared>,
    caller: Caller,
) -> Result<Json<Vec<Category>>, ApiError> {
    let org = api.org(&caller).await?;
    let live: HashMap<_, _> = api.store.categories().live_counts(org).await?.into_iter().collect();
    let categories = api.store.categories().list(org).await?;
    let shown = categories.into_iter().map(|category| Category {
        live_streams: live.get(&category.id).map_or(0, |live| u32::try_from(*live).unwrap_or_default()),
        id: category.id.0,
        slug: category.slug,
        name: category.name,
    });
    Ok(Json(shown.collect()))
}
