//! Recordings: what is kept of broadcasts, as the API shows it. Pictures and sound go over `/vod`
//! (docs/spec/hls.md).

mod chapters;
mod chat;
mod delete;
pub(crate) mod find;
pub(crate) mod list;
mod position;
mod restore;
mod show;
mod update;
pub(crate) mod view;

use serde::{Deserialize, Serialize};
use sluice_domain::chat::ChatMessage;
use sluice_domain::{AccessLevel, Maturity, RecordingState, RecordingVisibility, StreamName};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::Shared;
use crate::field::present;
use crate::me::Person;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list::of_stream))
        .routes(routes!(list::of_channel))
        .routes(routes!(list::of_organisation))
        .routes(routes!(show::show, update::update, delete::delete))
        .routes(routes!(restore::restore))
        .routes(routes!(chapters::chapters))
        .routes(routes!(chat::chat))
        .routes(routes!(position::position))
}

/// A recording in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RecordingCard {
    /// For good.
    pub id: Uuid,
    /// Of which stream.
    pub stream: RecordedStream,
    /// Whose it is.
    pub owner: Person,
    /// Of which broadcast.
    pub broadcast_id: Uuid,
    /// The title that people see.
    pub title: String,
    /// Who finds and watches it, beyond what its stream asks for.
    pub visibility: RecordingVisibility,
    /// How far it has come.
    pub state: RecordingState,
    /// What went wrong; null for those who cannot edit it.
    pub failure: Option<String>,
    /// When the first picture was captured, in UTC milliseconds.
    pub started_at: i64,
    /// When it ended, in UTC milliseconds.
    pub ended_at: Option<i64>,
    /// How long it is for viewers, in milliseconds.
    pub duration_ms: i64,
    /// How much is kept, in bytes.
    pub size_bytes: i64,
    /// Width of the best rendition.
    pub width: Option<u32>,
    /// Height of the best rendition.
    pub height: Option<u32>,
    /// Of the video track.
    pub codec: Option<String>,
    /// Its picture.
    pub poster_url: Option<String>,
    /// When it goes by itself, in UTC milliseconds.
    pub delete_after: Option<i64>,
    /// Since when it is deleted, in UTC milliseconds. It can be restored for a while.
    pub deleted_at: Option<i64>,
    /// Whether this caller cannot watch it as things are.
    pub locked: bool,
}

/// The stream that a recording is of.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RecordedStream {
    /// For good.
    pub id: Uuid,
    /// The name in URLs.
    pub name: StreamName,
    /// The title that people see.
    pub title: String,
    /// Who may watch it.
    pub access: AccessLevel,
    /// For whom it is suited.
    pub maturity: Maturity,
}

/// A recording with everything about it that the caller may see. Times within it are those of the whole
/// recording: a player that shows what was not cut off is `trim_start_ms` ahead of them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Recording {
    /// What lists show.
    #[serde(flatten)]
    pub card: RecordingCard,
    /// What it is about.
    pub description: String,
    /// How long it is with what was cut off, in milliseconds.
    pub full_duration_ms: i64,
    /// Where it begins for viewers, in milliseconds.
    pub trim_start_ms: Option<i64>,
    /// Where it ends for viewers, in milliseconds.
    pub trim_end_ms: Option<i64>,
    /// How often something is missing in it.
    pub gaps: u32,
    /// Its playlist for players of HLS; null while there is none.
    pub hls_url: Option<String>,
    /// Its manifest for players of DASH; null while there is none.
    pub dash_url: Option<String>,
    /// Pictures for the seek bar, as a WebVTT file.
    pub storyboard_url: Option<String>,
    /// A file to download; null for those who may not.
    pub download_url: Option<String>,
    /// Whether that file is made already; else the first who asks waits for it.
    pub download_ready: bool,
    /// Its parts, in their order.
    pub chapters: Vec<Chapter>,
    /// How far the caller has watched, in milliseconds.
    pub position_ms: Option<i64>,
    /// Whether the caller may change it.
    pub editable: bool,
}

/// A part of a recording, until the next chapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Chapter {
    /// Where it begins, in milliseconds.
    pub at_ms: i64,
    /// What it is called.
    pub title: String,
}

/// Changes of a recording: what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRecording {
    /// The title that people see.
    #[schema(min_length = 1, max_length = 140)]
    pub title: Option<String>,
    /// What it is about.
    #[schema(max_length = 5000)]
    pub description: Option<String>,
    /// Who finds and watches it.
    pub visibility: Option<RecordingVisibility>,
    /// Where it begins for viewers, in milliseconds.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub trim_start_ms: Option<Option<i64>>,
    /// Where it ends for viewers, in milliseconds.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub trim_end_ms: Option<Option<i64>>,
    /// When it goes by itself, in UTC milliseconds.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub delete_after: Option<Option<i64>>,
}

/// All chapters of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetChapters {
    /// In any order; none twice at the same time.
    #[schema(max_items = 100)]
    pub chapters: Vec<NewChapter>,
}

/// A part of a recording, until the next chapter.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChapter {
    /// Where it begins, in milliseconds.
    pub at_ms: i64,
    /// What it is called.
    #[schema(min_length = 1, max_length = 140)]
    pub title: String,
}

/// How far somebody has watched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPosition {
    /// In milliseconds.
    #[schema(minimum = 0)]
    pub position_ms: i64,
}

/// What was said while a recording was made, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ReplayedMessages {
    /// Messages.
    pub items: Vec<ReplayedMessage>,
    /// Whether there are more behind them.
    pub more: bool,
}

/// A message, and when it is shown beside the picture.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ReplayedMessage {
    /// In milliseconds; what its author saw when they wrote it, where that is known.
    pub at_ms: i64,
    /// What was said.
    pub message: ChatMessage,
}

/// What is recorded of a stream that is live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunningRecording {
    /// The recording.
    pub id: Uuid,
    /// How much is kept already.
    pub bytes: i64,
    /// How long it is already, in milliseconds.
    pub duration_ms: i64,
}

/// What became of a broadcast's recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct BroadcastRecording {
    /// The recording.
    pub id: Uuid,
    /// How far it has come.
    pub state: RecordingState,
    /// Who finds and watches it.
    pub visibility: RecordingVisibility,
}
