//! Liveness and readiness, and the routes of the internal listener.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Value, json};

use crate::metrics;

/// Whether this node takes new sessions.
#[derive(Clone, Default)]
pub(crate) struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Says so from now on.
    pub(crate) fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// `/health`, `/health/live` and `/health/ready`.
pub(crate) fn routes(readiness: Readiness) -> Router {
    Router::new()
        .route("/health", get(overall))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state(readiness)
}

/// `/metrics`.
pub(crate) fn metrics_route(handle: PrometheusHandle) -> Router {
    Router::new().route("/metrics", get(scrape)).with_state(handle)
}

/// The process answers: an orchestrator that asks has no reason to restart it.
async fn live() -> impl IntoResponse {
    uncached(StatusCode::OK, json!({ "status": "live" }))
}

/// New sessions are welcome: an orchestrator may send some.
async fn ready(State(readiness): State<Readiness>) -> impl IntoResponse {
    match readiness.get() {
        true => uncached(StatusCode::OK, json!({ "status": "ready" })),
        false => uncached(StatusCode::SERVICE_UNAVAILABLE, json!({ "status": "draining" })),
    }
}

async fn overall(State(readiness): State<Readiness>) -> impl IntoResponse {
    let status = if readiness.get() { "ready" } else { "draining" };
    uncached(
        StatusCode::OK,
        json!({ "status": status, "service": "sluice", "version": env!("CARGO_PKG_VERSION") }),
    )
}

fn uncached(status: StatusCode, body: Value) -> impl IntoResponse {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body))
}

async fn scrape(State(handle): State<PrometheusHandle>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::render(&handle))
}
