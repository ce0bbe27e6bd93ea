//! `DELETE /admin/categories/{id}`: takes a category away.

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use sluice_domain::CategoryId;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};

/// Takes a category away; its streams have none then.
#[utoipa::path(delete, path = "/admin/categories/{id}", tag = "admin", params(("id" = Uuid, Path)),
    responses((status = 204)))]
pub(crate) async fn delete(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<CategoryId>,
) -> Result<StatusCode, ApiError> {
    let org = member.identity.org;
    let tx = api.store.begin().await?;
    tx.categories().delete(org, id).await?;
    let target = ("category", id);
    api.accounts.audit(&tx, org, &member.actor(), "category.deleted", target, json!({})).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
