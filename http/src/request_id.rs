//! Request ids: taken over from the caller or made, sent back, and written into problems.

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LENGTH, HeaderName};
use axum::middleware::{Next, from_fn};
use axum::response::Response;

use crate::problem::Problem;

/// The header that carries request ids in both directions.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest request id that is taken over from a caller. Ids land in logs and headers; UUIDs have
/// 36 characters and W3C trace ids 55.
const MAX_REQUEST_ID: usize = 64;

/// Wraps a router so that every answer carries the request's id, problems in their body too. The
/// id is the caller's, or that of a layer further out, where it is harmless; else a new one.
pub fn with_request_id<S>(router: Router<S>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router.layer(from_fn(handle))
}

async fn handle(mut request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).and_then(accepted).unwrap_or_else(made);
    let value = HeaderValue::from_str(&id).expect("an accepted or made id is visible ASCII");
    request.headers_mut().insert(REQUEST_ID, value.clone());
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        tracing::debug!(status = problem.status().as_u16(), code = %problem.code(), "request refused");
        *response.body_mut() = problem.body_text(Some(&id));
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    response.headers_mut().insert(REQUEST_ID, value);
    response
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
        let router = with_request_id(Router::new().route(
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
