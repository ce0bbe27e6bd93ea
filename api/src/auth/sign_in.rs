//! `POST /auth/sign-in`: email and password.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use sluice_accounts::SignedIn;
use sluice_domain::Redacted;

use super::signed_in::{device_token, signed_in};
use super::{SecondFactorMethod, SecondFactorNeeded, SignIn, Tokens};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Caller};
use crate::input::Fields;

/// Signs in with email and password; answers 202 where a second factor is needed.
#[utoipa::path(post, path = "/auth/sign-in", tag = "auth", request_body = SignIn, responses(
    (status = 200, body = Tokens, headers(("set-cookie" = String))),
    (status = 202, body = SecondFactorNeeded)))]
pub(crate) async fn sign_in(
    State(api): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
    Body(given): Body<SignIn>,
) -> Result<Response, ApiError> {
    let mut fields = Fields::default();
    fields.at_most("device", given.device.as_deref(), 80);
    fields.done()?;
    let attempt = sluice_accounts::SignIn {
        email: given.email,
        password: Redacted::new(given.password),
        device: given.device.unwrap_or_default(),
        device_token: device_token(&headers),
    };
    match api.accounts.sign_in(&attempt, &caller.client).await? {
        SignedIn::Done(tokens) => signed_in(&api, StatusCode::OK, &headers, &uri, *tokens).await,
        SignedIn::MfaRequired { mfa_token } => {
            let methods = vec![SecondFactorMethod::Totp, SecondFactorMethod::BackupCode];
            let needed = SecondFactorNeeded { mfa_token: mfa_token.expose().clone(), methods };
            Ok((StatusCode::ACCEPTED, Json(needed)).into_response())
        }
    }
}
