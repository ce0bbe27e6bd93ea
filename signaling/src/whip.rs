//! POST of an offer to publish (RFC 9725 §4.2).

use axum::extract::{Request, State};
use axum::response::Response;
use sluice_domain::{Action, StreamName};

use crate::endpoint::{self, Asked, StreamPath};
use crate::error::SignalingError;
use crate::{Shared, bearer, body, links};

/// `POST /whip/{stream}`
pub(crate) async fn post(
    state: State<Shared>,
    StreamPath(stream): StreamPath,
    request: Request,
) -> Result<Response, SignalingError> {
    publish(state, Some(stream), request).await
}

/// `POST /whip`: the key says which stream is meant.
pub(crate) async fn post_by_key(state: State<Shared>, request: Request) -> Result<Response, SignalingError> {
    publish(state, None, request).await
}

/// `OPTIONS /whip/{stream}`
pub(crate) async fn options(
    State(signaling): State<Shared>,
    stream: Result<StreamPath, SignalingError>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let grant = match (endpoint::shown(&parts), stream) {
        (Some(credential), Ok(StreamPath(stream))) => {
            Some(signaling.live.may_publish(Some(&stream), Some(&credential)).await)
        }
        (None, _) | (_, Err(_)) => None,
    };
    signaling.options(&parts, Asked::of(&parts, grant))
}

/// `OPTIONS /whip`
pub(crate) async fn options_by_key(State(signaling): State<Shared>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let grant = match endpoint::shown(&parts) {
        Some(credential) => Some(signaling.live.may_publish(None, Some(&credential)).await),
        None => None,
    };
    signaling.options(&parts, Asked::of(&parts, grant))
}

async fn publish(
    State(signaling): State<Shared>,
    stream: Option<StreamName>,
    request: Request,
) -> Result<Response, SignalingError> {
    let (parts, body) = request.into_parts();
    let credential = bearer::credential(&parts.headers, &parts.uri);
    let grant = signaling.live.may_publish(stream.as_ref(), credential.as_ref()).await?;
    endpoint::note_user(&grant);
    if let Some(url) = signaling.config.redirect.decide(Action::Publish, &grant.name) {
        return Err(SignalingError::Redirected { url });
    }
    let origin = signaling.origin(&parts)?;
    let offer = body::offer(&parts.headers, body, signaling.config.body_timeout).await?;
    let opened = signaling.live.publish(grant, offer).await?;
    let session_url = links::session_url(&origin, opened.session);
    signaling.created(opened, &session_url)
}
