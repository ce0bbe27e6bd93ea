//! `POST /me/channel`: from viewer to creator.

use axum::extract::State;

use super::Me;
use super::view::view;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Member, Tagged};

/// Makes a viewer a creator, where the organisation lets everybody. Refresh the access token afterwards.
#[utoipa::path(post, path = "/me/channel", tag = "me",
    responses((status = 200, body = Me, headers(("etag" = String)))))]
pub(crate) async fn become_creator(
    State(api): State<Shared>,
    member: Member,
) -> Result<Tagged<Me>, ApiError> {
    let creator = api.accounts.become_creator(&member.identity, &member.client).await?;
    let (version, me) = view(&api, creator).await?;
    Ok(Tagged::new(version, me))
}
