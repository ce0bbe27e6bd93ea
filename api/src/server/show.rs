//! `GET /api/v1/server`: version, addresses and, on this machine, the demo's key.

use axum::Json;
use axum::extract::{Request, State};

use super::{DemoInfo, ServerInfo};
use crate::Shared;
use crate::error::ApiError;

pub(crate) async fn show(State(api): State<Shared>, request: Request) -> Result<Json<ServerInfo>, ApiError> {
    let origins = &api.config.origins;
    let origin =
        origins.origin(request.headers(), request.uri(), request.extensions()).ok_or(ApiError::NoHost)?;
    // Behind a trusted proxy the caller is whom the proxy names, so its loopback address does not
    // open the demo's key to the world. An untrusted one that forwards is not believed either.
    let forwarded = ["x-forwarded-for", "forwarded"].iter().any(|name| request.headers().contains_key(*name));
    let caller = origins.caller(request.headers(), request.extensions());
    let here = caller.is_loopback() && !forwarded;
    let demo = api.config.demo.as_ref().filter(|_| here);
    Ok(Json(ServerInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        whip_url: format!("{origin}/whip"),
        whep_url_template: format!("{origin}/whep/{{stream}}"),
        demo: demo.map(|demo| DemoInfo { stream: demo.stream.clone(), key: demo.key.expose().clone() }),
    }))
}
