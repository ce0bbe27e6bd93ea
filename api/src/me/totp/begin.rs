//! `POST /me/totp`: begins to set up an app.

use axum::Json;
use axum::extract::State;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::Member;
use crate::me::TotpSecret;

/// Begins to set up an authenticator app. It counts once a code of it was shown.
#[utoipa::path(post, path = "/me/totp", tag = "me", responses((status = 200, body = TotpSecret)))]
pub(crate) async fn begin(State(api): State<Shared>, member: Member) -> Result<Json<TotpSecret>, ApiError> {
    let begun = api.accounts.begin_totp(&member.identity).await?;
    Ok(Json(TotpSecret {
        secret: begun.secret.expose().clone(),
        otpauth_url: begun.otpauth_url.expose().clone(),
    }))
}
