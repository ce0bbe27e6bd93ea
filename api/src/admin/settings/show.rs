//! `GET /admin/settings`: what the organisation has decided.

use axum::extract::State;

use super::shown;
use crate::Shared;
use crate::admin::Settings;
use crate::error::ApiError;
use crate::extract::{Member, Tagged};

/// What the organisation has decided.
#[utoipa::path(get, path = "/admin/settings", tag = "admin",
    responses((status = 200, body = Settings, headers(("etag" = String)))))]
pub(crate) async fn show(State(api): State<Shared>, member: Member) -> Result<Tagged<Settings>, ApiError> {
    let org = member.identity.org;
    let settings = api.accounts.settings(org).await?;
    Ok(Tagged::new(settings.version, shown(&api, org, settings).await?))
}
