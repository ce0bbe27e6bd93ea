//! `POST /viewing/end`: somebody has watched enough.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::ViewingId;
use sluice_store::{StoreError, ViewingProgress as Progress};

use super::EndViewing;
use super::progress::MAX_SECONDS;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member};
use crate::input::Fields;

/// Notes that somebody stopped watching. Where no history is kept, nothing is noted.
#[utoipa::path(post, path = "/viewing/end", tag = "viewing", request_body = EndViewing,
    responses((status = 204)))]
pub(crate) async fn end(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<EndViewing>,
) -> Result<StatusCode, ApiError> {
    let mut fields = Fields::default();
    let reason = fields.optional_line("exit_reason", given.exit_reason.as_deref(), 40);
    let score = given.engagement_score.unwrap_or_default();
    if !(0.0..=1.0).contains(&score) {
        fields.wrong("engagement_score", "out_of_range", "it is 0 to 1");
    }
    if given.duration_watched > MAX_SECONDS {
        fields.wrong("duration_watched", "out_of_range", "nobody has watched that long");
    }
    fields.done()?;
    let progress = Progress {
        duration_watched: i64::from(given.duration_watched),
        quality_level: None,
        engagement_score: score,
    };
    let (org, account) = (member.identity.org, member.identity.account);
    let id = ViewingId(given.session_id);
    let tx = api.store.begin().await?;
    let ended = async {
        tx.viewing_history().set_progress(org, account, id, &progress).await?;
        tx.viewing_history().end(org, account, id, reason.as_deref(), api.now()).await
    };
    match ended.await {
        Ok(()) => tx.commit().await?,
        Err(StoreError::NotFound) => {}
        Err(other) => return Err(other.into()),
    }
    Ok(StatusCode::NO_CONTENT)
}
