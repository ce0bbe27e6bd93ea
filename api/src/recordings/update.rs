//! `PATCH /recordings/{id}`: changes of a recording.

use axum::extract::State;
use serde_json::json;
use sluice_domain::recording::MAX_RECORDING_DESCRIPTION;
use sluice_domain::{Permission, RecordingId, RecordingState, RecordingVisibility};
use sluice_store::RecordingChange;

use super::find::editable_or;
use super::view::whole;
use super::{Recording, UpdateRecording};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Id, IfMatch, Member, Origin, Tagged};
use crate::input::Fields;
use crate::streams::view::may_edit;

/// Least that may be left of a recording, in milliseconds. Less is no picture of anything.
const LEAST_LEFT: i64 = 1000;

/// Changes a recording, if nobody did since it was read. Moderators may hide those of others: nothing but
/// `visibility`, and that to `unlisted` or `private`.
#[utoipa::path(patch, path = "/recordings/{id}", tag = "recordings",
    params(("id" = Uuid, Path), ("if-match" = String, Header)), request_body = UpdateRecording,
    responses((status = 200, body = Recording, headers(("etag" = String)))))]
pub(crate) async fn update(
    State(api): State<Shared>,
    member: Member,
    Origin(origin): Origin,
    Id(id): Id<RecordingId>,
    if_match: IfMatch,
    Body(given): Body<UpdateRecording>,
) -> Result<Tagged<Recording>, ApiError> {
    let (there, stream) = editable_or(&api, &member, id, Some(Permission::HideStreams)).await?;
    if !may_edit(&member.identity, &stream) && !hides(&given) {
        return Err(ApiError::PermissionDenied);
    }
    let (org, version) = (there.org_id, if_match.version(there.version));
    let change = checked(there, given, api.now())?;
    let tx = api.store.begin().await?;
    let recording = tx.recordings().update(org, id, version, &change, api.now()).await?;
    let detail = json!({ "title": recording.title, "visibility": recording.visibility });
    let target = ("recording", id);
    api.accounts.audit(&tx, org, &member.actor(), "recording.updated", target, detail).await?;
    tx.commit().await?;
    api.live.recording_changed(id);
    let version = recording.version;
    let body = whole(&api, &origin, Some(&member.identity), recording, &stream).await?;
    Ok(Tagged::new(version, body))
}

/// Whether a change does nothing but hide.
fn hides(given: &UpdateRecording) -> bool {
    let hidden =
        matches!(given.visibility, Some(RecordingVisibility::Unlisted | RecordingVisibility::Private));
    hidden && UpdateRecording { visibility: None, ..given.clone() } == UpdateRecording::default()
}

/// The whole recording after the change.
fn checked(
    there: sluice_store::Recording,
    given: UpdateRecording,
    now: i64,
) -> Result<RecordingChange, ApiError> {
    let mut fields = Fields::default();
    let cuts = given.trim_start_ms.is_some() || given.trim_end_ms.is_some();
    let title = match &given.title {
        Some(title) => fields.line("title", title, 140),
        None => there.title,
    };
    let description = match &given.description {
        Some(description) => fields.paragraph("description", description, MAX_RECORDING_DESCRIPTION),
        None => there.description,
    };
    let trim_start_ms = given.trim_start_ms.unwrap_or(there.trim_start_ms);
    let trim_end_ms = given.trim_end_ms.unwrap_or(there.trim_end_ms);
    let begins = trim_start_ms.unwrap_or(0);
    let ends = trim_end_ms.unwrap_or(there.duration_ms);
    if cuts {
        if !(0..=there.duration_ms).contains(&begins) {
            fields.wrong("trim_start_ms", "out_of_range", "it is not within the recording");
        } else if !(0..=there.duration_ms).contains(&ends) {
            fields.wrong("trim_end_ms", "out_of_range", "it is not within the recording");
        } else if ends - begins < LEAST_LEFT {
            fields.wrong("trim_end_ms", "out_of_range", "less than a second would be left");
        }
    }
    if let Some(Some(at)) = given.delete_after {
        fields.time("delete_after", Some(at));
        if at <= now {
            fields.wrong("delete_after", "out_of_range", "it is in the past");
        }
    }
    let finished = matches!(there.state, RecordingState::Ready | RecordingState::Failed);
    if cuts && !finished {
        return Err(ApiError::RecordingNotReady);
    }
    fields.done()?;
    Ok(RecordingChange {
        title,
        description,
        visibility: given.visibility.unwrap_or(there.visibility),
        trim_start_ms,
        trim_end_ms,
        delete_after: given.delete_after.unwrap_or(there.delete_after),
    })
}
