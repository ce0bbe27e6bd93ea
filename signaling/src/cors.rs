//! Cross-origin access: every page may publish and watch, because a key or nothing decides and
//! never a cookie (B-BR2, T12). Errors carry the headers too, or pages could not read them.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;

/// `ETag` is there because one library sends it instead of `If-Match`.
const ALLOWED_HEADERS: HeaderValue =
    HeaderValue::from_static("Authorization, Content-Type, If-Match, ETag, Range");

/// One library trickles only if it finds PATCH here, on the endpoint (B-BR7), so the list is the
/// same everywhere, and exposed.
const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("POST, GET, HEAD, PATCH, DELETE, OPTIONS");

const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static(
    "Location, Link, ETag, Retry-After, Accept-Post, Access-Control-Allow-Methods, Accept-Ranges, \
     Content-Length, Content-Range, Date",
);

/// A day. Each preflight costs a round trip; browsers cap this at two hours or so themselves.
const MAX_AGE: HeaderValue = HeaderValue::from_static("86400");

/// Whether a browser asks on behalf of a page, before the real request.
pub(crate) fn is_preflight(headers: &HeaderMap) -> bool {
    headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Adds the headers to every answer.
pub(crate) async fn cors(request: Request, next: Next) -> Response {
    let options = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    if options {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS);
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }
    response
}
