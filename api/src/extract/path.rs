//! Ids in paths.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::error::ApiError;

/// The id of a path. What cannot be an id names nothing, so it is not found.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let raw = RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::NotFound)?;
        let mut ids = raw.iter();
        Ok(Self(next(&mut ids)?))
    }
}

/// The two ids of a path.
pub(crate) struct Ids<A, B>(pub(crate) A, pub(crate) B);

impl<A: FromStr, B: FromStr, S: Send + Sync> FromRequestParts<S> for Ids<A, B> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let raw = RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::NotFound)?;
        let mut ids = raw.iter();
        Ok(Self(next(&mut ids)?, next(&mut ids)?))
    }
}

fn next<'a, T: FromStr>(ids: &mut impl Iterator<Item = (&'a str, &'a str)>) -> Result<T, ApiError> {
    ids.next().and_then(|(_, text)| text.parse().ok()).ok_or(ApiError::NotFound)
}
