//! The connection doctor (`docs/spec/doctor.md`): what somebody needs to measure the way to this node, and what
//! the rules make of it. Nobody is asked who they are, so all of it is bounded.

mod traffic;

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LINK, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, http};
use futures_util::StreamExt as _;
use sluice_doctor::{DoctorLimits, DoctorNode, Facts, NodeFacts, RelayServer, Uploaded, examine};
use sluice_domain::SessionId;
use sluice_domain::echo::{ECHO_LIFETIME, ECHO_PER_SECOND, MAX_ECHO_BYTES};

pub(crate) use traffic::Traffic;
use traffic::{MOST_BYTES, MOST_BYTES_A_MINUTE};

use crate::config::IceServer;
use crate::endpoint::SessionPath;
use crate::error::SignalingError;
use crate::{Shared, body, links};

/// What is sent where nobody says how much: enough to see that it works, not enough to measure a fast line.
const USUAL_BYTES: u32 = 1_000_000;

/// `GET /doctor/node`
pub(crate) async fn node(State(signaling): State<Shared>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    // Credentials as a session would get them; who asks has none yet.
    let origin = signaling.origin(&parts).unwrap_or_default();
    let servers = signaling.ice_servers(&origin, SessionId(rand::random()));
    let relays: Vec<RelayServer> = servers.iter().map(IceServer::relay).collect();
    let caller = sluice_http::caller(&parts.extensions);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let node = NodeFacts {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        time_ms: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
        media: signaling.live.media_addresses(),
        media_tcp: signaling.live.takes_media_over_tcp(),
        relays: relays.iter().map(|relay| relay.url.clone()).filter(|url| url.starts_with("turn")).collect(),
        caller: (!caller.is_unspecified()).then_some(caller),
    };
    let limits = DoctorLimits {
        session_seconds: u32::try_from(ECHO_LIFETIME.as_secs()).unwrap_or(u32::MAX),
        echo_bytes: u32::try_from(MAX_ECHO_BYTES).unwrap_or(u32::MAX),
        echo_per_second: ECHO_PER_SECOND,
        download_bytes: MOST_BYTES,
        upload_bytes: MOST_BYTES,
        bytes_per_minute: MOST_BYTES_A_MINUTE,
    };
    ([(CACHE_CONTROL, "no-store")], Json(DoctorNode { node, relays, limits })).into_response()
}

/// `POST /doctor/session`
pub(crate) async fn open(
    State(signaling): State<Shared>,
    request: Request,
) -> Result<Response, SignalingError> {
    let (parts, body) = request.into_parts();
    let origin = signaling.origin(&parts)?;
    let offer = body::offer(&parts.headers, body, signaling.config.body_timeout).await?;
    let caller = sluice_http::network(sluice_http::caller(&parts.extensions));
    let opened = signaling.live.probe(caller, offer).await?;
    let location = format!("{origin}/doctor/session/{}", opened.session);
    let mut response = (StatusCode::CREATED, opened.answer).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(links::SDP));
    headers.insert(LOCATION, location.parse().map_err(|_| SignalingError::NoHost)?);
    let servers = signaling.ice_servers(&origin, opened.session);
    headers.extend(links::ice_servers(&servers).map(|link| (LINK, link)));
    Ok(response)
}

/// `DELETE /doctor/session/{session}`: 200 also where it has ended by itself.
pub(crate) async fn close(State(signaling): State<Shared>, SessionPath(session): SessionPath) -> StatusCode {
    signaling.live.end_probe(session).await;
    StatusCode::OK
}

/// `GET /doctor/download`
pub(crate) async fn download(
    State(signaling): State<Shared>,
    request: Request,
) -> Result<Response, SignalingError> {
    let bytes = wanted(request.uri())?;
    let caller = sluice_http::network(sluice_http::caller(request.extensions()));
    let place = signaling.traffic.enter(caller, Instant::now())?;
    signaling.traffic.charge(caller, bytes)?;
    let body = Body::from_stream(traffic::noise(bytes, place));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes));
    // Compressing noise makes it no smaller, and the measurement slower.
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    Ok(response)
}

/// `bytes` of the query.
fn wanted(uri: &http::Uri) -> Result<u32, SignalingError> {
    let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let Some((_, value)) = pairs.into_iter().find(|(name, _)| *name == "bytes") else {
        return Ok(USUAL_BYTES);
    };
    let bytes = value.parse().ok().filter(|bytes| (1..=MOST_BYTES).contains(bytes));
    bytes.ok_or(SignalingError::Selection(
        "`bytes` is a number from 1 to the `download_bytes` of /doctor/node",
    ))
}

/// `POST /doctor/upload`
pub(crate) async fn upload(
    State(signaling): State<Shared>,
    request: Request,
) -> Result<Json<Uploaded>, SignalingError> {
    let (parts, body) = request.into_parts();
    let caller = sluice_http::network(sluice_http::caller(&parts.extensions));
    if declared(&parts.headers).is_some_and(|bytes| bytes > u64::from(MOST_BYTES)) {
        return Err(SignalingError::TooLarge { limit: MOST_BYTES as usize });
    }
    let _place = signaling.traffic.enter(caller, Instant::now())?;
    let mut chunks = body.into_data_stream();
    let (mut bytes, mut first) = (0_u32, None);
    while let Some(chunk) = chunks.next().await {
        let length =
            u32::try_from(chunk.map_err(|_hung_up| SignalingError::Broken)?.len()).unwrap_or(u32::MAX);
        first.get_or_insert_with(Instant::now);
        bytes = bytes.saturating_add(length);
        if bytes > MOST_BYTES {
            return Err(SignalingError::TooLarge { limit: MOST_BYTES as usize });
        }
        signaling.traffic.charge(caller, length)?;
    }
    let millis = first.map_or(0.0, |first| first.elapsed().as_secs_f64() * 1000.0);
    Ok(Json(Uploaded { bytes, millis }))
}

fn declared(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// `POST /doctor/diagnosis`
pub(crate) async fn diagnosis(
    State(signaling): State<Shared>,
    request: Request,
) -> Result<Response, SignalingError> {
    let (parts, body) = request.into_parts();
    body::require_type(&parts.headers, links::JSON)?;
    let text = body::text(body, signaling.config.body_timeout).await?;
    let facts: Facts = serde_json::from_str(&text).map_err(|_| SignalingError::Json)?;
    Ok(([(CACHE_CONTROL, "no-store")], Json(examine(&facts))).into_response())
}

/// A page of another origin may ask.
pub(crate) async fn options() -> StatusCode {
    StatusCode::OK
}
