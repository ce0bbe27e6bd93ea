//! Bodies: JSON of at most 64 KiB.

use axum::body::{Body as Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde::de::DeserializeOwned;

use super::strict::Strict;
use crate::error::ApiError;

/// Longest JSON body. The longest text that a field takes has 50,000 characters.
const MAX_JSON: usize = 64 << 10;

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::UnsupportedType { expected: "application/json" });
        }
        parse(&read(request, MAX_JSON).await?).map(Self)
    }
}

/// A JSON body that may be missing.
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if request.headers().contains_key(CONTENT_TYPE) {
            return Body::from_request(request, state).await.map(|Body(body)| Self(body));
        }
        if read(request, MAX_JSON).await?.is_empty() {
            return Ok(Self(T::default()));
        }
        Err(ApiError::UnsupportedType { expected: "application/json" })
    }
}

/// The bytes of a body that has at most so many.
pub(super) async fn read(request: Request, limit: usize) -> Result<Vec<u8>, ApiError> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > limit) {
        return Err(ApiError::TooLarge { limit });
    }
    collect(request.into_body(), limit).await
}

async fn collect(body: Bytes, limit: usize) -> Result<Vec<u8>, ApiError> {
    // One byte more than allowed tells a body that is too long from one that broke off.
    match to_bytes(body, limit + 1).await {
        Ok(bytes) if bytes.len() > limit => Err(ApiError::TooLarge { limit }),
        Ok(bytes) => Ok(bytes.into()),
        Err(error) if is_too_long(&error) => Err(ApiError::TooLarge { limit }),
        Err(_) => Err(ApiError::MalformedRequest("The body broke off.")),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if error.to_string().contains("length limit exceeded") {
            return true;
        }
        source = error.source();
    }
    false
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(Strict(&mut json)).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        refusal(&path, &error.into_inner())
    })?;
    json.end().map_err(|error| refusal("", &error))?;
    Ok(parsed)
}

/// A text that is no JSON is malformed; JSON that does not fit is invalid, and we know where.
fn refusal(path: &str, error: &serde_json::Error) -> ApiError {
    let text = error.to_string();
    // The place in the text says nothing to who sees a form.
    let text = text.split(" at line ").next().unwrap_or_default();
    if !error.is_data() {
        return ApiError::MalformedJson(format!("The body is no JSON: {text}."));
    }
    let code = if text.starts_with("unknown field") {
        "unknown_field"
    } else if text.starts_with("missing field") {
        "required"
    } else {
        "wrong_type"
    };
    ApiError::field(path, code, format!("{text}."))
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only parsed")]
        names: Vec<String>,
        #[expect(dead_code, reason = "only parsed")]
        inner: Option<Inner>,
    }

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(default)]
    struct Inner {
        number: Option<u8>,
    }

    fn refused(text: &str) -> (String, String) {
        match parse::<Sample>(text.as_bytes()).unwrap_err() {
            ApiError::Invalid(errors) => (errors[0].field.clone(), errors[0].code.clone()),
            ApiError::MalformedJson(_) => ("".to_owned(), "malformed".to_owned()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_field_that_does_not_fit_is_named() {
        assert_eq!(refused(r#"{"names": [1]}"#), ("names[0]".to_owned(), "wrong_type".to_owned()));
        assert_eq!(refused(r#"{"names": [], "x": 1}"#).1, "unknown_field");
        assert_eq!(refused("{}").1, "required");
        for malformed in ["", "{", "{]", r#"{"names": []} x"#] {
            assert_eq!(refused(malformed).1, "malformed", "{malformed}");
        }
    }

    #[test]
    fn an_array_is_no_object_at_any_depth() {
        assert!(parse::<Sample>(br#"{"names": ["a"], "inner": {"number": 1}}"#).is_ok());
        assert!(parse::<Sample>(br#"{"names": ["a"], "inner": null}"#).is_ok());
        assert_eq!(refused(r#"[["a"], null]"#), (String::new(), "wrong_type".to_owned()));
        for inner in ["[1]", "[]", "7"] {
            let text = format!(r#"{{"names": [], "inner": {inner}}}"#);
            assert_eq!(refused(&text), ("inner".to_owned(), "wrong_type".to_owned()), "{inner}");
        }
        assert!(parse::<Vec<Inner>>(b"[{}]").is_ok() && parse::<Vec<Inner>>(b"[[]]").is_err());
    }
}
