//! `POST /recordings/{id}/restore`: brings a recording back that was deleted.

use axum::extract::State;
use serde_json::json;
use sluice_domain::RecordingId;

use super::Recording;
use super::find::restorable;
use super::view::whole;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member, Origin, Tagged};

/// Brings a recording back that was deleted in the last week. One that was not deleted stays as it is.
#[utoipa::path(post, path = "/recordings/{id}/restore", tag = "recordings", params(("id" = Uuid, Path)),
    responses((status = 200, body = Recording, headers(("etag" = String)))))]
pub(crate) async fn restore(
    State(api): State<Shared>,
    member: Member,
    Origin(origin): Origin,
    Id(id): Id<RecordingId>,
) -> Result<Tagged<Recording>, ApiError> {
    let (mut recording, stream) = restorable(&api, &member, id).await?;
    let org = recording.org_id;
    if recording.deleted_at.is_some() {
        let tx = api.store.begin().await?;
        recording = tx.recordings().restore(org, id, api.now()).await?;
        let detail = json!({ "title": recording.title, "stream": recording.stream_id });
        let target = ("recording", id);
        api.accounts.audit(&tx, org, &member.actor(), "recording.restored", target, detail).await?;
        tx.commit().await?;
        api.live.recording_changed(id);
    }
    let version = recording.version;
    let body = whole(&api, &origin, Some(&member.identity), recording, &stream).await?;
    Ok(Tagged::new(version, body))
}
