//! What an account watches and has watched.

mod clear;
mod end;
mod follow;
mod history;
mod profile;
mod progress;
mod save;
mod start;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::Shared;
use crate::library::LibraryKind;
use crate::streams::StreamCard;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(history::mine, clear::clear))
        .routes(routes!(history::history))
        .routes(routes!(start::start))
        .routes(routes!(progress::progress))
        .routes(routes!(end::end))
        .routes(routes!(save::save))
        .routes(routes!(follow::follow))
        .routes(routes!(profile::show, profile::update))
        .routes(routes!(profile::delete))
        .routes(routes!(profile::subscriptions))
}

/// Something that was watched.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HistoryItem {
    /// To take it out of the history.
    pub id: Uuid,
    /// Which; null where it is gone or no longer to be seen.
    pub stream: Option<StreamCard>,
    /// In UTC milliseconds.
    pub started_at: i64,
    /// In UTC milliseconds.
    pub ended_at: Option<i64>,
    /// In seconds.
    pub duration_watched: i64,
    /// The layer that was shown.
    pub quality_level: Option<String>,
    /// What it was watched on.
    pub device_type: Option<String>,
    /// Why it ended.
    pub exit_reason: Option<String>,
}

/// Somebody begins to watch.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartViewing {
    /// What.
    pub stream_id: Uuid,
    /// Of the stream, where its access is `password`.
    #[schema(max_length = 256, format = Password)]
    pub password: Option<String>,
    /// On what.
    #[schema(max_length = 40)]
    pub device_type: Option<String>,
    /// Which layer.
    #[schema(max_length = 40)]
    pub quality_level: Option<String>,
}

/// Somebody may watch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ViewingStarted {
    /// For `PUT /viewing/progress` and `POST /viewing/end`.
    pub session_id: Uuid,
    /// What the player shows at the WHEP endpoint.
    pub playback_token: String,
    /// Seconds until the token ends.
    pub expires_in: u32,
}

/// How long somebody has watched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewingProgress {
    /// Of the start.
    pub session_id: Uuid,
    /// In seconds, since the start.
    #[schema(minimum = 0, maximum = 31_536_000)]
    pub duration_watched: u32,
    /// Which layer.
    #[schema(max_length = 40)]
    pub quality_level: Option<String>,
}

/// Somebody has watched enough.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndViewing {
    /// Of the start.
    pub session_id: Uuid,
    /// In seconds, since the start.
    #[schema(minimum = 0, maximum = 31_536_000)]
    pub duration_watched: u32,
    /// Why.
    #[schema(max_length = 40)]
    pub exit_reason: Option<String>,
    /// How much it was to somebody's liking, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub engagement_score: Option<f64>,
}

/// Puts a stream aside, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveStream {
    /// Which.
    pub stream_id: Uuid,
    /// Why; to watch later where absent.
    pub kind: Option<LibraryKind>,
    /// Whether it shall be there; true where absent.
    pub save: Option<bool>,
}

/// Follows somebody, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    /// Whom.
    pub owner_id: Uuid,
    /// Whether to follow.
    pub follow: bool,
}

/// How things stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Following {
    /// Whether the caller follows.
    pub following: bool,
    /// How many follow.
    pub followers: u32,
}
