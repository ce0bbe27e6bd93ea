//! `POST /streams/{id}/keys/{key_id}/rotate`: another key in place of one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use sluice_accounts::AccountsEvent;
use sluice_domain::StreamKeyId;
use sluice_live::Fallen;

use super::make::{find, make, shown};
use super::{KeyCreated, RotateKey};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Ids, Member};

/// Longest time for which the old key still works: thirty days.
const MAX_OVERLAP: u32 = 2_592_000;

/// Makes another key in place of one, which works on for a while.
#[utoipa::path(post, path = "/streams/{id}/keys/{key_id}/rotate", tag = "keys",
    params(("id" = String, Path), ("key_id" = Uuid, Path)), request_body = RotateKey,
    responses((status = 201, body = KeyCreated)))]
pub(crate) async fn rotate(
    State(api): State<Shared>,
    member: Member,
    Ids(stream, id): Ids<String, StreamKeyId>,
    Body(given): Body<RotateKey>,
) -> Result<(StatusCode, Json<KeyCreated>), ApiError> {
    if given.overlap_seconds > MAX_OVERLAP {
        let message = format!("It is 0 to {MAX_OVERLAP}.");
        return Err(ApiError::field("overlap_seconds", "out_of_range", message));
    }
    let (stream, old) = find(&api, &member, &stream, id).await?;
    let (org, now) = (stream.org_id, api.now());
    if !old.is_active(now) {
        return Err(ApiError::NotFound);
    }
    let (next, text) = make(&api, org, stream.id, &old.name, None);
    let ends = now + i64::from(given.overlap_seconds) * 1000;
    let tx = api.store.begin().await?;
    tx.stream_keys().rotate(org, id, &next, old.expires_at.map_or(ends, |end| end.min(ends))).await?;
    let detail = json!({ "stream": stream.name, "next": next.id, "overlap_seconds": given.overlap_seconds });
    api.accounts.audit(&tx, org, &member.actor(), "stream_key.rotated", ("stream_key", id), detail).await?;
    tx.commit().await?;
    if given.overlap_seconds == 0 {
        api.accounts.announce(AccountsEvent::StreamKeyRevoked { org, stream: stream.id, key: id });
        api.live.revoke(Fallen::Key(id)).await;
    }
    let created = KeyCreated { key: text.expose().clone(), stream_key: shown(&api, next) };
    Ok((StatusCode::CREATED, Json(created)))
}
