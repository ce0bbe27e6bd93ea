//! `POST /me/totp/confirm`: shows a code of the app.

use axum::Json;
use axum::extract::State;

use super::codes;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member};
use crate::me::{BackupCodes, TotpCode};

/// Ends the set-up with a code of the app. Answers the backup codes, this once.
#[utoipa::path(post, path = "/me/totp/confirm", tag = "me", request_body = TotpCode,
    responses((status = 200, body = BackupCodes)))]
pub(crate) async fn confirm(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<TotpCode>,
) -> Result<Json<BackupCodes>, ApiError> {
    Ok(Json(codes(api.accounts.confirm_totp(&member.identity, &given.code, &member.client).await?)))
}
