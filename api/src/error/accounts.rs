//! What `accounts` and `store` refuse, as problems.

use std::time::Duration;

use axum::http::StatusCode as Status;
use sluice_accounts::AccountsError;
use sluice_domain::ProblemCode as Code;
use sluice_http::FieldError;
use sluice_store::Taken;

use super::{Said, said as answer};

/// How long a client should wait for a database or a processor that is busy.
const BUSY: Duration = Duration::from_secs(2);

pub(super) fn said(error: &AccountsError) -> Said {
    use AccountsError as E;
    match error {
        E::InvalidCredentials => {
            answer(Status::UNAUTHORIZED, Code::InvalidCredentials, "Email address or password is wrong.")
        }
        E::TokenInvalid => answer(Status::UNAUTHORIZED, Code::TokenInvalid, "The token is not valid."),
        E::TokenExpired => answer(Status::UNAUTHORIZED, Code::TokenExpired, "The token has expired."),
        E::TokenUsed => answer(Status::UNAUTHORIZED, Code::TokenUsed, "The link works once and was used."),
        E::SessionEnded => answer(Status::UNAUTHORIZED, Code::SessionEnded, "Sign in again."),
        E::MfaWrong => answer(Status::UNAUTHORIZED, Code::MfaWrong, "The code is wrong or was used before."),
        E::PasswordExpired { .. } => {
            answer(Status::FORBIDDEN, Code::PasswordExpired, "Choose a new password first.")
        }
        E::MfaRequired => {
            answer(Status::FORBIDDEN, Code::MfaRequired, "Set up a second factor for this account first.")
        }
        E::AccountDisabled => answer(Status::FORBIDDEN, Code::AccountDisabled, "The account is disabled."),
        E::EmailUnverified => {
            answer(Status::FORBIDDEN, Code::EmailUnverified, "Follow the link in the mail first.")
        }
        E::PermissionDenied => answer(Status::FORBIDDEN, Code::PermissionDenied, "This is not allowed."),
        E::TermsRequired => answer(Status::FORBIDDEN, Code::TermsRequired, "Accept the terms first."),
        E::SignUpClosed => {
            answer(Status::FORBIDDEN, Code::SignupClosed, "Nobody may sign up without an invitation.")
        }
        E::WeakPassword(_) => answer(
            Status::UNPROCESSABLE_ENTITY,
            Code::InvalidInput,
            "The password does not follow the rules.",
        ),
        E::AlreadyExists(taken) => {
            let detail = format!("{taken} is taken.");
            answer(Status::CONFLICT, Code::AlreadyExists, capitalised(&detail))
        }
        E::SetUpRequired => {
            answer(Status::CONFLICT, Code::SetupRequired, "Set the server up first, with POST /setup.")
        }
        E::SetUpDone => answer(Status::CONFLICT, Code::SetupDone, "The server has been set up."),
        E::LastAdmin => {
            answer(Status::CONFLICT, Code::LastAdmin, "Make somebody else an administrator first.")
        }
        E::TooMany => answer(Status::CONFLICT, Code::TooMany, "Remove one of them first."),
        E::VersionConflict => {
            answer(Status::PRECONDITION_FAILED, Code::VersionConflict, "Read it again and repeat the change.")
        }
        E::NotFound => answer(Status::NOT_FOUND, Code::NotFound, "There is no such record."),
        E::RateLimited { .. } => answer(Status::TOO_MANY_REQUESTS, Code::RateLimited, "Try again later."),
        E::Busy => answer(Status::SERVICE_UNAVAILABLE, Code::Overloaded, "The server is busy. Try again."),
        E::Unavailable(source) => {
            tracing::warn!(error = source as &dyn std::error::Error, "the database is not available");
            answer(Status::SERVICE_UNAVAILABLE, Code::Unavailable, "Nothing was changed. Try again.")
        }
        E::StorageFull(source) => {
            tracing::error!(error = source as &dyn std::error::Error, "the database has no space left");
            answer(Status::INSUFFICIENT_STORAGE, Code::StorageFull, "Nothing was changed.")
        }
        E::Internal(source) => {
            tracing::error!(error = source.as_ref() as &dyn std::error::Error, "a request failed");
            answer(Status::INTERNAL_SERVER_ERROR, Code::Internal, "The server could not do this.")
        }
    }
}

/// What is wrong with which field, where the refusal is about one.
pub(super) fn fields(error: &AccountsError) -> Vec<FieldError> {
    let field = |field: &str, code: &str, message: String| FieldError {
        field: field.to_owned(),
        code: code.to_owned(),
        message,
    };
    match error {
        AccountsError::WeakPassword(problems) => {
            problems.iter().map(|problem| field("password", problem.code(), problem.to_string())).collect()
        }
        AccountsError::AlreadyExists(taken) => {
            let name = match taken {
                Taken::Email => "email",
                Taken::Handle => "handle",
                Taken::StreamName => "name",
                Taken::Slug => "slug",
                Taken::DocumentVersion => "terms.version",
                Taken::SetUp | Taken::Other => return Vec::new(),
            };
            vec![field(name, "taken", capitalised(&format!("{taken} is taken.")))]
        }
        _ => Vec::new(),
    }
}

pub(super) fn retry_after(error: &AccountsError) -> Option<Duration> {
    match error {
        AccountsError::RateLimited { retry_after_ms } => {
            Some(Duration::from_millis(u64::try_from(*retry_after_ms).unwrap_or_default()))
        }
        AccountsError::Busy | AccountsError::Unavailable(_) => Some(BUSY),
        _ => None,
    }
}

fn capitalised(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
