//! Chapters of recordings.

use sluice_domain::{OrgId, RecordingId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// A part of a recording, from a moment to the next chapter.
    pub struct Chapter in "recording_chapters" {
        /// The organisation.
        pub org_id: OrgId,
        /// The recording.
        pub recording_id: RecordingId,
        /// Where it begins, in milliseconds of the whole recording.
        pub at_ms: i64,
        /// What it is called.
        pub title: String,
    }
}

table! {
    /// The chapters of recordings.
    pub struct RecordingChapters;
}

impl RecordingChapters<'_> {
    /// Those of a recording, in their order.
    pub async fn of(&self, org: OrgId, recording: RecordingId) -> Result<Vec<Chapter>, StoreError> {
        let found = select::<Chapter>("WHERE org_id = $1 AND recording_id = $2 ORDER BY at_ms");
        self.db.all(found.bind(org).bind(recording)).await
    }

    /// Replaces those of a recording.
    pub async fn replace(
        &self,
        org: OrgId,
        recording: RecordingId,
        chapters: &[(i64, String)],
    ) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        let delete = sql("DELETE FROM recording_chapters WHERE org_id = $1 AND recording_id = $2");
        work.db().write(delete.bind(org).bind(recording)).await?;
        for (at_ms, title) in chapters {
            let chapter =
                Chapter { org_id: org, recording_id: recording, at_ms: *at_ms, title: title.clone() };
            work.db().insert(&chapter).await?;
        }
        work.commit().await
    }
}
