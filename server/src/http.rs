//! The public HTTP service: every router of the node behind one set of layers.
//!
//! ```text
//!  connection -> true address -> request id, span, metrics -> panic -> time limit -> compression -> route
//! ```

mod address;
mod request;
mod web;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use sluice_domain::ProblemCode;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::problem::problem;

pub use address::Proxies;

/// Bodies are offers and small JSON; a route that takes more says so itself.
const MAX_BODY: usize = 1 << 20;

/// Puts the layers around the routes, and the web app where no route matches.
pub fn service(routes: Router, proxies: Proxies, request_timeout: Duration) -> Router {
    layered(routes.fallback(web::serve), proxies, request_timeout)
}

fn layered(routes: Router, proxies: Proxies, request_timeout: Duration) -> Router {
    // The last layer added is the first that a request meets.
    routes
        .layer(CompressionLayer::new())
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, request_timeout))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("referrer-policy"),
            HeaderValue::from_static("strict-origin-when-cross-origin"),
        ))
        .layer(from_fn(request::observe))
        .layer(from_fn_with_state(proxies, address::resolve))
}

/// A handler that panics costs its own request and nothing else.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    problem(StatusCode::INTERNAL_SERVER_ERROR, ProblemCode::Internal, "The server could not answer this request.")
}

#[cfg(test)]
mod tests;
