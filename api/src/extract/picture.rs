//! Pictures, known by their first bytes and not by what their sender says.

use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use sluice_domain::{PictureFacts, PictureKind};

use super::body::read;
use crate::error::ApiError;

/// Largest picture. A camera's photo is larger and is made smaller by the page that sends it.
const MAX_PICTURE: usize = 2 << 20;

/// Largest emote. Everybody in a chat loads it.
const MAX_EMOTE: usize = 512 << 10;

/// Pixels that a side of an emote has: less cannot be seen, more is never shown.
const EMOTE_SIDES: std::ops::RangeInclusive<u32> = 16..=512;

/// How many times as long as the other a side of an emote may be: wider ones tear lines apart.
const EMOTE_RATIO: u32 = 2;

/// The picture of a person or a stream.
pub(crate) struct Picture {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

impl<S: Send + Sync> FromRequest<S> for Picture {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = image(request, "image/png, image/jpeg or image/webp", MAX_PICTURE).await?;
        match PictureKind::of(&bytes) {
            Some(kind @ (PictureKind::Png | PictureKind::Jpeg | PictureKind::Webp)) => {
                Ok(Self { content_type: kind.media_type(), bytes })
            }
            Some(PictureKind::Gif | PictureKind::Avif) | None => {
                Err(ApiError::field("", "not_a_picture", "The body is not a PNG, JPEG or WebP picture."))
            }
        }
    }
}

/// The picture of an emote.
pub(crate) struct EmotePicture {
    pub(crate) facts: PictureFacts,
    pub(crate) bytes: Vec<u8>,
}

impl<S: Send + Sync> FromRequest<S> for EmotePicture {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = image(request, "image/png, image/webp, image/gif or image/avif", MAX_EMOTE).await?;
        let facts = PictureFacts::of(&bytes).ok_or_else(|| {
            ApiError::field("", "not_a_picture", "The body is not a PNG, WebP, GIF or AVIF picture.")
        })?;
        let (short, long) = (facts.width.min(facts.height), facts.width.max(facts.height));
        if !EMOTE_SIDES.contains(&short) || !EMOTE_SIDES.contains(&long) || long > short * EMOTE_RATIO {
            let message = format!(
                "The picture has {} x {} pixels: each side has {} to {}, and none is more than {EMOTE_RATIO} \
                 times as long as the other.",
                facts.width,
                facts.height,
                EMOTE_SIDES.start(),
                EMOTE_SIDES.end()
            );
            return Err(ApiError::field("", "wrong_size", message));
        }
        Ok(Self { facts, bytes })
    }
}

/// A body that says that it is a picture.
async fn image(request: Request, expected: &'static str, limit: usize) -> Result<Vec<u8>, ApiError> {
    let said = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !said.is_some_and(|said| said.starts_with("image/")) {
        return Err(ApiError::UnsupportedType { expected });
    }
    read(request, limit).await
}
