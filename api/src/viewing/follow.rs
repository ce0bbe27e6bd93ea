//! `POST /social/follow`: follows somebody, or no longer.

use axum::Json;
use axum::extract::State;
use sluice_domain::AccountId;
use sluice_live::Fallen;

use super::{Follow, Following};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member};

/// Follows somebody, or no longer.
#[utoipa::path(post, path = "/social/follow", tag = "viewing", request_body = Follow,
    responses((status = 200, body = Following)))]
pub(crate) async fn follow(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<Follow>,
) -> Result<Json<Following>, ApiError> {
    let (org, account, owner) = (member.identity.org, member.identity.account, AccountId(given.owner_id));
    if owner == account {
        return Err(ApiError::field("owner_id", "own", "Nobody can follow themselves."));
    }
    api.store.accounts().member(org, owner).await?;
    let follows = api.store.follows();
    if given.follow {
        if api.store.blocks().contains(org, owner, account).await? {
            return Err(ApiError::NotFound);
        }
        follows.add(org, account, owner, api.now()).await?;
    } else if follows.remove(org, account, owner).await? {
        // Who no longer follows must ask again where only followers may watch.
        for stream in api.store.streams().of_owner(org, owner).await? {
            if stream.access == sluice_domain::AccessLevel::Followers {
                api.live.revoke(Fallen::Viewers(stream.id)).await;
            }
        }
    }
    let followers = follows.counts(org, owner).await?.0;
    let followers = u32::try_from(followers).unwrap_or_default();
    Ok(Json(Following { following: given.follow, followers }))
}
