//! POST of an offer to watch (draft-ietf-wish-whep §4.2), and HEAD by which players recognise a
//! WHEP URL.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName, LINK};
use axum::response::Response;
use sluice_domain::Action;
use sluice_live::{WatchOptions, has_only_channel};

use crate::endpoint::{self, Asked, StreamPath};
use crate::error::SignalingError;
use crate::{Shared, bearer, body, links};

/// `POST /whep/{stream}`
pub(crate) async fn post(
    State(signaling): State<Shared>,
    StreamPath(stream): StreamPath,
    request: Request,
) -> Result<Response, SignalingError> {
    let (parts, body) = request.into_parts();
    let credential = bearer::credential(&parts.headers, &parts.uri);
    let caller = sluice_http::caller(&parts.extensions);
    let watching = signaling.live.may_watch(&stream, credential.as_ref(), caller).await;
    if let Ok(grant) = &watching {
        endpoint::note_user(grant);
        if let Some(url) = signaling.config.redirect.decide(Action::Watch, &grant.name) {
            return Err(SignalingError::Redirected { url });
        }
    }
    let origin = signaling.origin(&parts)?;
    let offer = match body::offer(&parts.headers, body, signaling.config.body_timeout).await {
        Ok(offer) => offer,
        // Whoever may not watch hears that first, whatever is wrong with the offer.
        Err(error) => return Err(watching.err().map_or(error, SignalingError::Live)),
    };
    if has_only_channel(&offer) {
        // The chat alone, which is open whether or not the stream is live.
        let grant = signaling.live.may_chat(&stream, credential.as_ref(), caller).await?;
        endpoint::note_user(&grant);
        let opened = signaling.live.join(grant, sluice_http::network(caller), offer).await?;
        let session_url = links::session_url(&origin, opened.session);
        return signaling.created(opened, &session_url);
    }
    let grant = watching?;
    let opened =
        signaling.live.watch(grant, sluice_http::network(caller), offer, WatchOptions::default()).await?;
    let session_url = links::session_url(&origin, opened.session);
    let extensions = links::extensions(&session_url).map_err(|_| SignalingError::NoHost)?;
    let mut response = signaling.created(opened, &session_url)?;
    response.headers_mut().extend(extensions.map(|link| (LINK, link)));
    Ok(response)
}

/// `OPTIONS /whep/{stream}`
pub(crate) async fn options(
    State(signaling): State<Shared>,
    stream: Result<StreamPath, SignalingError>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let caller = sluice_http::caller(&parts.extensions);
    let grant = match (endpoint::shown(&parts), stream) {
        (Some(credential), Ok(StreamPath(stream))) => {
            Some(signaling.live.may_watch(&stream, Some(&credential), caller).await)
        }
        (None, _) | (_, Err(_)) => None,
    };
    signaling.options(&parts, Asked::of(&parts, grant))
}

/// `HEAD /whep/{stream}` (E9)
pub(crate) async fn head(
    State(signaling): State<Shared>,
    StreamPath(stream): StreamPath,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1]), SignalingError> {
    signaling.live.find_stream(&stream).await?;
    Ok((StatusCode::OK, [(CONTENT_TYPE, links::SDP)]))
}
