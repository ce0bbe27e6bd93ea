//! Under which address the caller reached us.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::Shared;
use crate::error::ApiError;

/// Scheme and authority for absolute URLs, without a slash at the end.
pub(crate) struct Origin(pub(crate) String);

impl FromRequestParts<Shared> for Origin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Shared) -> Result<Self, ApiError> {
        sluice_http::origin(api.config.public_url.as_ref(), &parts.headers, &parts.uri)
            .map(Self)
            .ok_or(ApiError::MalformedRequest("The request has no usable Host header."))
    }
}
