//! `POST /auth/sign-out`: ends the sign-in of the cookie.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::signed_in::{forget, refresh_token};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::Caller;

/// Ends the sign-in of the cookie, and takes the cookie away.
#[utoipa::path(post, path = "/auth/sign-out", tag = "auth",
    responses((status = 204, headers(("set-cookie" = String)))))]
pub(crate) async fn sign_out(
    State(api): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(token) = refresh_token(&headers) {
        api.accounts.sign_out(token.expose(), &caller.client).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    forget(response.headers_mut());
    Ok(response)
}
