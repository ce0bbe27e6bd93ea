//! `PUT /viewing/progress`: how far somebody has watched.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::ViewingId;
use sluice_store::{StoreError, ViewingProgress as Progress};

use super::ViewingProgress;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member};
use crate::input::Fields;

/// Longest time that one viewing can have lasted, in seconds: a year.
pub(super) const MAX_SECONDS: u32 = 31_536_000;

/// Notes how far somebody has watched. Where no history is kept, nothing is noted.
#[utoipa::path(put, path = "/viewing/progress", tag = "viewing", request_body = ViewingProgress,
    responses((status = 204)))]
pub(crate) async fn progress(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<ViewingProgress>,
) -> Result<StatusCode, ApiError> {
    let mut fields = Fields::default();
    let quality_level = fields.optional_line("quality_level", given.quality_level.as_deref(), 40);
    if given.duration_watched > MAX_SECONDS {
        fields.wrong("duration_watched", "out_of_range", "nobody has watched that long");
    }
    fields.done()?;
    let progress = Progress {
        duration_watched: i64::from(given.duration_watched),
        quality_level,
        engagement_score: 0.0,
    };
    let (identity, id) = (&member.identity, ViewingId(given.session_id));
    let history = api.store.viewing_history();
    match history.set_progress(identity.org, identity.account, id, &progress).await {
        Ok(()) | Err(StoreError::NotFound) => Ok(StatusCode::NO_CONTENT),
        Err(other) => Err(other.into()),
    }
}
