//! `PUT /streams/{id}/thumbnail`: the picture of a stream.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::AssetId;
use sluice_store::Asset;

use super::find::editable;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member, Picture};

/// Sets the picture of a stream: PNG, JPEG or WebP of at most 2 MiB.
#[utoipa::path(put, path = "/streams/{id}/thumbnail", tag = "streams", params(("id" = String, Path)),
    request_body(content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"))),
    responses((status = 204)))]
pub(crate) async fn set_thumbnail(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
    picture: Picture,
) -> Result<StatusCode, ApiError> {
    let stream = editable(&api, &member, &id).await?;
    let now = api.now();
    let asset = Asset {
        id: AssetId(api.accounts.clock().uuid()),
        org_id: stream.org_id,
        kind: "thumbnail".to_owned(),
        content_type: picture.content_type.to_owned(),
        bytes: picture.bytes,
        created_at: now,
    };
    let tx = api.store.begin().await?;
    tx.assets().create(&asset).await?;
    tx.streams().set_thumbnail(stream.org_id, stream.id, Some(asset.id), now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
