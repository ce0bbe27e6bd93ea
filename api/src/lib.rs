//! The REST API: one file per verb.
//!
//! ```text
//!  request ─▶ request id ─▶ streams::{list, show} · server::show ─▶ Live
//!                                          └─ error: the only place that knows status codes
//! ```
//!
//! It reads and never changes: publishing and watching are `signaling`'s. It knows no media, and
//! its answers are types from which the web app's TypeScript is generated.

pub mod admin;
pub mod auth;
pub mod channels;
mod error;
mod field;
pub mod first_light;
pub mod keys;
pub mod library;
pub mod me;
pub mod openapi;
pub mod page;
pub mod server;
pub mod setup;
pub mod streams;
pub mod viewing;
pub mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use sluice_domain::{Redacted, StreamName};
use sluice_http::PublicUrl;
use sluice_live::Live;

/// Settings of the API.
#[derive(Debug, Clone, Default)]
pub struct ApiConfig {
    /// Our public address; without it absolute URLs repeat what the caller used.
    pub public_url: Option<PublicUrl>,
    /// The stream and key of `--demo`, shown to callers on this machine only.
    pub demo: Option<Demo>,
}

/// A stream that is ready to publish to, for trying things out.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The stream.
    pub stream: StreamName,
    /// Its key.
    pub key: Redacted<String>,
}

#[derive(Debug)]
struct Api {
    live: Live,
    config: ApiConfig,
}

type Shared = Arc<Api>;

/// The routes under `/api/v1`. Serve them with connect info
/// (`into_make_service_with_connect_info::<SocketAddr>()`), by which callers are told apart.
pub fn router(live: Live, config: ApiConfig) -> Router {
    let router = Router::new()
        .route("/api/v1/streams", get(streams::list::list))
        .route("/api/v1/streams/{stream}", get(streams::show::show))
        .route("/api/v1/server", get(server::show::show))
        .route("/api/{*rest}", axum::routing::any(error::not_found))
        .method_not_allowed_fallback(error::method_not_allowed)
        .with_state(Arc::new(Api { live, config }));
    sluice_http::with_request_id(router)
}
