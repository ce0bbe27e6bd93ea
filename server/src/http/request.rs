//! The span that every log line of a request belongs to, and the metrics of requests.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};
use sluice_http::request_id::REQUEST_ID;
use tracing::{Instrument, debug, field, info, info_span, warn};

use crate::metrics::Metric;

/// Asked every few seconds by machines, or several times a second by each player; a log line each would drown
/// the others. What goes wrong there is told all the same.
const ROUTINE: [&str; 4] = ["/health", "/metrics", "/hls/", "/vod/"];

/// Writes one log line and the metrics of a request when the head of its answer is there.
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();

    // The route, never the path: a path may hold a session id, which is a secret.
    let endpoint = request.extensions().get::<MatchedPath>().map_or("web", MatchedPath::as_str).to_owned();
    let method = method_label(request.method());
    let span =
        info_span!("request", correlation_id = id, user_id = field::Empty, method, endpoint = %endpoint);
    let response = next.run(request).instrument(span.clone()).await;

    let status = response.status();
    let elapsed = started.elapsed();
    span.in_scope(|| {
        let duration_ms = elapsed.as_secs_f64() * 1_000.0;
        if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
            warn!(duration_ms, status = status.as_u16(), "request failed");
        } else if !status.is_client_error() && ROUTINE.iter().any(|route| endpoint.starts_with(route)) {
            debug!(duration_ms, status = status.as_u16(), "request");
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
