//! `DELETE /me/library/{kind}/{stream_id}`: puts a stream back.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::StreamId;

use super::LibraryKind;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Ids, Member};

/// Takes a stream out of the library.
#[utoipa::path(delete, path = "/me/library/{kind}/{stream_id}", tag = "viewing",
    params(("kind" = LibraryKind, Path), ("stream_id" = Uuid, Path)), responses((status = 204)))]
pub(crate) async fn remove(
    State(api): State<Shared>,
    member: Member,
    Ids(kind, stream): Ids<LibraryKind, StreamId>,
) -> Result<StatusCode, ApiError> {
    let identity = &member.identity;
    let (org, account) = (identity.org, identity.account);
    let did = api.store.library().remove(org, account, kind.as_str(), stream).await?;
    if did { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
