//! `GET /admin/reports/{id}`: one report.

use axum::extract::State;
use sluice_domain::ReportId;

use super::Report;
use super::view::whole;
use crate::error::ApiError;
use crate::extract::{Id, Member, Tagged};
use crate::{Api, Shared};

/// One report.
#[utoipa::path(get, path = "/admin/reports/{id}", tag = "reports", params(("id" = Uuid, Path)),
    responses((status = 200, body = Report, headers(("etag" = String)))))]
pub(crate) async fn show(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<ReportId>,
) -> Result<Tagged<Report>, ApiError> {
    let report = api.store.reports().by_id(member.identity.org, id).await?;
    tagged(&api, report).await
}

/// A report with its version.
pub(super) async fn tagged(api: &Api, report: sluice_store::Report) -> Result<Tagged<Report>, ApiError> {
    let (org, version) = (report.org_id, report.version);
    let report = whole(api, org, vec![report]).await?.pop().ok_or(ApiError::NotFound)?;
    Ok(Tagged::new(version, report))
}
