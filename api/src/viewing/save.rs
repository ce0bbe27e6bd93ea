//! `POST /viewing/save`: puts a stream aside, or back.

use axum::extract::State;
use axum::http::StatusCode;

use super::SaveStream;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member};
use crate::library::LibraryKind;
use crate::streams::find::by_id;

/// Puts a stream aside, or back.
#[utoipa::path(post, path = "/viewing/save", tag = "viewing", request_body = SaveStream,
    responses((status = 204)))]
pub(crate) async fn save(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<SaveStream>,
) -> Result<StatusCode, ApiError> {
    let stream = by_id(&api, &member, given.stream_id).await?;
    let kind = given.kind.unwrap_or(LibraryKind::Saved).as_str();
    let (org, account) = (member.identity.org, member.identity.account);
    if given.save.unwrap_or(true) {
        api.store.library().add(org, account, kind, stream.id, api.now()).await?;
    } else {
        api.store.library().remove(org, account, kind, stream.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
