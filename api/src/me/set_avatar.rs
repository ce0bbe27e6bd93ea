//! `POST /me/avatar`: the picture of the account.

use axum::extract::State;
use sluice_domain::AssetId;
use sluice_store::Asset;

use super::Me;
use super::view::current;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Member, Picture, Tagged};

/// Sets the picture of the account: PNG, JPEG or WebP of at most 2 MiB.
#[utoipa::path(post, path = "/me/avatar", tag = "me",
    request_body(content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"))),
    responses((status = 200, body = Me, headers(("etag" = String)))))]
pub(crate) async fn set_avatar(
    State(api): State<Shared>,
    member: Member,
    picture: Picture,
) -> Result<Tagged<Me>, ApiError> {
    let (org, now) = (member.identity.org, api.now());
    let asset = Asset {
        id: AssetId(api.accounts.clock().uuid()),
        org_id: org,
        kind: "avatar".to_owned(),
        content_type: picture.content_type.to_owned(),
        bytes: picture.bytes,
        created_at: now,
    };
    let tx = api.store.begin().await?;
    tx.assets().create(&asset).await?;
    tx.accounts().set_avatar(org, member.identity.account, Some(asset.id), now).await?;
    tx.commit().await?;
    let (version, me) = current(&api, &member.identity).await?;
    Ok(Tagged::new(version, me))
}
