//! What is kept of the broadcasts of a stream.

use sluice_domain::{OrgId, RecordingVisibility, StreamId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// What is kept of the broadcasts of a stream.
    pub struct RecordingSettings in "recording_settings" {
        /// The organisation.
        pub org_id: OrgId,
        /// The stream.
        pub stream_id: StreamId,
        /// Whether its broadcasts are recorded.
        pub record: bool,
        /// Who finds and watches a new recording.
        pub visibility: RecordingVisibility,
        /// Days after which a new recording goes by itself.
        pub keep_days: Option<i64>,
        /// When they were changed.
        pub updated_at: i64,
    }
}

impl RecordingSettings {
    /// Those of a stream that has none of its own.
    pub const fn default_of(org: OrgId, stream: StreamId) -> Self {
        Self {
            org_id: org,
            stream_id: stream,
            record: true,
            visibility: RecordingVisibility::Public,
            keep_days: None,
            updated_at: 0,
        }
    }
}

table! {
    /// What is kept of broadcasts, by stream.
    pub struct RecordingSettingsTable;
}

impl RecordingSettingsTable<'_> {
    /// Those of a stream.
    pub async fn of(&self, org: OrgId, stream: StreamId) -> Result<RecordingSettings, StoreError> {
        let found = select::<RecordingSettings>("WHERE org_id = $1 AND stream_id = $2");
        let found = self.db.first(found.bind(org).bind(stream)).await?;
        Ok(found.unwrap_or_else(|| RecordingSettings::default_of(org, stream)))
    }

    /// Sets those of a stream. What is recorded already keeps what it has.
    pub async fn set(&self, settings: &RecordingSettings) -> Result<(), StoreError> {
        let set = sql("INSERT INTO recording_settings \
             (org_id, stream_id, record, visibility, keep_days, updated_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (org_id, stream_id) DO UPDATE SET record = excluded.record, \
             visibility = excluded.visibility, keep_days = excluded.keep_days, updated_at = excluded.updated_at");
        let set = set
            .bind(settings.org_id)
            .bind(settings.stream_id)
            .bind(settings.record)
            .bind(settings.visibility)
            .bind(settings.keep_days)
            .bind(settings.updated_at);
        self.db.write(set).await.map(drop)
    }
}
