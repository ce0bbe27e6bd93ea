//! WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep with its HEAD, event and layer extensions) over
//! HTTP, and the WebSocket of events: axum routers and nothing else.
//!
//! ```text
//!  request ─▶ id ─▶ cors ─▶ limit ─▶ whip · whep · session · events · layer · hls · vod · ws · doctor ─▶ Live
//!                                              │  (bearer, body, fragment, if_match)
//!                                              └─ error: the only place that knows status codes
//! ```
//!
//! What a status, header or tolerance is for is written in `docs/spec/whip-whep.md`, by the
//! numbers (W1, E1, X1, T1 ...) that the tests carry in their names.

mod bearer;
mod body;
mod config;
mod cors;
mod doctor;
mod endpoint;
mod error;
mod events;
pub mod fragment;
mod hls;
pub mod if_match;
mod layer;
mod limit;
mod links;
mod serving;
mod session;
mod vod;
mod whep;
mod whip;
mod ws;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post};
use sluice_live::Live;

pub use config::{IceServer, InvalidIceServer, RateLimit, Redirect, Relays, SignalingConfig};

use crate::doctor::Traffic;
use crate::limit::{Limiter, limiter};

/// What every handler sees.
#[derive(Debug)]
pub(crate) struct Signaling {
    pub(crate) live: Live,
    pub(crate) config: SignalingConfig,
    pub(crate) limiter: Option<Limiter>,
    pub(crate) traffic: Traffic,
}

/// The shared state of the handlers.
pub(crate) type Shared = Arc<Signaling>;

/// The routes of WHIP, WHEP and their sessions. Serve them with connect info
/// (`into_make_service_with_connect_info::<SocketAddr>()`), by which callers are told apart.
pub fn router(live: Live, config: SignalingConfig) -> Router {
    let limiter = config.rate_limit.map(limiter);
    let signaling = Arc::new(Signaling { live, limiter, traffic: Traffic::default(), config });
    let router = Router::new()
        .route("/whip", post(whip::post_by_key).get(endpoint::get_any).options(whip::options_by_key))
        .route("/whip/{stream}", post(whip::post).get(endpoint::get).options(whip::options))
        .route("/whep/{stream}", post(whep::post).get(endpoint::get).head(whep::head).options(whep::options))
        .route(
            "/session/{session}",
            delete(session::delete).patch(session::patch).get(session::get).options(session::options),
        )
        .route("/session/{session}/events", post(events::post).options(session::options))
        .route(
            "/session/{session}/events/{events}",
            delete(events::delete).get(events::get).options(session::options),
        )
        .route("/hls/{stream}/master.m3u8", get(hls::master).options(hls::options))
        .route("/hls/{stream}/manifest.mpd", get(hls::manifest).options(hls::options))
        .route("/hls/{stream}/thumbnail.jpg", get(hls::thumbnail).options(hls::options))
        .route("/hls/{stream}/{broadcast}/{rendition}/{file}", get(hls::file).options(hls::options))
        .route("/vod/{recording}/{file}", get(vod::file).options(hls::options))
        .route("/vod/{recording}/{rendition}/{file}", get(vod::rendition).options(hls::options))
        .route("/ws", get(ws::get))
        .route("/doctor/node", get(doctor::node).options(doctor::options))
        .route("/doctor/session", post(doctor::open).options(doctor::options))
        .route("/doctor/session/{session}", delete(doctor::close).options(doctor::options))
        .route("/doctor/download", get(doctor::download).options(doctor::options))
        .route("/doctor/upload", post(doctor::upload).options(doctor::options))
        .route("/doctor/diagnosis", post(doctor::diagnosis).options(doctor::options))
        .route("/session/{session}/layer", post(layer::post).delete(layer::delete).options(session::options))
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(&signaling), limit::limit))
        .layer(from_fn(cors::cors))
        .with_state(signaling);
    sluice_http::with_request_id(router)
}
