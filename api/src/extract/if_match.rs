//! Versions of records over HTTP: `ETag: "v7"` with what is read, `If-Match: "v7"` with a change.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::header::{ETAG, IF_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::error::ApiError;

/// The version that a change is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// `*`: whatever it is.
    Any,
    /// This one.
    Version(i64),
    /// None that a record ever had. It is told when the record is looked at, behind what is wrong with the
    /// body.
    Never,
}

impl IfMatch {
    /// The version to name to the store, where the newest is `current`.
    pub(crate) const fn version(self, current: i64) -> i64 {
        match self {
            Self::Any => current,
            Self::Version(version) => version,
            // Versions count from one, those of the settings of a chat from zero.
            Self::Never => -1,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let value = parts.headers.get(IF_MATCH).ok_or(ApiError::PreconditionRequired)?;
        // What is none of our tags matches no version.
        Ok(value.to_str().ok().and_then(parse).unwrap_or(IfMatch::Never))
    }
}

fn parse(text: &str) -> Option<IfMatch> {
    let text = text.trim();
    if text == "*" {
        return Some(IfMatch::Any);
    }
    // Compression on the way makes the tag weak.
    let tag = text.strip_prefix("W/").unwrap_or(text).strip_prefix("\"v")?.strip_suffix('"')?;
    let plain = !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| tag.parse().ok()).flatten().map(IfMatch::Version)
}

/// An answer with the version of its record.
pub(crate) struct Tagged<T> {
    pub(crate) status: StatusCode,
    pub(crate) version: i64,
    pub(crate) body: T,
}

impl<T> Tagged<T> {
    pub(crate) const fn new(version: i64, body: T) -> Self {
        Self { status: StatusCode::OK, version, body }
    }
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        let tag = HeaderValue::from_str(&format!("\"v{}\"", self.version));
        response.headers_mut().insert(ETAG, tag.expect("a number is visible ASCII"));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_tags_name_a_version() {
        assert_eq!(parse("\"v7\""), Some(IfMatch::Version(7)));
        assert_eq!(parse("W/\"v7\""), Some(IfMatch::Version(7)));
        assert_eq!(parse("*"), Some(IfMatch::Any));
        for other in
            ["", "v7", "\"7\"", "\"v\"", "\"v-1\"", "\"v+1\"", "\"v99999999999999999999\"", "\"v1\", \"v2\""]
        {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
