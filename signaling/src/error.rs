//! Refusals of signaling, and the only place that gives them status codes.

use std::time::Duration;

use axum::http::header::{LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sluice_domain::ProblemCode;
use sluice_http::Problem;
use sluice_live::{HlsRefusal, LiveError, SfuError};
use thiserror::Error;

use crate::fragment::FragmentError;
use crate::links::{self, ACCEPT_PATCH, ACCEPT_POST};

/// Why a request is refused, or sent elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum SignalingError {
    #[error(transparent)]
    Live(#[from] LiveError),
    #[error("the Content-Type must be {expected}")]
    ContentType { expected: &'static str },
    #[error("the body may have {limit} bytes at most")]
    TooLarge { limit: usize },
    #[error("the body did not arrive in time")]
    Slow,
    #[error("the body broke off")]
    Broken,
    #[error("the body must be UTF-8 text")]
    NotText,
    #[error("the body is empty; this endpoint answers offers and makes none")]
    EmptyOffer,
    #[error(transparent)]
    Fragment(#[from] FragmentError),
    #[error("an ICE restart needs the client's ice-ufrag and ice-pwd")]
    RestartWithoutCredentials,
    #[error("the JSON is not what this resource takes")]
    Json,
    #[error("the event {0:?} is not offered")]
    UnknownEvent(String),
    #[error("{0}")]
    Selection(&'static str),
    #[error("If-Match must name the ICE session, as the ETag of the last answer did")]
    PreconditionRequired,
    #[error("If-Match names another ICE session than the one in force")]
    PreconditionFailed,
    #[error("too many requests from this address")]
    RateLimited { wait: Duration },
    #[error("as many measure their line as the node has room for")]
    Busy { wait: Duration },
    #[error("the request has no usable Host header")]
    NoHost,
    #[error("another node answers this")]
    Redirected { url: String },
}

impl IntoResponse for SignalingError {
    fn into_response(self) -> Response {
        use ProblemCode as Code;
        use StatusCode as Status;
        let (status, code) = match &self {
            Self::Live(error) => live(error),
            Self::ContentType { .. } => (Status::UNSUPPORTED_MEDIA_TYPE, Code::UnsupportedContentType),
            Self::TooLarge { .. } => (Status::PAYLOAD_TOO_LARGE, Code::BodyTooLarge),
            Self::Slow => (Status::REQUEST_TIMEOUT, Code::RequestTimeout),
            Self::Broken | Self::NoHost => (Status::BAD_REQUEST, Code::MalformedRequest),
            Self::NotText | Self::EmptyOffer => (Status::BAD_REQUEST, Code::MalformedSdp),
            Self::Fragment(_) => (Status::BAD_REQUEST, Code::MalformedFragment),
            Self::RestartWithoutCredentials => (Status::UNPROCESSABLE_ENTITY, Code::RestartRefused),
            Self::Json => (Status::BAD_REQUEST, Code::MalformedJson),
            Self::UnknownEvent(_) | Self::Selection(_) => (Status::BAD_REQUEST, Code::InvalidSelection),
            Self::PreconditionRequired => (Status::PRECONDITION_REQUIRED, Code::PreconditionRequired),
            Self::PreconditionFailed => (Status::PRECONDITION_FAILED, Code::PreconditionFailed),
            Self::RateLimited { .. } => (Status::TOO_MANY_REQUESTS, Code::RateLimited),
            Self::Busy { .. } => (Status::SERVICE_UNAVAILABLE, Code::Overloaded),
            Self::Redirected { url } => return redirect(url),
        };
        let mut problem = Problem::new(status, code, sentence(&self));
        if let Some(wait) = self.retry_after() {
            // Rounded up: coming back a moment too early would be refused again.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            problem = problem.with_header(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        match &self {
            Self::Live(
                LiveError::Unauthorized
                | LiveError::Expired
                | LiveError::SignInRequired
                | LiveError::PasswordRequired,
            ) => {
                problem = problem.with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::ContentType { expected } => {
                let name = if *expected == links::FRAGMENT { ACCEPT_PATCH } else { ACCEPT_POST };
                problem = problem.with_header(name, HeaderValue::from_static(expected));
            }
            _ => {}
        }
        problem.into_response()
    }
}

impl SignalingError {
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Live(error) => error.retry_after(),
            Self::RateLimited { wait } | Self::Busy { wait } => Some(*wait),
            _ => None,
        }
    }
}

/// Status and code of what `live` refuses.
pub(crate) fn live(error: &LiveError) -> (StatusCode, ProblemCode) {
    use ProblemCode as Code;
    use StatusCode as Status;
    match error {
        // Chats are spoken to on `/ws`, where only the code matters.
        LiveError::Chat(refusal) => (Status::CONFLICT, refusal.code),
        LiveError::UnknownStream => (Status::NOT_FOUND, Code::UnknownStream),
        LiveError::Unauthorized => (Status::UNAUTHORIZED, Code::Unauthorized),
        LiveError::Forbidden => (Status::FORBIDDEN, Code::Forbidden),
        LiveError::Expired => (Status::UNAUTHORIZED, Code::TokenExpired),
        LiveError::AccountDisabled => (Status::FORBIDDEN, Code::AccountDisabled),
        LiveError::TooManyStreams { .. } => (Status::CONFLICT, Code::TooManyStreams),
        LiveError::TooManySessions { .. } => (Status::TOO_MANY_REQUESTS, Code::TooManySessions),
        LiveError::SignInRequired => (Status::UNAUTHORIZED, Code::SignInRequired),
        LiveError::FollowRequired => (Status::FORBIDDEN, Code::FollowRequired),
        LiveError::TierRequired { .. } => (Status::FORBIDDEN, Code::TierRequired),
        LiveError::PasswordRequired => (Status::UNAUTHORIZED, Code::PasswordRequired),
        LiveError::PasswordWrong => (Status::FORBIDDEN, Code::PasswordWrong),
        LiveError::RateLimited { .. } => (Status::TOO_MANY_REQUESTS, Code::RateLimited),
        LiveError::Unavailable => (Status::SERVICE_UNAVAILABLE, Code::Unavailable),
        LiveError::UnknownRecording => (Status::NOT_FOUND, Code::RecordingUnknown),
        LiveError::RecordingNotReady { .. } | LiveError::NotMade => {
            (Status::CONFLICT, Code::RecordingNotReady)
        }
        LiveError::Hls(refusal) => match refusal {
            HlsRefusal::NotLive => (Status::NOT_FOUND, Code::HlsNotLive),
            HlsRefusal::CodecUnsupported => (Status::CONFLICT, Code::HlsCodecUnsupported),
            HlsRefusal::Unknown => (Status::NOT_FOUND, Code::HlsSegmentUnknown),
            HlsRefusal::Absurd => (Status::BAD_REQUEST, Code::MalformedRequest),
            // What RFC 8216bis asks for where a blocked reload takes too long.
            HlsRefusal::TooLate => (Status::SERVICE_UNAVAILABLE, Code::HlsNotLive),
            HlsRefusal::Away => (Status::SERVICE_UNAVAILABLE, Code::Unavailable),
            HlsRefusal::Range { .. } => (Status::RANGE_NOT_SATISFIABLE, Code::MalformedRequest),
        },
        // Never 400 or 406: a widespread player takes them for an older protocol (T16).
        LiveError::NotLive => (Status::CONFLICT, Code::NotLive),
        LiveError::AlreadyLive => (Status::CONFLICT, Code::AlreadyLive),
        LiveError::UnknownSession | LiveError::Media(SfuError::UnknownPeer) => {
            (Status::NOT_FOUND, Code::UnknownSession)
        }
        LiveError::UnknownEventStream | LiveError::NotAViewer => (Status::NOT_FOUND, Code::NotFound),
        LiveError::TooManyEventStreams => (Status::TOO_MANY_REQUESTS, Code::RateLimited),
        LiveError::Full | LiveError::Draining | LiveError::Media(SfuError::Overloaded) => {
            (Status::SERVICE_UNAVAILABLE, Code::Overloaded)
        }
        LiveError::Media(SfuError::MalformedSdp(_)) => (Status::BAD_REQUEST, Code::MalformedSdp),
        LiveError::Media(SfuError::UnsupportedTracks(_)) => {
            (Status::UNPROCESSABLE_ENTITY, Code::UnsupportedTracks)
        }
        LiveError::Media(SfuError::NoCommonCodec(_)) => (Status::UNPROCESSABLE_ENTITY, Code::NoCommonCodec),
        LiveError::Media(SfuError::RestartRefused(_)) => (Status::UNPROCESSABLE_ENTITY, Code::RestartRefused),
        LiveError::Media(SfuError::UnknownBroadcast) => (Status::CONFLICT, Code::NotLive),
        LiveError::Media(SfuError::UnknownLayer) => (Status::BAD_REQUEST, Code::InvalidSelection),
    }
}

/// The error's text as a sentence.
pub(crate) fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// 307 keeps method and body; 301 and 302 must not be used for POST (RFC 9725 §4.5).
fn redirect(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(location) => {
            let header: [(HeaderName, HeaderValue); 1] = [(LOCATION, location)];
            (StatusCode::TEMPORARY_REDIRECT, header).into_response()
        }
        Err(_) => {
            tracing::error!("the redirect decision gave a URL that no header can carry");
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                ProblemCode::Internal,
                "The request could not be sent on.",
            )
            .into_response()
        }
    }
}

/// Answers methods that a resource does not take; axum adds `Allow`.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ProblemCode::MethodNotAllowed,
        "This resource does not take that method.",
    )
}
