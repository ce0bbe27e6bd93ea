//! `DELETE /me/avatar`: no picture of the account.

use axum::extract::State;

use super::Me;
use super::view::current;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Member, Tagged};

/// Takes the picture of the account away.
#[utoipa::path(delete, path = "/me/avatar", tag = "me",
    responses((status = 200, body = Me, headers(("etag" = String)))))]
pub(crate) async fn remove_avatar(State(api): State<Shared>, member: Member) -> Result<Tagged<Me>, ApiError> {
    let identity = &member.identity;
    api.store.accounts().set_avatar(identity.org, identity.account, None, api.now()).await?;
    let (version, me) = current(&api, identity).await?;
    Ok(Tagged::new(version, me))
}
