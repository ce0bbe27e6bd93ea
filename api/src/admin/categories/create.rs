//! `POST /admin/categories`: a new category.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use sluice_domain::CategoryId;
use sluice_store::Category;

use super::{position, shown, slug};
use crate::Shared;
use crate::admin::{AdminCategory, CreateCategory};
use crate::error::ApiError;
use crate::extract::{Body, Member};
use crate::input::Fields;

/// Makes a category.
#[utoipa::path(post, path = "/admin/categories", tag = "admin", request_body = CreateCategory,
    responses((status = 201, body = AdminCategory)))]
pub(crate) async fn create(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<CreateCategory>,
) -> Result<(StatusCode, Json<AdminCategory>), ApiError> {
    let org = member.identity.org;
    let mut fields = Fields::default();
    let slug = slug(&mut fields, &given.slug);
    let name = fields.line("name", &given.name, 80);
    let position = match given.position {
        Some(given) => position(&mut fields, given),
        None => {
            let last = api.store.categories().list(org).await?.last().map(|last| last.position);
            last.map_or(0, |last| last.saturating_add(1).min(10_000))
        }
    };
    fields.done()?;
    let id = CategoryId(api.accounts.clock().uuid());
    let category = Category { id, org_id: org, slug, name, position, created_at: api.now() };
    let tx = api.store.begin().await?;
    tx.categories().create(&category).await?;
    let (detail, target) = (json!({ "slug": category.slug }), ("category", id));
    api.accounts.audit(&tx, org, &member.actor(), "category.created", target, detail).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(shown(category))))
}
