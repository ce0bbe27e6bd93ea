//! `POST /me/backup-codes`: new backup codes.

use axum::Json;
use axum::extract::State;

use super::codes;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member};
use crate::me::{BackupCodes, PasswordProof};

/// Makes new backup codes in place of the old ones, and answers them this once.
#[utoipa::path(post, path = "/me/backup-codes", tag = "me", request_body = PasswordProof,
    responses((status = 200, body = BackupCodes)))]
pub(crate) async fn replace_backup_codes(
    State(api): State<Shared>,
    member: Member,
    Body(proof): Body<PasswordProof>,
) -> Result<Json<BackupCodes>, ApiError> {
    let made = api.accounts.replace_backup_codes(&member.identity, &proof.password, &member.client).await?;
    Ok(Json(codes(made)))
}
