//! Recordings: what is kept of broadcasts, and what is known of it.

mod change;
mod list;

use sluice_domain::{
    BroadcastId, OrgId, RecordingId, RecordingState, RecordingTier, RecordingVisibility, StreamId,
};

pub use change::{RecordingChange, RecordingNumbers};
pub use list::RecordingFilter;

use crate::error::StoreError;
use crate::statement::{record, select};
use crate::tables::table;

record! {
    /// What is kept of a broadcast.
    pub struct Recording in "recordings" {
        /// Its id.
        pub id: RecordingId,
        /// The organisation.
        pub org_id: OrgId,
        /// The stream.
        pub stream_id: StreamId,
        /// The broadcast: a broadcast has one recording at most.
        pub broadcast_id: BroadcastId,
        /// What it is called: at first what the stream was called.
        pub title: String,
        /// What it is about.
        pub description: String,
        /// Who finds and watches it, beyond what its stream asks for.
        pub visibility: RecordingVisibility,
        /// How far it has come.
        pub state: RecordingState,
        /// What went wrong: why it failed, or what could not be made of it.
        pub failure: Option<String>,
        /// When the first picture was captured.
        pub started_at: i64,
        /// When it ended.
        pub ended_at: Option<i64>,
        /// How long it is, untrimmed.
        pub duration_ms: i64,
        /// How much is kept.
        pub size_bytes: i64,
        /// Width of the best rendition.
        pub width: Option<i64>,
        /// Height of the best rendition.
        pub height: Option<i64>,
        /// The codec of its picture.
        pub codec: Option<String>,
        /// How often something is missing in it.
        pub gaps: i64,
        /// Where it begins for viewers.
        pub trim_start_ms: Option<i64>,
        /// Where it ends for viewers.
        pub trim_end_ms: Option<i64>,
        /// Whether it has a picture.
        pub has_poster: bool,
        /// Whether it has the pictures of a seek bar.
        pub has_storyboard: bool,
        /// Whether it has a file to download already.
        pub has_download: bool,
        /// When it goes by itself.
        pub delete_after: Option<i64>,
        /// Where its files are.
        pub tier: RecordingTier,
        /// When it began to be written down.
        pub created_at: i64,
        /// When it was edited last.
        pub updated_at: i64,
        /// Since when it is gone, until it is restored or its files are removed.
        pub deleted_at: Option<i64>,
        /// Counts its edits.
        pub version: i64,
    }
}

impl Recording {
    /// One that begins: public, and nothing is known of it but whose it is, and since when.
    ///
    /// `started_at` and `now` are UTC milliseconds.
    pub fn begun(
        id: RecordingId,
        (org_id, stream_id): (OrgId, StreamId),
        broadcast_id: BroadcastId,
        title: impl Into<String>,
        (started_at, now): (i64, i64),
    ) -> Self {
        Self {
            id,
            org_id,
            stream_id,
            broadcast_id,
            title: title.into(),
            description: String::new(),
            visibility: RecordingVisibility::Public,
            state: RecordingState::Recording,
            failure: None,
            started_at,
            ended_at: None,
            duration_ms: 0,
            size_bytes: 0,
            width: None,
            height: None,
            codec: None,
            gaps: 0,
            trim_start_ms: None,
            trim_end_ms: None,
            has_poster: false,
            has_storyboard: false,
            has_download: false,
            delete_after: None,
            tier: RecordingTier::Hot,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            version: 1,
        }
    }
}

table! {
    /// The recordings. Deleted ones are found where a method says so.
    pub struct Recordings;
}

impl Recordings<'_> {
    /// Adds one.
    pub async fn create(&self, recording: &Recording) -> Result<(), StoreError> {
        self.db.insert(recording).await
    }

    /// The one with this id.
    pub async fn by_id(&self, org: OrgId, id: RecordingId) -> Result<Recording, StoreError> {
        let found = select::<Recording>("WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL");
        self.db.first(found.bind(org).bind(id)).await?.ok_or(StoreError::NotFound)
    }

    /// The one with this id, which may be deleted.
    pub async fn by_id_or_deleted(&self, org: OrgId, id: RecordingId) -> Result<Recording, StoreError> {
        let found = select::<Recording>("WHERE org_id = $1 AND id = $2");
        self.db.first(found.bind(org).bind(id)).await?.ok_or(StoreError::NotFound)
    }

    /// The one with this id, of whichever organisation: a player names nothing else, and the recording says to
    /// which organisation it belongs.
    pub async fn find(&self, id: RecordingId) -> Result<Option<Recording>, StoreError> {
        self.db.first(select::<Recording>("WHERE id = $1 AND deleted_at IS NULL").bind(id)).await
    }

    /// The one of a broadcast.
    pub async fn of_broadcast(
        &self,
        org: OrgId,
        broadcast: BroadcastId,
    ) -> Result<Option<Recording>, StoreError> {
        let found = select::<Recording>("WHERE org_id = $1 AND broadcast_id = $2 AND deleted_at IS NULL");
        self.db.first(found.bind(org).bind(broadcast)).await
    }
}
