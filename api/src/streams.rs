//! Streams, as the API shows them.

pub(crate) mod broadcasts;
mod categories;
mod create;
mod delete;
mod end;
pub(crate) mod find;
mod input;
pub(crate) mod list;
mod playback_token;
mod remove_thumbnail;
mod set_thumbnail;
mod show;
mod update;
pub(crate) mod view;

use serde::{Deserialize, Serialize};
use sluice_domain::control::MediaIssue;
use sluice_domain::{AccessLevel, Codec, LayerInfo, Maturity, RecordingVisibility, StreamName};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::Shared;
use crate::field::present;
use crate::me::Person;
use crate::recordings::{BroadcastRecording, RunningRecording};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(list::live))
        .routes(routes!(list::featured))
        .routes(routes!(list::search))
        .routes(routes!(categories::categories))
        .routes(routes!(show::show, update::update, delete::delete))
        .routes(routes!(set_thumbnail::set_thumbnail, remove_thumbnail::remove_thumbnail))
        .routes(routes!(broadcasts::broadcasts))
        .routes(routes!(end::end))
        .routes(routes!(playback_token::playback_token))
}

/// A stream in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StreamCard {
    /// For good.
    pub id: Uuid,
    /// The name in URLs.
    pub name: StreamName,
    /// The title that people see.
    pub title: String,
    /// Whose it is.
    pub owner: Person,
    /// What it is about.
    pub category: Option<CategoryName>,
    /// What it is about, in words of its owner.
    pub tags: Vec<String>,
    /// Who may watch it.
    pub access: AccessLevel,
    /// For whom it is suited.
    pub maturity: Maturity,
    /// What is spoken, such as `en`.
    pub language: Option<String>,
    /// Its picture.
    pub thumbnail_url: Option<String>,
    /// What it shows now, made anew every few seconds; null while it is not live or this caller cannot watch it.
    pub preview_url: Option<String>,
    /// Whether it is live.
    pub state: StreamState,
    /// First media of the running broadcast, in UTC milliseconds.
    pub live_since: Option<i64>,
    /// Connected viewers.
    pub viewers: u32,
    /// When it shall begin, in UTC milliseconds.
    pub scheduled_start: Option<i64>,
    /// Whether this caller cannot watch it as things are.
    pub locked: bool,
}

/// A stream with everything about it that the caller may see.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Stream {
    /// What lists show.
    #[serde(flatten)]
    pub card: StreamCard,
    /// What its owner says about it.
    pub description: String,
    /// Of the video track.
    pub codec: Option<Codec>,
    /// Best first.
    pub layers: Vec<LayerInfo>,
    /// What is wrong with the publisher's media; empty for those who cannot edit it.
    pub issues: Vec<MediaIssue>,
    /// Where a player connects.
    pub whep_url: String,
    /// Its playlist for players of HLS, while it is live.
    pub hls_url: String,
    /// In UTC milliseconds.
    pub created_at: i64,
    /// Whether its broadcasts are recorded; like what else is said of recordings for those who can edit it.
    pub record: bool,
    /// Who finds and watches a new recording, beyond what the stream asks for.
    pub recording_visibility: RecordingVisibility,
    /// Days after which a new recording goes by itself; null is never.
    pub keep_recordings_days: Option<u32>,
    /// What is recorded now.
    pub recording: Option<RunningRecording>,
    /// Whether the caller may change it.
    pub editable: bool,
    /// Whether the caller follows its owner.
    pub following: bool,
    /// Whether the caller has saved it.
    pub saved: bool,
}

/// Whether a stream is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamState {
    /// Nobody publishes.
    Offline,
    /// A publisher was accepted, no media yet.
    Starting,
    /// Media flows.
    Live,
    /// The publisher is gone; its return is awaited.
    Gap,
}

/// What a stream is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CategoryName {
    /// The name in URLs.
    pub slug: String,
    /// The name that people see.
    pub name: String,
}

/// A category with what is live in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Category {
    /// For good.
    pub id: Uuid,
    /// The name in URLs.
    pub slug: String,
    /// The name that people see.
    pub name: String,
    /// Streams that are live in it now.
    pub live_streams: u32,
}

/// A new stream.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateStream {
    /// The name in URLs: 1 to 64 of a-z, 0-9, - and _, starting with a letter or digit.
    #[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[a-z0-9][a-z0-9_-]*$")]
    pub name: String,
    /// The title that people see.
    #[schema(min_length = 1, max_length = 140)]
    pub title: String,
    /// What its owner says about it.
    #[schema(max_length = 5000)]
    pub description: Option<String>,
    /// Slug of a category.
    #[schema(max_length = 64)]
    pub category: Option<String>,
    /// What it is about.
    #[schema(max_items = 10)]
    pub tags: Option<Vec<String>>,
    /// Who may watch it; everybody where absent.
    pub access: Option<AccessLevel>,
    /// Needed where the access is `password`.
    #[schema(min_length = 4, max_length = 256, format = Password)]
    pub password: Option<String>,
    /// For whom it is suited.
    pub maturity: Option<Maturity>,
    /// What is spoken, such as `en`.
    #[schema(max_length = 35)]
    pub language: Option<String>,
    /// When it shall begin, in UTC milliseconds.
    pub scheduled_start: Option<i64>,
    /// Whether its broadcasts are recorded; they are where absent.
    pub record: Option<bool>,
}

/// Changes of a stream: what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateStream {
    /// The title that people see.
    #[schema(min_length = 1, max_length = 140)]
    pub title: Option<String>,
    /// What its owner says about it.
    #[schema(max_length = 5000)]
    pub description: Option<String>,
    /// Slug of a category.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 64, value_type = Option<String>)]
    pub category: Option<Option<String>>,
    /// What it is about.
    #[schema(max_items = 10)]
    pub tags: Option<Vec<String>>,
    /// Who may watch it.
    pub access: Option<AccessLevel>,
    /// Needed where the access becomes `password`.
    #[schema(min_length = 4, max_length = 256, format = Password)]
    pub password: Option<String>,
    /// For whom it is suited.
    pub maturity: Option<Maturity>,
    /// What is spoken, such as `en`.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 35, value_type = Option<String>)]
    pub language: Option<Option<String>>,
    /// When it shall begin, in UTC milliseconds.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub scheduled_start: Option<Option<i64>>,
    /// Whether its broadcasts are recorded, from the next one on.
    pub record: Option<bool>,
    /// Who finds and watches a new recording, beyond what the stream asks for.
    pub recording_visibility: Option<RecordingVisibility>,
    /// Days after which a new recording goes by itself.
    #[serde(default, deserialize_with = "present")]
    #[schema(minimum = 1, maximum = 36500, value_type = Option<u32>)]
    pub keep_recordings_days: Option<Option<u32>>,
}

/// One live run of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Broadcast {
    /// For good.
    pub id: Uuid,
    /// When its publisher connected, in UTC milliseconds.
    pub started_at: i64,
    /// When its first media came, in UTC milliseconds.
    pub live_at: Option<i64>,
    /// When it was over, in UTC milliseconds.
    pub ended_at: Option<i64>,
    /// Why.
    pub end_reason: Option<String>,
    /// The stream's title at that time.
    pub title: String,
    /// Most viewers at the same time.
    pub peak_viewers: u32,
    /// How often somebody began to watch.
    pub joins: u32,
    /// Seconds that all viewers watched, together.
    pub watch_seconds: i64,
    /// Of the video track.
    pub codec: Option<String>,
    /// What was measured.
    #[schema(value_type = Object)]
    pub metrics: serde_json::Value,
    /// What went wrong.
    #[schema(value_type = Vec<Object>)]
    pub errors: Vec<serde_json::Value>,
    /// What became of its recording; null where there is none.
    pub recording: Option<BroadcastRecording>,
}

/// Opens a stream that is not for everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaybackRequest {
    /// Of the stream, where its access is `password`.
    #[schema(max_length = 256, format = Password)]
    pub password: Option<String>,
}

/// What a player shows at the WHEP endpoint, as `Authorization: Bearer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlaybackToken {
    /// Bound to the stream.
    pub token: String,
    /// Seconds until it ends.
    pub expires_in: u32,
}
