//! `PATCH /admin/reports/{id}`: what becomes of a report.

use axum::extract::State;
use serde_json::json;
use sluice_domain::ReportId;
use sluice_domain::report::MAX_REPORT_TEXT;
use sluice_store::ReportChange;

use super::show::tagged;
use super::{Report, UpdateReport};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Id, IfMatch, Member, Tagged};
use crate::input::Fields;

/// Decides about a report, if nobody did since it was read.
#[utoipa::path(patch, path = "/admin/reports/{id}", tag = "reports",
    params(("id" = Uuid, Path), ("if-match" = String, Header)), request_body = UpdateReport,
    responses((status = 200, body = Report, headers(("etag" = String)))))]
pub(crate) async fn update(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<ReportId>,
    if_match: IfMatch,
    Body(given): Body<UpdateReport>,
) -> Result<Tagged<Report>, ApiError> {
    let org = member.identity.org;
    let there = api.store.reports().by_id(org, id).await?;
    let mut fields = Fields::default();
    let note = match &given.note {
        Some(note) => fields.paragraph("note", note, MAX_REPORT_TEXT),
        None => there.note,
    };
    fields.done()?;
    let status = given.status.unwrap_or(there.status);
    let change = ReportChange { status, note, moderator_id: member.identity.account };
    let tx = api.store.begin().await?;
    let report = tx.reports().update(org, id, if_match.version(there.version), &change, api.now()).await?;
    let detail = json!({ "from": there.status, "to": report.status });
    api.accounts.audit(&tx, org, &member.actor(), "report.settled", ("report", id), detail).await?;
    tx.commit().await?;
    tagged(&api, report).await
}
