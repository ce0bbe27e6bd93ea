//! The outermost layer of every router: request id, tracing span, request metrics.

use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, HeaderName};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use tracing::Instrument as _;

use crate::problem::Problem;

/// The header that carries request ids in both directions.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest request id that is taken over from a caller. Ids land in logs and headers; UUIDs have
/// 36 characters and W3C trace ids 55.
const MAX_REQUEST_ID: usize = 64;

/// The id of the request at hand, in the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Wraps a router: a request id comes in or is made and goes out again, everything below runs in
/// a span with it, and `http_requests_total` and `http_request_duration_seconds` count the request
/// by route (never by path: a path may hold a session id).
///
/// Apply it once to each router, before merging routers.
pub fn with_context<S>(router: Router<S>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router.layer(from_fn(handle))
}

async fn handle(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request.headers().get(REQUEST_ID).and_then(accepted).unwrap_or_else(made);
    let method = request.method().clone();
    let endpoint = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    request.extensions_mut().insert(RequestId(id.clone()));

    let span = tracing::info_span!("http", %method, endpoint, correlation_id = id);
    let mut response = next.run(request).instrument(span.clone()).await;

    let status = response.status().as_u16();
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        span.in_scope(|| tracing::debug!(status, code = %problem.code(), "request refused"));
        *response.body_mut() = problem.body_text(Some(&id));
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    let value = HeaderValue::from_str(&id).expect("an accepted or made id is visible ASCII");
    response.headers_mut().insert(REQUEST_ID, value);

    let labels = [
        ("method", method_label(&method).to_owned()),
        ("endpoint", endpoint),
        ("status", status.to_string()),
    ];
    let elapsed = began.elapsed();
    metrics::histogram!("http_request_duration_seconds", &labels[..2]).record(elapsed.as_secs_f64());
    metrics::counter!("http_requests_total", &labels).increment(1);
    span.in_scope(|| tracing::debug!(status, duration_ms = elapsed.as_millis() as u64, "request done"));
    response
}

/// Callers may invent methods; labels may not grow with them.
fn method_label(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn accepted(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let fits = (1..=MAX_REQUEST_ID).contains(&text.len());
    let safe = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'));
    (fits && safe).then(|| text.to_owned())
}

fn made() -> String {
    format!("{:032x}", rand::random::<u128>())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::routing::get;
    use sluice_domain::ProblemCode;
    use tower::ServiceExt as _;

    use super::*;
    use crate::problem::ProblemBody;

    async fn ask(id: Option<&str>) -> Response {
        let router = with_context(Router::new().route(
            "/",
            get(async || Problem::new(StatusCode::IM_A_TEAPOT, ProblemCode::Internal, "No coffee here.")),
        ));
        let mut request = Request::new(Body::empty());
        if let Some(id) = id {
            request.headers_mut().insert(REQUEST_ID, HeaderValue::from_str(id).unwrap());
        }
        router.oneshot(request).await.unwrap()
    }

    async fn body(response: Response) -> ProblemBody {
        let bytes = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[tokio::test]
    async fn a_callers_request_id_comes_back_in_header_and_problem() {
        let response = ask(Some("abc-123")).await;
        assert_eq!(response.headers()[REQUEST_ID], "abc-123");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let problem = body(response).await;
        assert_eq!(problem.request_id.as_deref(), Some("abc-123"));
        assert_eq!((problem.status, problem.code), (418, ProblemCode::Internal));
        assert_eq!(problem.kind, "urn:sluice:problem:internal");
    }

    #[tokio::test]
    async fn an_unsafe_or_missing_request_id_is_replaced() {
        for id in [None, Some(""), Some("a b"), Some("x\"y"), Some(&"x".repeat(65)[..])] {
            let response = ask(id).await;
            assert_eq!(response.headers()[REQUEST_ID].len(), 32, "{id:?}");
        }
    }
}
