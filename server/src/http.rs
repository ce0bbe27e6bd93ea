//! The public HTTP service: every router of the node behind one set of layers.
//!
//! ```text
//!  connection -> true address -> request id -> span, metrics -> https -> panic -> time limit -> compression -> route
//! ```

mod address;
mod request;
mod transport;
mod web;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use sluice_domain::ProblemCode;
use sluice_http::{Problem, with_request_id};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::set_header::SetResponseHeaderLayer;

pub(crate) use address::Proxies;
pub(crate) use transport::{Https, OverTls, Plain, Transport};

/// Bodies are offers and small JSON; a route that takes more says so itself.
const MAX_BODY: usize = 1 << 20;

/// What is served. A reload puts another one in its place; requests that run keep theirs.
pub(crate) type Service = Arc<ArcSwap<Router>>;

/// Puts the layers around the routes, and the web app where no route matches.
pub(crate) fn public(
    routes: Router,
    proxies: Proxies,
    transport: Transport,
    request_timeout: Duration,
) -> Router {
    layered(routes.fallback(web::serve), proxies, transport, request_timeout)
}

/// Puts the layers around the routes, and nothing where no route matches.
pub(crate) fn internal(routes: Router, request_timeout: Duration) -> Router {
    let transport = Transport { plain: Plain::Served, hsts: None };
    layered(routes.fallback(web::nothing_here), Proxies::default(), transport, request_timeout)
}

fn layered(routes: Router, proxies: Proxies, transport: Transport, request_timeout: Duration) -> Router {
    // The last layer added is the first that a request meets.
    let routes = routes
        .layer(CompressionLayer::new().compress_when(compressible()))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(request_timeout, timed))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(transport, transport::guard))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("referrer-policy"),
            HeaderValue::from_static("strict-origin-when-cross-origin"),
        ))
        .layer(from_fn(request::observe));
    with_request_id(routes).layer(from_fn_with_state(proxies, address::resolve))
}

/// What becomes smaller by being compressed: no sound and no pictures, which are compressed already.
fn compressible() -> impl Predicate {
    let media = NotForContentType::new("video/").and(NotForContentType::new("audio/"));
    DefaultPredicate::new().and(media)
}

/// Cuts off a handler that does not come to an answer, slow senders of bodies included.
async fn timed(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
        let detail = "The request took too long.";
        Problem::new(StatusCode::REQUEST_TIMEOUT, ProblemCode::RequestTimeout, detail).into_response()
    })
}

/// A handler that panics costs its own request and nothing else.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    let detail = "The server could not answer this request.";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, ProblemCode::Internal, detail).into_response()
}

#[cfg(test)]
mod tests;
