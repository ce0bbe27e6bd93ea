//! `PUT /me/library/{kind}/{stream_id}`: puts a stream aside.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::StreamId;

use super::LibraryKind;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Ids, Member};
use crate::streams::find::by_id;

/// Puts a stream aside.
#[utoipa::path(put, path = "/me/library/{kind}/{stream_id}", tag = "viewing",
    params(("kind" = LibraryKind, Path), ("stream_id" = Uuid, Path)), responses((status = 204)))]
pub(crate) async fn add(
    State(api): State<Shared>,
    member: Member,
    Ids(kind, stream): Ids<LibraryKind, StreamId>,
) -> Result<StatusCode, ApiError> {
    let stream = by_id(&api, &member, stream.0).await?;
    let identity = &member.identity;
    let (org, account) = (identity.org, identity.account);
    api.store.library().add(org, account, kind.as_str(), stream.id, api.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
