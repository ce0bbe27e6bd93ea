//! `GET /admin/reports`: the queue of the moderators.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_domain::ReportStatus;
use utoipa::IntoParams;

use super::ReportQueue;
use super::view::whole;
use crate::error::ApiError;
use crate::extract::{Member, Params};
use crate::page::{listed, page};
use crate::{Api, Shared};

/// Which reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportQuery {
    /// Only those that have come so far.
    pub status: Option<ReportStatus>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2048)]
    pub cursor: Option<String>,
}

/// The reports of the organisation: of those that are pending the oldest come first, else the latest.
#[utoipa::path(get, path = "/admin/reports", tag = "reports", params(ReportQuery),
    responses((status = 200, body = ReportQueue)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    member: Member,
    Params(query): Params<ReportQuery>,
) -> Result<Json<ReportQueue>, ApiError> {
    let org = member.identity.org;
    let page = page(query.limit, query.cursor.as_deref())?;
    let found = listed(api.store.reports().list(org, query.status, &page).await)?;
    Ok(Json(ReportQueue {
        items: whole(&api, org, found.items).await?,
        next_cursor: found.next.map(|next| next.to_string()),
        pending: pending(&api, org).await?,
    }))
}

/// How many reports nobody has looked at.
pub(crate) async fn pending(api: &Api, org: sluice_domain::OrgId) -> Result<u64, ApiError> {
    let counts = api.store.reports().counts(org).await?;
    let waiting = counts.iter().find(|(status, _)| *status == ReportStatus::Pending);
    Ok(waiting.map_or(0, |(_, count)| u64::try_from(*count).unwrap_or_default()))
}
