//! Refusals of the API, and the only place that gives them status codes.

use std::time::Duration;

use axum::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use sluice_accounts::AccountsError;
use sluice_domain::ProblemCode;
use sluice_http::{FieldError, Problem};
use sluice_live::LiveError;
use sluice_store::StoreError;

mod accounts;
mod live;

/// Why a request is refused.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// Fields that cannot be used.
    Invalid(Vec<FieldError>),
    /// A body that is no JSON.
    MalformedJson(String),
    /// A body that broke off, or a request without a host.
    MalformedRequest(&'static str),
    /// A body beyond the limit.
    TooLarge {
        /// Bytes.
        limit: usize,
    },
    /// A body of another type.
    UnsupportedType {
        /// What would do.
        expected: &'static str,
    },
    /// No such record, or none that this caller may know of.
    NotFound,
    /// No such recording, or none that this caller may know of.
    RecordingUnknown,
    /// The recording is not finished.
    RecordingNotReady,
    /// The path takes other methods.
    MethodNotAllowed(String),
    /// Nobody is signed in.
    SignInRequired,
    /// The role or the scopes do not suffice.
    PermissionDenied,
    /// A page of another site sent it.
    CrossSite,
    /// A change without `If-Match`.
    PreconditionRequired,
    /// There is one already.
    Exists(&'static str),
    /// Too many requests.
    RateLimited(Duration),
    /// What accounts, store or media plane say.
    Accounts(AccountsError),
    Live(LiveError),
}

/// Status, code and sentence of a refusal.
type Said = (StatusCode, ProblemCode, String);

fn said(status: StatusCode, code: ProblemCode, detail: impl Into<String>) -> Said {
    (status, code, detail.into())
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after();
        let (status, code, detail) = self.said();
        let mut problem = Problem::new(status, code, detail);
        match self {
            Self::Invalid(errors) => problem = problem.with_errors(errors),
            Self::Accounts(AccountsError::PasswordExpired { reset_token }) => {
                problem = problem.with_reset_token(reset_token);
            }
            Self::Accounts(error) => problem = problem.with_errors(accounts::fields(&error)),
            Self::MethodNotAllowed(allowed) => {
                let allowed = HeaderValue::from_str(&allowed).expect("methods are visible ASCII");
                problem = problem.with_header(ALLOW, allowed);
            }
            _ => {}
        }
        if let Some(wait) = retry_after {
            // Rounded up: coming back a moment too early would be refused again.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            problem = problem.with_header(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if status == StatusCode::UNAUTHORIZED {
            problem = problem.with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        problem.into_response()
    }
}

impl ApiError {
    fn said(&self) -> Said {
        use ProblemCode as Code;
        use StatusCode as Status;
        match self {
            Self::Invalid(errors) => {
                let detail = match errors.as_slice() {
                    [one] if one.field.is_empty() => one.message.clone(),
                    [one] => format!("{}: {}", one.field, one.message),
                    several => format!("{} fields cannot be used.", several.len()),
                };
                said(Status::UNPROCESSABLE_ENTITY, Code::InvalidInput, detail)
            }
            Self::MalformedJson(detail) => said(Status::BAD_REQUEST, Code::MalformedJson, detail.as_str()),
            Self::MalformedRequest(detail) => said(Status::BAD_REQUEST, Code::MalformedRequest, *detail),
            Self::TooLarge { limit } => {
                let detail = format!("The body may have {limit} bytes at most.");
                said(Status::PAYLOAD_TOO_LARGE, Code::BodyTooLarge, detail)
            }
            Self::UnsupportedType { expected } => {
                let detail = format!("The Content-Type must be {expected}.");
                said(Status::UNSUPPORTED_MEDIA_TYPE, Code::UnsupportedContentType, detail)
            }
            Self::NotFound => said(Status::NOT_FOUND, Code::NotFound, "There is no such record."),
            Self::RecordingUnknown => {
                said(Status::NOT_FOUND, Code::RecordingUnknown, "There is no such recording.")
            }
            Self::RecordingNotReady => said(
                Status::CONFLICT,
                Code::RecordingNotReady,
                "The recording is still being made. Try again when its broadcast is over.",
            ),
            Self::MethodNotAllowed(_) => said(
                Status::METHOD_NOT_ALLOWED,
                Code::MethodNotAllowed,
                "This path does not take that method.",
            ),
            Self::SignInRequired => {
                said(Status::UNAUTHORIZED, Code::SignInRequired, "Only who is signed in may do this.")
            }
            Self::PermissionDenied => said(
                Status::FORBIDDEN,
                Code::PermissionDenied,
                "The role of the account, or the scopes of the API key, do not allow this.",
            ),
            Self::CrossSite => {
                said(Status::FORBIDDEN, Code::CrossSite, "The request comes from a page of another site.")
            }
            Self::PreconditionRequired => said(
                Status::PRECONDITION_REQUIRED,
                Code::PreconditionRequired,
                "Send the ETag of what was read as If-Match.",
            ),
            Self::Exists(detail) => said(Status::CONFLICT, Code::AlreadyExists, *detail),
            Self::RateLimited(_) => said(Status::TOO_MANY_REQUESTS, Code::RateLimited, "Try again later."),
            Self::Accounts(error) => accounts::said(error),
            Self::Live(error) => live::said(error),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited(wait) => Some(*wait),
            Self::Accounts(error) => accounts::retry_after(error),
            Self::Live(error) => error.retry_after(),
            _ => None,
        }
    }

    /// One field that cannot be used.
    pub(crate) fn field(field: &str, code: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.to_owned(),
            code: code.to_owned(),
            message: message.into(),
        }])
    }
}

impl From<AccountsError> for ApiError {
    fn from(error: AccountsError) -> Self {
        Self::Accounts(error)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Accounts(error.into())
    }
}

impl From<LiveError> for ApiError {
    fn from(error: LiveError) -> Self {
        Self::Live(error)
    }
}

/// Answers paths under `/api` that do not exist, so that they never become the web app's page.
pub(crate) async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, ProblemCode::NotFound, "The API has no such path.")
}
