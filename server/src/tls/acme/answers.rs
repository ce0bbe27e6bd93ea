//! What HTTP-01 looks for: `/.well-known/acme-challenge/{token}` (RFC 8555 §8.3).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// Key authorizations of the challenges that run, by token.
#[derive(Clone, Default)]
pub(super) struct Answers(Arc<Mutex<HashMap<String, String>>>);

/// An answer that is given until this is dropped.
#[must_use]
pub(super) struct Given {
    answers: Answers,
    token: String,
}

impl Answers {
    /// Answers this token.
    pub(super) fn give(&self, token: &str, text: &str) -> Given {
        self.lock().insert(token.to_owned(), text.to_owned());
        Given { answers: self.clone(), token: token.to_owned() }
    }

    pub(super) fn routes(&self) -> Router {
        Router::new().route("/.well-known/acme-challenge/{token}", get(answer)).with_state(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        self.answers.lock().remove(&self.token);
    }
}

async fn answer(State(answers): State<Answers>, Path(token): Path<String>) -> Response {
    let text = answers.lock().get(&token).cloned();
    match text {
        Some(text) => ([(header::CONTENT_TYPE, "application/octet-stream")], text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
