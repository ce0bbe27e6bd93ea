//! Problem answers of the layers that the server puts around all routes (RFC 9457).
//!
//! Routes answer through `api/error` and `signaling/error`; this is for what never reaches them.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sluice_domain::ProblemCode;

/// Marks a problem whose request id is still to be filled in by the outermost layer.
#[derive(Clone)]
pub struct Pending {
    code: ProblemCode,
    detail: &'static str,
}

/// A problem without its request id.
pub fn problem(status: StatusCode, code: ProblemCode, detail: &'static str) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(Pending { code, detail });
    response
}

/// Writes the body of a problem now that the request id is known; other answers pass untouched.
pub fn finish(mut response: Response, request_id: &str) -> Response {
    let Some(Pending { code, detail }) = response.extensions_mut().remove() else { return response };
    let status = response.status();
    let body = json!({
        "type": format!("/problems/{code}"),
        "title": code.title(),
        "status": status.as_u16(),
        "code": code.code(),
        "detail": detail,
        "request_id": request_id,
    });
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(body.to_string());
    response
}
