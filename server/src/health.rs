//! Liveness and readiness, and the routes of the internal listener.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Value, json};
use sluice_live::Live;
use sluice_store::Store;

use crate::metrics;

/// How long the database may take to say that it is there. A probe that waits longer counts as failed.
const DATABASE_PATIENCE: Duration = Duration::from_secs(1);

/// Whether this node takes new sessions.
#[derive(Clone)]
pub(crate) struct Readiness {
    ready: Arc<AtomicBool>,
    store: Store,
    live: Live,
}

/// Why a node takes no new sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Ready,
    Draining,
    DatabaseAway,
}

impl Readiness {
    /// A node that is not ready yet, with its database and what is live.
    pub(crate) fn new(store: Store, live: Live) -> Self {
        Self { ready: Arc::default(), store, live }
    }

    /// Says so from now on.
    pub(crate) fn set(&self, ready: bool) {
        self.ready.store(ready, Ordering::Release);
    }

    async fn get(&self) -> Health {
        if !self.ready.load(Ordering::Acquire) {
            return Health::Draining;
        }
        match tokio::time::timeout(DATABASE_PATIENCE, self.store.health()).await {
            Ok(Ok(())) => Health::Ready,
            Ok(Err(_)) | Err(_) => Health::DatabaseAway,
        }
    }
}

impl Health {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Draining => "draining",
            Self::DatabaseAway => "database_away",
        }
    }

    const fn database(self) -> &'static str {
        match self {
            Self::DatabaseAway => "away",
            Self::Ready | Self::Draining => "up",
        }
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

/// New sessions are welcome: an orchestrator may send some. While the database is away only viewers of
/// public streams that are live already get in, so new ones had better go elsewhere.
async fn ready(State(readiness): State<Readiness>) -> impl IntoResponse {
    let state = readiness.get().await;
    let status = if state == Health::Ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    uncached(status, json!({ "status": state.as_str() }))
}

async fn overall(State(readiness): State<Readiness>) -> impl IntoResponse {
    let state = readiness.get().await;
    let recorder = readiness.live.recorder_health();
    let ffmpeg = recorder.as_ref().is_some_and(|health| health.ffmpeg.is_some());
    let ffmpeg = if ffmpeg { "up" } else { "absent" };
    let recorder = recorder.map_or("off", |health| if health.low { "full" } else { "up" });
    uncached(
        StatusCode::OK,
        json!({
            "status": state.as_str(),
            "database": state.database(),
            "recorder": recorder,
            "ffmpeg": ffmpeg,
            "service": "sluice",
            "version": env!("CARGO_PKG_VERSION"),
        }),
    )
}

fn uncached(status: StatusCode, body: Value) -> impl IntoResponse {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body))
}

async fn scrape(State(handle): State<PrometheusHandle>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::render(&handle))
}
