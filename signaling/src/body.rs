//! Reads request bodies: the right type, not too much, not too slowly.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use futures_util::StreamExt as _;

use crate::error::SignalingError;
use crate::links;

/// Largest body. The largest offers of browsers with every codec have 10 to 20 KiB.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// How much of a body that is too large is still read, so that its sender gets to read the answer
/// instead of a reset connection.
const MAX_DISCARDED: usize = 4 * 1024 * 1024;

/// Whether the body is declared to be of this type. Parameters such as a charset do not matter.
pub(crate) fn require_type(headers: &HeaderMap, expected: &'static str) -> Result<(), SignalingError> {
    let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(expected) {
        Ok(())
    } else {
        Err(SignalingError::ContentType { expected })
    }
}

/// An SDP offer.
pub(crate) async fn offer(
    headers: &HeaderMap,
    body: Body,
    limit: Duration,
) -> Result<String, SignalingError> {
    require_type(headers, links::SDP)?;
    let text = text(body, limit).await?;
    if text.trim().is_empty() { Err(SignalingError::EmptyOffer) } else { Ok(text) }
}

/// A body as text.
pub(crate) async fn text(body: Body, limit: Duration) -> Result<String, SignalingError> {
    let read = tokio::time::timeout(limit, collect(body.into_data_stream()));
    let bytes = read.await.map_err(|_elapsed| SignalingError::Slow)??;
    String::from_utf8(bytes).map_err(|_| SignalingError::NotText)
}

async fn collect(mut chunks: BodyDataStream) -> Result<Vec<u8>, SignalingError> {
    let mut bytes = Vec::new();
    let mut total = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_hung_up| SignalingError::Broken)?;
        total += chunk.len();
        if total <= MAX_BODY {
            bytes.extend_from_slice(&chunk);
        } else if total > MAX_DISCARDED {
            break;
        }
    }
    if total > MAX_BODY { Err(SignalingError::TooLarge { limit: MAX_BODY }) } else { Ok(bytes) }
}
