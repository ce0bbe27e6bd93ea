//! `GET /me/streams`: the own streams.

use axum::Json;
use axum::extract::State;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::Member;
use crate::page::List;
use crate::streams::StreamCard;
use crate::streams::view::cards;

/// The own streams, latest first.
#[utoipa::path(get, path = "/me/streams", tag = "me", responses((status = 200, body = List<StreamCard>)))]
pub(crate) async fn streams(
    State(api): State<Shared>,
    member: Member,
) -> Result<Json<List<StreamCard>>, ApiError> {
    let identity = &member.identity;
    let own = api.store.streams().of_owner(identity.org, identity.account).await?;
    Ok(Json(List::whole(cards(&api, identity.org, Some(identity), own).await?)))
}
