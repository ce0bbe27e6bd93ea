//! What WHIP and WHEP endpoints have in common: paths, GET, OPTIONS and the 201.

use std::str::FromStr;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, RawPathParams, State};
use axum::http::header::{CONTENT_TYPE, ETAG, LINK, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use sluice_domain::{Grant, SessionId, StreamName};
use sluice_live::{Credential, EventStreamId, LiveError, Opened};

use crate::config::IceServer;
use crate::error::SignalingError;
use crate::{Shared, Signaling, bearer, cors, limit, links};

/// The `{stream}` of a path. Names that cannot exist are names that do not exist.
pub(crate) struct StreamPath(pub(crate) StreamName);

/// The `{session}` of a path.
pub(crate) struct SessionPath(pub(crate) SessionId);

/// The `{session}` and `{events}` of a path.
pub(crate) struct EventsPath(pub(crate) SessionId, pub(crate) EventStreamId);

impl<S: Sync> FromRequestParts<S> for StreamPath {
    type Rejection = SignalingError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, SignalingError> {
        param(parts, "stream").await.map(Self).ok_or(LiveError::UnknownStream.into())
    }
}

impl<S: Sync> FromRequestParts<S> for SessionPath {
    type Rejection = SignalingError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, SignalingError> {
        param(parts, "session").await.map(Self).ok_or(LiveError::UnknownSession.into())
    }
}

impl<S: Sync> FromRequestParts<S> for EventsPath {
    type Rejection = SignalingError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, SignalingError> {
        let session = param(parts, "session").await.ok_or(LiveError::UnknownSession)?;
        let events = param(parts, "events").await.ok_or(LiveError::UnknownEventStream)?;
        Ok(Self(session, events))
    }
}

async fn param<T: FromStr>(parts: &mut Parts, name: &str) -> Option<T> {
    let params: Result<RawPathParams, RawPathParamsRejection> =
        RawPathParams::from_request_parts(parts, &()).await;
    let params = params.ok()?;
    params.iter().find(|(key, _)| *key == name).and_then(|(_, value)| value.parse().ok())
}

impl Signaling {
    /// Scheme and authority for absolute URLs.
    pub(crate) fn origin(&self, parts: &Parts) -> Result<String, SignalingError> {
        let origin = sluice_http::origin(self.config.public_url.as_ref(), &parts.headers, &parts.uri);
        origin.ok_or(SignalingError::NoHost)
    }

    /// The 201 for an accepted offer (W1, W14, W35).
    pub(crate) fn created(&self, opened: Opened, session_url: &str) -> Result<Response, SignalingError> {
        let mut response = (StatusCode::CREATED, opened.answer).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(links::SDP));
        headers.insert(LOCATION, session_url.parse().map_err(|_| SignalingError::NoHost)?);
        headers.insert(ETAG, entity_tag(&opened.ice_tag));
        let servers = self.ice_servers(session_url, opened.session);
        headers.extend(links::ice_servers(&servers).map(|link| (LINK, link)));
        Ok(response)
    }

    /// STUN and TURN servers for a session: those of the configuration, and relays with credentials of its own.
    pub(crate) fn ice_servers(&self, session_url: &str, session: SessionId) -> Vec<IceServer> {
        let mut servers = self.config.ice_servers.clone();
        servers.extend(self.config.relays.issue(session_url, session));
        servers
    }

    /// W8: what an endpoint takes. The same for streams that do not exist and for whoever is refused: a page
    /// must get to read the error of its POST.
    pub(crate) fn options(&self, parts: &Parts, asked: Asked) -> Response {
        let mut response = StatusCode::OK.into_response();
        response.headers_mut().insert(links::ACCEPT_POST, HeaderValue::from_static(links::SDP));
        // W36. A preflight is about another request, so it is told of none.
        let links: Vec<HeaderValue> = match asked {
            Asked::Preflight => Vec::new(),
            // Servers whose Link holds a secret are for whoever could have had them by an offer.
            Asked::ByAnybody => {
                let open = self.config.ice_servers.iter().filter(|server| !server.has_credential());
                open.map(IceServer::link).collect()
            }
            // There is no session yet. One that nobody else has gives the relays a user of their own.
            Asked::ByHolder => match self.origin(parts) {
                Ok(origin) => {
                    links::ice_servers(&self.ice_servers(&origin, SessionId(rand::random()))).collect()
                }
                Err(_no_host) => Vec::new(),
            },
        };
        response.headers_mut().extend(links.into_iter().map(|link| (LINK, link)));
        response
    }
}

/// Puts who is behind a Grant into the log lines of the request (R285).
pub(crate) fn note_user(grant: &Grant) {
    if let Some(account) = grant.basis.account() {
        tracing::Span::current().record("user_id", tracing::field::display(account));
    }
}

/// A strong entity tag (T22).
pub(crate) fn entity_tag(ice_tag: &str) -> HeaderValue {
    HeaderValue::try_from(format!("\"{ice_tag}\"")).expect("ICE tags are letters and digits")
}

/// W9, E8: 2xx with no content.
pub(crate) async fn get(
    State(signaling): State<Shared>,
    StreamPath(stream): StreamPath,
) -> Result<StatusCode, SignalingError> {
    signaling.live.find_stream(&stream).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// As [`get`], where the key names the stream.
pub(crate) async fn get_any() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Who sent OPTIONS to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A browser on behalf of a page, which has no credential with it (W37).
    Preflight,
    /// Who shows no credential, or one that is not good here.
    ByAnybody,
    /// Who may publish or watch here.
    ByHolder,
}

/// The credential that OPTIONS comes with. It is asked for by header only, as it is [limited](crate::limit).
pub(crate) fn shown(parts: &Parts) -> Option<Credential> {
    let shown = limit::shows_credential(&parts.method, &parts.headers);
    shown.then(|| bearer::credential(&parts.headers, &parts.uri)).flatten()
}

impl Asked {
    /// By what is known of the request, and of the grant that its credential got.
    pub(crate) fn of<T>(parts: &Parts, grant: Option<Result<T, LiveError>>) -> Self {
        match grant {
            _ if cors::is_preflight(&parts.headers) => Self::Preflight,
            Some(Ok(_)) => Self::ByHolder,
            Some(Err(_)) | None => Self::ByAnybody,
        }
    }
}
