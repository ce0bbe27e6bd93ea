//! The session resource of both protocols: trickle and ICE restart by PATCH, the end by DELETE.
//!
//! The session URL is unguessable and is the right to use it (W38, W41), so no key is asked for:
//! some clients omit it on DELETE, and their streams would linger (T15).

use axum::extract::{RawQuery, Request, State};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH, LINK};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use sluice_live::{End, LiveError, SessionInfo};

use crate::endpoint::{SessionPath, entity_tag};
use crate::error::SignalingError;
use crate::if_match::IfMatch;
use crate::{Shared, body, fragment, links};

/// `PATCH /session/{session}`: the entity tag decides whether it is in time, never the order of
/// arrival (W17); another ufrag than the one in force makes it a restart (W23).
pub(crate) async fn patch(
    State(signaling): State<Shared>,
    SessionPath(id): SessionPath,
    request: Request,
) -> Result<Response, SignalingError> {
    let (parts, body) = request.into_parts();
    let session = signaling.live.session(id).ok_or(LiveError::UnknownSession)?;
    body::require_type(&parts.headers, links::FRAGMENT)?;
    let lenient = signaling.config.lenient_if_match;
    let unconditional = precondition(&parts.headers, &session, lenient)?;

    let text = body::text(body, signaling.config.body_timeout).await?;
    let fragment = fragment::parse(&text)?;
    let same_ice = fragment.ufrag.is_none() || fragment.ufrag == session.remote_ufrag;
    if unconditional && !(same_ice && fragment.ufrag.is_some()) {
        return Err(SignalingError::PreconditionRequired);
    }
    if same_ice {
        signaling.live.trickle(id, fragment).await?;
        // W20: no body and no ETag.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    if fragment.pwd.is_none() {
        return Err(SignalingError::RestartWithoutCredentials);
    }
    let restarted = signaling.live.restart_ice(id, fragment).await?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(links::FRAGMENT)),
        (ETAG, entity_tag(&restarted.answer.ice_tag)),
    ];
    let mut response = (StatusCode::OK, headers, fragment::render(&restarted)).into_response();
    // Credentials of the 201 may have run out since, and the network may need a relay now.
    if let Ok(origin) = signaling.origin(&parts) {
        let servers = signaling.ice_servers(&links::session_url(&origin, id), id);
        response.headers_mut().extend(links::ice_servers(&servers).map(|link| (LINK, link)));
    }
    Ok(response)
}

/// W15. True where there is no condition and the lenient switch leaves the decision to the ufrag.
fn precondition(headers: &HeaderMap, session: &SessionInfo, lenient: bool) -> Result<bool, SignalingError> {
    // One library writes `ETag` where `If-Match` belongs (B-BR7).
    let written = |name: HeaderName| {
        IfMatch::parse(headers.get_all(name).iter().filter_map(|value| value.to_str().ok()))
    };
    match written(IF_MATCH).or_else(|| lenient.then(|| written(ETAG)).flatten()) {
        Some(condition) if condition.holds_for(&session.ice_tag) => Ok(false),
        Some(_) => Err(SignalingError::PreconditionFailed),
        None if lenient => Ok(true),
        None => Err(SignalingError::PreconditionRequired),
    }
}

/// `DELETE /session/{session}`: 200 and not 204, which OBS takes for a failure (T15). `If-Match`
/// does not matter (W16). With `?end=broadcast` the publisher says that it will not return, and
/// viewers are told at once instead of after the gap time.
pub(crate) async fn delete(
    State(signaling): State<Shared>,
    SessionPath(id): SessionPath,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, SignalingError> {
    let over = query.is_some_and(|query| query.split('&').any(|pair| pair == "end=broadcast"));
    let end = if over { End::Broadcast } else { End::Session };
    signaling.live.end_session(id, end).await?;
    Ok(StatusCode::OK)
}

/// `GET /session/{session}` (W9)
pub(crate) async fn get(
    State(signaling): State<Shared>,
    SessionPath(id): SessionPath,
) -> Result<StatusCode, SignalingError> {
    let known = signaling.live.session(id).map(|_| StatusCode::NO_CONTENT);
    known.ok_or(LiveError::UnknownSession.into())
}

/// `OPTIONS` of a session and of everything below it. Never asks who is there: a preflight for a
/// DELETE of a session that just ended must not fail before the DELETE does.
pub(crate) async fn options() -> impl axum::response::IntoResponse {
    (StatusCode::OK, [(links::ACCEPT_PATCH, links::FRAGMENT)])
}
