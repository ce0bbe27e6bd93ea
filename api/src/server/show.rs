//! `GET /api/v1/server`: version, addresses and, on this machine, the demo's key.

use std::net::IpAddr;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::uri::Authority;

use crate::Shared;
use crate::error::ApiError;
use crate::first_light::{DemoInfo, ServerInfo};

pub(crate) async fn show(State(api): State<Shared>, request: Request) -> Result<Json<ServerInfo>, ApiError> {
    let url = api.config.public_url.as_ref();
    let origin = sluice_http::origin(url, request.headers(), request.uri()).ok_or(ApiError::NoHost)?;
    // The Host is asked too: a tunnel or a page with a rebound name also arrives from loopback.
    let here = sluice_http::caller(request.extensions()).is_loopback() && named_loopback(request.headers());
    let demo = api.config.demo.as_ref().filter(|_| here);
    Ok(Json(ServerInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        whip_url: format!("{origin}/whip"),
        whep_url_template: format!("{origin}/whep/{{stream}}"),
        demo: demo.map(|demo| DemoInfo { stream: demo.stream.clone(), key: demo.key.expose().clone() }),
    }))
}

fn named_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_matches(['[', ']']);
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
