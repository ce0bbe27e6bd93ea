//! `PUT /recordings/{id}/position`: how far somebody has watched.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::RecordingId;

use super::SetPosition;
use super::find::visible;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Caller, Id, Member};
use crate::me::Privacy;
use crate::me::view::remembered;

/// Notes how far the caller has watched, so that they can go on there on any device. Where no history is kept,
/// nothing is noted.
#[utoipa::path(put, path = "/recordings/{id}/position", tag = "recordings", params(("id" = Uuid, Path)),
    request_body = SetPosition, responses((status = 204)))]
pub(crate) async fn position(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<RecordingId>,
    Body(given): Body<SetPosition>,
) -> Result<StatusCode, ApiError> {
    let caller = Caller { identity: Some(member.identity.clone()), client: member.client.clone() };
    let (recording, _) = visible(&api, &caller, id).await?;
    if !(0..=recording.duration_ms).contains(&given.position_ms) {
        return Err(ApiError::field("position_ms", "out_of_range", "It is not within the recording."));
    }
    let (org, account) = (member.identity.org, member.identity.account);
    let privacy = api.store.accounts().by_id(org, account).await?.privacy_json;
    if remembered::<Privacy>(privacy).save_history {
        api.store.recording_positions().set(org, account, id, given.position_ms, api.now()).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
