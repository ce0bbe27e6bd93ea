//! Queries.

use axum::extract::FromRequestParts;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// The query of a request.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
        query.map(|Query(params)| Self(params)).map_err(|rejection| {
            let text = std::error::Error::source(&rejection).map_or_else(String::new, ToString::to_string);
            // The path of the parameter comes first: `limit: invalid digit found in string`.
            let (field, message) = text.split_once(": ").unwrap_or(("", &text));
            let named =
                !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let (field, message) = if named { (field, message) } else { ("", text.as_str()) };
            let code = if message.starts_with("unknown field") { "unknown_field" } else { "wrong_type" };
            ApiError::field(field, code, format!("{message}."))
        })
    }
}
