//! Request ids, the span that every log line of a request belongs to, and the request metrics.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};
use sluice_domain::ProblemCode;
use tracing::{Instrument, field, info, info_span, warn};
use uuid::Uuid;

use crate::metrics::Metric;
use crate::problem;

/// In and out: a client's own id is kept where it is harmless.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids would let a client fill the log.
const MAX_REQUEST_ID: usize = 64;

/// Gives the request its id and writes one log line and its metrics when the answer's head is there.
pub(super) async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(&request);
    let id_header = HeaderValue::from_str(&id).expect("a request id has only visible ASCII");
    request.headers_mut().insert(REQUEST_ID, id_header.clone());

    // The route, never the path: a path may hold a session id, which is a secret.
    let endpoint =
        request.extensions().get::<MatchedPath>().map_or("web", MatchedPath::as_str).to_owned();
    let method = method_label(request.method());
    let span =
        info_span!("request", correlation_id = %id, user_id = field::Empty, method, endpoint = %endpoint);
    let response = next.run(request).instrument(span.clone()).await;

    let response = match response.status() {
        StatusCode::REQUEST_TIMEOUT => {
            let status = StatusCode::REQUEST_TIMEOUT;
            problem::problem(status, ProblemCode::Overloaded, "The request took too long.")
        }
        _ => response,
    };
    let mut response = problem::finish(response, &id);
    response.headers_mut().insert(REQUEST_ID, id_header);
    let status = response.status();
    let elapsed = started.elapsed();
    span.in_scope(|| {
        let duration_ms = elapsed.as_secs_f64() * 1_000.0;
        if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
            warn!(duration_ms, status = status.as_u16(), "request failed");
        } else {
            info!(duration_ms, status = status.as_u16(), "request");
        }
    });
    let status = status.as_u16().to_string();
    counter!(Metric::HttpRequests.name(), "method" => method, "endpoint" => endpoint.clone(), "status" => status)
        .increment(1);
    histogram!(Metric::HttpRequestDuration.name(), "endpoint" => endpoint).record(elapsed.as_secs_f64());
    response
}

fn request_id(request: &Request) -> String {
    let own = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| {
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
        !id.is_empty() && id.len() <= MAX_REQUEST_ID && id.bytes().all(harmless)
    });
    own.map_or_else(|| Uuid::now_v7().simple().to_string(), str::to_owned)
}

/// A method of the client's own invention must not become a time series.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
