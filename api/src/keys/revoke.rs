//! `DELETE /streams/{id}/keys/{key_id}`: ends a key.

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use sluice_accounts::AccountsEvent;
use sluice_domain::StreamKeyId;
use sluice_live::Fallen;

use super::make::find;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Ids, Member};

/// Ends a key, and with it the publisher that uses it.
#[utoipa::path(delete, path = "/streams/{id}/keys/{key_id}", tag = "keys",
    params(("id" = String, Path), ("key_id" = Uuid, Path)), responses((status = 204)))]
pub(crate) async fn revoke(
    State(api): State<Shared>,
    member: Member,
    Ids(stream, id): Ids<String, StreamKeyId>,
) -> Result<StatusCode, ApiError> {
    let (stream, _) = find(&api, &member, &stream, id).await?;
    let org = stream.org_id;
    let tx = api.store.begin().await?;
    if !tx.stream_keys().revoke(org, id, api.now()).await? {
        return Err(ApiError::NotFound);
    }
    let detail = json!({ "stream": stream.name });
    api.accounts.audit(&tx, org, &member.actor(), "stream_key.revoked", ("stream_key", id), detail).await?;
    tx.commit().await?;
    api.accounts.announce(AccountsEvent::StreamKeyRevoked { org, stream: stream.id, key: id });
    api.live.revoke(Fallen::Key(id)).await;
    Ok(StatusCode::NO_CONTENT)
}
