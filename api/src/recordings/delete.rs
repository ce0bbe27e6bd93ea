//! `DELETE /recordings/{id}`: takes a recording away.

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use sluice_domain::{RecordingId, RecordingState};

use super::find::editable_or;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};

/// Takes a recording away. It can be restored for a week; then its files are removed.
#[utoipa::path(delete, path = "/recordings/{id}", tag = "recordings", params(("id" = Uuid, Path)),
    responses((status = 204)))]
pub(crate) async fn delete(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<RecordingId>,
) -> Result<StatusCode, ApiError> {
    let (recording, _) = editable_or(&api, &member, id, None).await?;
    if recording.state == RecordingState::Recording {
        return Err(ApiError::RecordingNotReady);
    }
    let org = recording.org_id;
    let tx = api.store.begin().await?;
    tx.recordings().delete(org, id, None, api.now()).await?;
    let detail = json!({ "title": recording.title, "stream": recording.stream_id });
    let target = ("recording", id);
    api.accounts.audit(&tx, org, &member.actor(), "recording.deleted", target, detail).await?;
    tx.commit().await?;
    api.live.recording_changed(id);
    Ok(StatusCode::NO_CONTENT)
}
