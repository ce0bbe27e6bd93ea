//! Reports as the API shows them.

use std::collections::HashMap;

use sluice_domain::{AccountId, OrgId, StreamId, StreamName};

use super::{OwnReport, Report};
use crate::Api;
use crate::error::ApiError;
use crate::me::follows::people;

/// A report, as whoever made it sees it.
pub(crate) fn own(report: sluice_store::Report) -> OwnReport {
    OwnReport {
        report_id: report.id.0,
        report_type: report.report_type,
        target: report.target_kind,
        stream_id: report.stream_id.map(|id| id.0),
        message_id: report.message_id.map(|id| id.0),
        account_id: report.account_id.map(|id| id.0),
        excerpt: report.excerpt,
        description: report.description,
        status: report.status,
        created_at: report.created_at,
        resolved_at: report.resolved_at,
    }
}

/// Reports with the people and streams in them.
pub(super) async fn whole(
    api: &Api,
    org: OrgId,
    reports: Vec<sluice_store::Report>,
) -> Result<Vec<Report>, ApiError> {
    let ids = reports.iter().flat_map(|report| {
        [Some(report.reporter_id), report.account_id, report.moderator_id].into_iter().flatten()
    });
    let mut ids: Vec<AccountId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let people = people(api, org, &ids).await?;
    let mut ids: Vec<StreamId> = reports.iter().filter_map(|report| report.stream_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let streams = api.store.streams().by_ids(org, &ids).await?;
    let names: HashMap<StreamId, StreamName> =
        streams.into_iter().map(|stream| (stream.id, stream.name)).collect();
    let somebody = |id: Option<AccountId>| id.and_then(|id| people.get(&id).cloned());
    let shown = reports.into_iter().map(|report| Report {
        reporter_id: report.reporter_id.0,
        reporter: somebody(Some(report.reporter_id)),
        account: somebody(report.account_id),
        stream_name: report.stream_id.and_then(|id| names.get(&id).cloned()),
        moderator_id: report.moderator_id.map(|id| id.0),
        moderator: somebody(report.moderator_id),
        note: report.note.clone(),
        version: report.version,
        report: own(report),
    });
    Ok(shown.collect())
}
