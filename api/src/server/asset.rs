//! `GET /assets/{id}`: a picture.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sluice_domain::AssetId;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::Id;

/// A picture of a person or a stream. What an address shows never changes.
#[utoipa::path(get, path = "/assets/{id}", tag = "server", params(("id" = Uuid, Path)),
    responses((status = 200, content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"),
        (Vec<u8> = "image/gif"), (Vec<u8> = "image/avif")))))]
pub(crate) async fn asset(State(api): State<Shared>, Id(id): Id<AssetId>) -> Result<Response, ApiError> {
    let asset = api.store.assets().shown(id).await?;
    let mut response = asset.bytes.into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_str(&asset.content_type);
    headers.insert(CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(response)
}
