//! `GET /me`: who is signed in.

use axum::extract::State;

use super::Me;
use super::view::current;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Member, Tagged};

/// Who is signed in.
#[utoipa::path(get, path = "/me", tag = "me",
    responses((status = 200, body = Me, headers(("etag" = String)))))]
pub(crate) async fn show(State(api): State<Shared>, member: Member) -> Result<Tagged<Me>, ApiError> {
    let (version, me) = current(&api, &member.identity).await?;
    Ok(Tagged::new(version, me))
}
