//! What people think should not be here, and what became of it.

use sluice_domain::{
    AccountId, ChatMessageId, OrgId, ReportId, ReportStatus, ReportTarget, ReportType, StreamId,
};

use crate::error::StoreError;
use crate::page::{Cursor, Listed, Page};
use crate::statement::{Record, composed, record, select, sql};
use crate::tables::table;

record! {
    /// A report.
    pub struct Report in "reports" {
        /// Its id.
        pub id: ReportId,
        /// The organisation.
        pub org_id: OrgId,
        /// Who reports.
        pub reporter_id: AccountId,
        /// What is wrong.
        pub report_type: ReportType,
        /// What kind of thing is reported.
        pub target_kind: ReportTarget,
        /// The stream: what is reported, or where it is.
        pub stream_id: Option<StreamId>,
        /// The message, if one is reported.
        pub message_id: Option<ChatMessageId>,
        /// The account: what is reported, or who wrote the message.
        pub account_id: Option<AccountId>,
        /// What it said when it was reported: the title of a stream, the text of a message, the name of an account.
        pub excerpt: String,
        /// What the reporter says.
        pub description: String,
        /// How far it has come.
        pub status: ReportStatus,
        /// Who decided about it last.
        pub moderator_id: Option<AccountId>,
        /// What they say, for other moderators.
        pub note: String,
        /// When it was made.
        pub created_at: i64,
        /// When it was resolved.
        pub resolved_at: Option<i64>,
        /// Counts its changes.
        pub version: i64,
    }
}

/// What a moderator decides about a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportChange {
    /// How far it has come.
    pub status: ReportStatus,
    /// What they say.
    pub note: String,
    /// Who they are.
    pub moderator_id: AccountId,
}

table! {
    /// The reports.
    pub struct Reports;
}

impl Reports<'_> {
    /// Adds one.
    pub async fn create(&self, report: &Report) -> Result<(), StoreError> {
        self.db.insert(report).await
    }

    /// The one with this id.
    pub async fn by_id(&self, org: OrgId, id: ReportId) -> Result<Report, StoreError> {
        let found = select::<Report>("WHERE org_id = $1 AND id = $2").bind(org).bind(id);
        self.db.first(found).await?.ok_or(StoreError::NotFound)
    }

    /// Whether the reporter of this one has reported the same before and nobody has looked at it yet.
    pub async fn waits_already(&self, report: &Report) -> Result<bool, StoreError> {
        let found =
            sql("SELECT id FROM reports WHERE org_id = $1 AND reporter_id = $2 AND status = 'pending' \
             AND target_kind = $3 AND COALESCE(stream_id, '') = $4 AND COALESCE(message_id, '') = $5 \
             AND COALESCE(account_id, '') = $6 LIMIT 1");
        let found = found
            .bind(report.org_id)
            .bind(report.reporter_id)
            .bind(report.target_kind)
            .bind(report.stream_id.map(|id| id.to_string()).unwrap_or_default())
            .bind(report.message_id.map(|id| id.to_string()).unwrap_or_default())
            .bind(report.account_id.map(|id| id.to_string()).unwrap_or_default());
        Ok(self.db.first::<(ReportId,)>(found).await?.is_some())
    }

    /// Those of an organisation, in pages: who has waited longest comes first among those that wait, what was
    /// reported last among all others.
    pub async fn list(
        &self,
        org: OrgId,
        status: Option<ReportStatus>,
        page: &Page,
    ) -> Result<Listed<Report>, StoreError> {
        let oldest_first = status == Some(ReportStatus::Pending);
        let (than, order) = if oldest_first { (">", "ASC") } else { ("<", "DESC") };
        let mut text = format!("SELECT {} FROM reports WHERE org_id = $1", Report::columns(None));
        if status.is_some() {
            text.push_str(" AND status = $3");
        }
        if page.after.is_some() {
            text.push_str(&format!(" AND id {than} ${}", if status.is_some() { 4 } else { 3 }));
        }
        text.push_str(&format!(" ORDER BY id {order} LIMIT $2"));
        let mut query = composed(text).bind(org).bind(page.fetched());
        if let Some(status) = status {
            query = query.bind(status);
        }
        if let Some(after) = &page.after {
            query = query.bind(after.id);
        }
        let found = self.db.all(query).await?;
        Ok(Listed::of(found, page, |report: &Report| Cursor::new("", report.id.0)))
    }

    /// Those that an account has made, newest first, in pages.
    pub async fn of_reporter(
        &self,
        org: OrgId,
        reporter: AccountId,
        page: &Page,
    ) -> Result<Listed<Report>, StoreError> {
        let after = page.after.as_ref().map_or(uuid::Uuid::max(), |after| after.id);
        let found =
            select::<Report>("WHERE org_id = $1 AND reporter_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4");
        let found = self.db.all(found.bind(org).bind(reporter).bind(after).bind(page.fetched())).await?;
        Ok(Listed::of(found, page, |report: &Report| Cursor::new("", report.id.0)))
    }

    /// How many have each status.
    pub async fn counts(&self, org: OrgId) -> Result<Vec<(ReportStatus, i64)>, StoreError> {
        let counts = sql("SELECT status, COUNT(*) FROM reports WHERE org_id = $1 GROUP BY status");
        self.db.all(counts.bind(org)).await
    }

    /// Decides about one, if nobody else did since `version`.
    pub async fn update(
        &self,
        org: OrgId,
        id: ReportId,
        version: i64,
        change: &ReportChange,
        now: i64,
    ) -> Result<Report, StoreError> {
        let work = self.db.begin().await?;
        let resolved_at = (change.status == ReportStatus::Resolved).then_some(now);
        let update = sql("UPDATE reports SET status = $4, note = $5, moderator_id = $6, resolved_at = $7, \
             version = version + 1 WHERE org_id = $1 AND id = $2 AND version = $3");
        let update = update
            .bind(org)
            .bind(id)
            .bind(version)
            .bind(change.status)
            .bind(&change.note)
            .bind(change.moderator_id)
            .bind(resolved_at);
        let changed = work.db().write(update).await? > 0;
        let report = Reports::new(work.db()).by_id(org, id).await?;
        if !changed {
            return Err(StoreError::Stale);
        }
        work.commit().await?;
        Ok(report)
    }
}
