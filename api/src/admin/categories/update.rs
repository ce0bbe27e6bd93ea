//! `PATCH /admin/categories/{id}`: changes of a category.

use axum::Json;
use axum::extract::State;
use serde_json::json;
use sluice_domain::CategoryId;

use super::{position, shown, slug};
use crate::Shared;
use crate::admin::{AdminCategory, UpdateCategory};
use crate::error::ApiError;
use crate::extract::{Body, Id, Member};
use crate::input::Fields;

/// Changes a category. The last change wins: a category has two fields.
#[utoipa::path(patch, path = "/admin/categories/{id}", tag = "admin", params(("id" = Uuid, Path)),
    request_body = UpdateCategory, responses((status = 200, body = AdminCategory)))]
pub(crate) async fn update(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<CategoryId>,
    Body(given): Body<UpdateCategory>,
) -> Result<Json<AdminCategory>, ApiError> {
    let org = member.identity.org;
    let mut category = api.store.categories().by_id(org, id).await?;
    let mut fields = Fields::default();
    if let Some(given) = &given.slug {
        category.slug = slug(&mut fields, given);
    }
    if let Some(given) = &given.name {
        category.name = fields.line("name", given, 80);
    }
    if let Some(given) = given.position {
        category.position = position(&mut fields, given);
    }
    fields.done()?;
    let tx = api.store.begin().await?;
    tx.categories().update(org, id, &category.slug, &category.name, category.position).await?;
    let (detail, target) = (json!({ "slug": category.slug }), ("category", id));
    api.accounts.audit(&tx, org, &member.actor(), "category.updated", target, detail).await?;
    tx.commit().await?;
    Ok(Json(shown(category)))
}
