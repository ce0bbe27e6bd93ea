//! `POST /auth/refresh`: another access token, by the cookie.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use sluice_accounts::AccountsError;

use super::Tokens;
use super::signed_in::{refresh_token, signed_in};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::Caller;

/// Another access token, by the cookie of the sign-in, which is replaced.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth",
    responses((status = 200, body = Tokens, headers(("set-cookie" = String)))))]
pub(crate) async fn refresh(
    State(api): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    let token = refresh_token(&headers).ok_or(AccountsError::SessionEnded)?;
    let tokens = match api.accounts.refresh(token.expose(), &caller.client).await {
        // To a page it is all the same: somebody must sign in.
        Err(AccountsError::TokenInvalid | AccountsError::TokenExpired | AccountsError::NotFound) => {
            return Err(AccountsError::SessionEnded.into());
        }
        tokens => tokens?,
    };
    signed_in(&api, StatusCode::OK, &headers, &uri, tokens).await
}
