//! What `live` refuses, as problems.

use axum::http::StatusCode as Status;
use sluice_domain::ProblemCode as Code;
use sluice_live::LiveError;

use super::{Said, said as answer};

pub(super) fn said(error: &LiveError) -> Said {
    use LiveError as E;
    let (status, code) = match error {
        E::UnknownStream => (Status::NOT_FOUND, Code::UnknownStream),
        E::Unauthorized | E::SignInRequired => (Status::UNAUTHORIZED, Code::SignInRequired),
        E::Expired => (Status::UNAUTHORIZED, Code::TokenExpired),
        E::Forbidden => (Status::FORBIDDEN, Code::PermissionDenied),
        E::AccountDisabled => (Status::FORBIDDEN, Code::AccountDisabled),
        E::FollowRequired => (Status::FORBIDDEN, Code::FollowRequired),
        E::TierRequired { .. } => (Status::FORBIDDEN, Code::TierRequired),
        E::PasswordRequired => (Status::FORBIDDEN, Code::PasswordRequired),
        E::PasswordWrong => (Status::FORBIDDEN, Code::PasswordWrong),
        E::RateLimited { .. } => (Status::TOO_MANY_REQUESTS, Code::RateLimited),
        E::TooManySessions { .. } => (Status::TOO_MANY_REQUESTS, Code::TooManySessions),
        E::NotLive => (Status::CONFLICT, Code::NotLive),
        E::AlreadyLive | E::TooManyStreams { .. } => (Status::CONFLICT, Code::AlreadyLive),
        E::UnknownSession | E::UnknownEventStream | E::NotAViewer => {
            (Status::NOT_FOUND, Code::UnknownSession)
        }
        E::UnknownRecording => (Status::NOT_FOUND, Code::RecordingUnknown),
        E::RecordingNotReady { .. } => (Status::CONFLICT, Code::RecordingNotReady),
        // Played over `/hls` and `/vod`, which speak for themselves.
        E::Hls(_) | E::NotMade => (Status::CONFLICT, Code::HlsNotLive),
        E::Unavailable => (Status::SERVICE_UNAVAILABLE, Code::Unavailable),
        E::TooManyEventStreams | E::Full | E::Draining => (Status::SERVICE_UNAVAILABLE, Code::Overloaded),
        E::Chat(refusal) => (of_chat(refusal.code), refusal.code),
        E::Media(_) => (Status::INTERNAL_SERVER_ERROR, Code::Internal),
    };
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    answer(status, code, format!("{first}{}.", chars.as_str()))
}

/// The status of what a chat refuses.
const fn of_chat(code: Code) -> Status {
    match code {
        Code::InvalidInput | Code::MessageTooLong | Code::MessageEmpty => Status::UNPROCESSABLE_ENTITY,
        Code::UnknownMessage | Code::UnknownMember => Status::NOT_FOUND,
        Code::VersionConflict => Status::PRECONDITION_FAILED,
        Code::RateLimited | Code::SlowMode => Status::TOO_MANY_REQUESTS,
        Code::Overloaded | Code::Unavailable => Status::SERVICE_UNAVAILABLE,
        Code::ChatClosed => Status::CONFLICT,
        _ => Status::FORBIDDEN,
    }
}
