//! Lists of recordings: of a stream, of a channel, of an organisation, and those that wait for something.

use sluice_domain::{AccountId, BroadcastId, OrgId, StreamId};

use super::{Recording, Recordings};
use crate::error::StoreError;
use crate::page::{Cursor, Listed, Page};
use crate::statement::{Record, Statement, composed, select, sql};

/// Which recordings of an organisation are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecordingFilter {
    /// Only those of a stream.
    pub stream: Option<StreamId>,
    /// Those that are deleted and can be restored, instead of those that are there.
    pub deleted: bool,
}

impl Recordings<'_> {
    /// Those of an organisation in all states, newest first, in pages.
    pub async fn list(
        &self,
        org: OrgId,
        filter: RecordingFilter,
        page: &Page,
    ) -> Result<Listed<Recording>, StoreError> {
        let mut text = format!("SELECT {} FROM recordings WHERE org_id = $1", Recording::columns(None));
        text.push_str(if filter.deleted { " AND deleted_at IS NOT NULL" } else { " AND deleted_at IS NULL" });
        text.push_str(" AND id < $3");
        if filter.stream.is_some() {
            text.push_str(" AND stream_id = $4");
        }
        text.push_str(" ORDER BY id DESC LIMIT $2");
        let after = page.after.as_ref().map_or(uuid::Uuid::max(), |after| after.id);
        let mut found = composed(text).bind(org).bind(page.fetched()).bind(after);
        if let Some(stream) = filter.stream {
            found = found.bind(stream);
        }
        self.listed(found, page).await
    }

    /// Those of an account's streams that everybody finds: ready and public, of a stream that lists show. Newest
    /// first, in pages.
    pub async fn of_channel(
        &self,
        org: OrgId,
        owner: AccountId,
        page: &Page,
    ) -> Result<Listed<Recording>, StoreError> {
        let after = page.after.as_ref().map_or(uuid::Uuid::max(), |after| after.id);
        let found = composed(format!(
            "SELECT {} FROM recordings r JOIN streams s ON s.org_id = r.org_id AND s.id = r.stream_id \
             WHERE r.org_id = $1 AND s.owner_id = $2 AND s.deleted_at IS NULL \
             AND s.access NOT IN ('unlisted', 'private') AND r.deleted_at IS NULL AND r.state = 'ready' \
             AND r.visibility = 'public' AND r.id < $3 ORDER BY r.id DESC LIMIT $4",
            Recording::columns(Some("r"))
        ));
        self.listed(found.bind(org).bind(owner).bind(after).bind(page.fetched()), page).await
    }

    /// Those of some broadcasts, in no order.
    pub async fn of_broadcasts(
        &self,
        org: OrgId,
        broadcasts: &[BroadcastId],
    ) -> Result<Vec<Recording>, StoreError> {
        if broadcasts.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<String> = (2..broadcasts.len() + 2).map(|place| format!("${place}")).collect();
        let found = composed(format!(
            "SELECT {} FROM recordings WHERE org_id = $1 AND broadcast_id IN ({}) AND deleted_at IS NULL",
            Recording::columns(None),
            places.join(", ")
        ));
        self.db.all(broadcasts.iter().fold(found.bind(org), Statement::bind)).await
    }

    /// All of the server that are not finished: what a node looks at that starts. Deleted ones too.
    pub async fn unfinished(&self) -> Result<Vec<Recording>, StoreError> {
        self.db.all(select::<Recording>("WHERE state IN ('recording', 'processing') ORDER BY id")).await
    }

    /// Some of the server that were deleted before `before` and whose files are still there.
    pub async fn removable(&self, before: i64, limit: u32) -> Result<Vec<Recording>, StoreError> {
        let found = select::<Recording>(
            "WHERE deleted_at IS NOT NULL AND deleted_at < $1 AND state IN ('ready', 'failed') \
             ORDER BY deleted_at LIMIT $2",
        );
        self.db.all(found.bind(before).bind(i64::from(limit))).await
    }

    /// How many there are, and how many bytes they take.
    pub async fn usage(&self, org: OrgId) -> Result<(i64, i64), StoreError> {
        let usage = sql("SELECT COUNT(*), CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM recordings \
                         WHERE org_id = $1");
        Ok(self.db.first(usage.bind(org)).await?.unwrap_or((0, 0)))
    }

    async fn listed(&self, statement: Statement, page: &Page) -> Result<Listed<Recording>, StoreError> {
        let found = self.db.all(statement).await?;
        Ok(Listed::of(found, page, |recording: &Recording| Cursor::new("", recording.id.0)))
    }
}
