//! `POST /admin/accounts/{id}/reset-link`: a link for a new password.

use axum::Json;
use axum::extract::State;
use sluice_domain::AccountId;

use crate::Shared;
use crate::admin::ResetLink;
use crate::error::ApiError;
use crate::extract::{Id, Member};

/// A link with which the holder of an account sets a new password, for an admin to hand over.
#[utoipa::path(post, path = "/admin/accounts/{id}/reset-link", tag = "admin", params(("id" = Uuid, Path)),
    responses((status = 200, body = ResetLink)))]
pub(crate) async fn reset_link(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<AccountId>,
) -> Result<Json<ResetLink>, ApiError> {
    let link = api.accounts.reset_link(&member.actor(), member.identity.org, id).await?;
    Ok(Json(ResetLink { url: link.expose().clone() }))
}
