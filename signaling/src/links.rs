//! Header names and values that more than one route sends.

use axum::http::{HeaderName, HeaderValue};
use sluice_domain::SessionId;
use sluice_live::EventKind;

use crate::config::IceServer;

/// Media type of offers and answers.
pub(crate) const SDP: &str = "application/sdp";

/// Media type of trickle-ICE fragments (RFC 8840 §9).
pub(crate) const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

/// Media type of event wishes and layer selections.
pub(crate) const JSON: &str = "application/json";

/// What a resource takes by POST (W3C Linked Data Platform §7.1).
pub(crate) const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");

/// What a resource takes by PATCH (RFC 5789 §3.1).
pub(crate) const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

const EVENTS_EXTENSION: &str = "urn:ietf:params:whep:ext:core:server-sent-events";
const LAYER_EXTENSION: &str = "urn:ietf:params:whep:ext:core:layer";

/// Absolute URL of a session: path only, no query, no key in it (T1, T23).
pub(crate) fn session_url(origin: &str, session: SessionId) -> String {
    format!("{origin}/session/{session}")
}

/// One Link a server, because OBS cannot read two in one header (B-OBS6).
pub(crate) fn ice_servers(servers: &[IceServer]) -> impl Iterator<Item = HeaderValue> {
    servers.iter().map(IceServer::link)
}

/// Links of the WHEP extensions (X1, X9). Players that know none ignore them.
pub(crate) fn extensions(session_url: &str) -> Result<[HeaderValue; 2], axum::http::Error> {
    let events = EventKind::ALL.map(EventKind::name).join(",");
    Ok([
        HeaderValue::try_from(format!(
            "<{session_url}/events>; rel=\"{EVENTS_EXTENSION}\"; events=\"{events}\""
        ))?,
        HeaderValue::try_from(format!("<{session_url}/layer>; rel=\"{LAYER_EXTENSION}\""))?,
    ])
}
