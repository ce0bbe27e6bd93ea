//! Errors over HTTP: `application/problem+json` (RFC 9457) with a stable code.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sluice_domain::{ProblemCode, Redacted};

/// An error on its way to a caller. [`crate::with_request_id`] adds the request id.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: ProblemCode,
    detail: String,
    headers: HeaderMap,
    errors: Vec<FieldError>,
    reset_token: Option<Redacted<String>>,
}

/// The JSON that callers read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemBody {
    /// URI of the kind of problem; says the same as `code`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short text that is the same for every problem of this code.
    pub title: String,
    /// HTTP status, repeated.
    pub status: u16,
    /// Stable code.
    pub code: ProblemCode,
    /// What happened this time, for a person.
    pub detail: String,
    /// Finds this request in the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What is wrong with which field, where the code is `invalid_input`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<FieldError>>"))]
    pub errors: Vec<FieldError>,
    /// Sets a new password at `/auth/reset-password`, where the code is `password_expired`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub reset_token: Option<String>,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Its path, such as `links[0].url`; empty for the request as a whole.
    pub field: String,
    /// Stable code, such as `too_long`.
    pub code: String,
    /// A sentence for a person.
    pub message: String,
}

impl Problem {
    /// A problem with its status; `detail` is a sentence for a person and never quotes a secret.
    pub fn new(status: StatusCode, code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            headers: HeaderMap::new(),
            errors: Vec::new(),
            reset_token: None,
        }
    }

    /// Adds a header to the answer, such as `Retry-After`.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Says what is wrong with which field.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Gives what a new password can be set with.
    #[must_use]
    pub fn with_reset_token(mut self, token: Redacted<String>) -> Self {
        self.reset_token = Some(token);
        self
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    pub fn code(&self) -> ProblemCode {
        self.code
    }

    /// The body with the id of the request that failed.
    pub fn body(&self, request_id: Option<&str>) -> ProblemBody {
        ProblemBody {
            kind: format!("urn:sluice:problem:{}", self.code),
            title: self.code.title().to_owned(),
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail.clone(),
            request_id: request_id.map(str::to_owned),
            errors: self.errors.clone(),
            reset_token: self.reset_token.as_ref().map(|token| token.expose().clone()),
        }
    }

    pub(crate) fn body_text(&self, request_id: Option<&str>) -> Body {
        let text = serde_json::to_vec(&self.body(request_id)).expect("a problem body is plain data");
        Body::from(text)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body_text(None));
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers.clone());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.extensions_mut().insert(self);
        response
    }
}
