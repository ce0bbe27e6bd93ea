//! Limits how often one address may change something (W41).

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use governor::Quota;
use sluice_http::limit::{Counter, network};

use crate::Shared;
use crate::config::RateLimit;
use crate::error::SignalingError;

/// Counts changing requests by address.
pub(crate) type Limiter = Counter<IpAddr>;

/// A counter with this limit.
pub(crate) fn limiter(limit: RateLimit) -> Limiter {
    Counter::new(Quota::per_second(limit.per_second).allow_burst(limit.burst))
}

/// Whether OPTIONS asks what is only for who may publish or watch: keys must not be guessed by it either.
pub(crate) fn shows_credential(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(AUTHORIZATION)
}

/// Refuses POST, PATCH, DELETE and OPTIONS with a credential of an address that makes too many.
pub(crate) async fn limit(State(signaling): State<Shared>, request: Request, next: Next) -> Response {
    let method = request.method();
    let changes = matches!(*method, Method::POST | Method::PATCH | Method::DELETE)
        || shows_credential(method, request.headers());
    if let Some(limiter) = signaling.limiter.as_ref().filter(|_| changes) {
        let caller = sluice_http::caller(request.extensions());
        if let Err(wait) = limiter.count(&network(caller)) {
            metrics::counter!("sluice_signaling_limited_total").increment(1);
            return SignalingError::RateLimited { wait }.into_response();
        }
    }
    next.run(request).await
}
