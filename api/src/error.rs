//! Refusals of the API, and the only place that gives them status codes.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sluice_domain::ProblemCode;
use sluice_http::Problem;
use thiserror::Error;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum ApiError {
    #[error("There is no stream of this name.")]
    UnknownStream,
    #[error("The request has no usable Host header.")]
    NoHost,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code) = match self {
            Self::UnknownStream => (StatusCode::NOT_FOUND, ProblemCode::UnknownStream),
            Self::NoHost => (StatusCode::BAD_REQUEST, ProblemCode::MalformedRequest),
        };
        Problem::new(status, code, self.to_string()).into_response()
    }
}

/// Answers paths under `/api` that do not exist, so that they never become the web app's page.
pub(crate) async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, ProblemCode::NotFound, "The API has no such path.")
}

/// Answers methods that a path does not take; axum adds `Allow`.
pub(crate) async fn method_not_allowed() -> Problem {
    let detail = "This path does not take that method.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, ProblemCode::MethodNotAllowed, detail)
}
