//! `POST /auth/mfa`: the second factor of a sign-in.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::signed_in::signed_in;
use super::{SecondFactor, Tokens};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Caller};

/// Ends a sign-in with a code of the app, or with a backup code.
#[utoipa::path(post, path = "/auth/mfa", tag = "auth", request_body = SecondFactor,
    responses((status = 200, body = Tokens, headers(("set-cookie" = String)))))]
pub(crate) async fn mfa(
    State(api): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
    Body(given): Body<SecondFactor>,
) -> Result<Response, ApiError> {
    let tokens = api.accounts.second_factor(&given.mfa_token, &given.code, &caller.client).await?;
    signed_in(&api, StatusCode::OK, &headers, &uri, tokens).await
}
