//! `POST /streams/{id}/keys/{key_id}/show`: the text of a key.

use axum::Json;
use axum::extract::State;
use serde_json::json;
use sluice_accounts::AccountsError;
use sluice_domain::StreamKeyId;

use super::ShownKey;
use super::make::{find, place};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Ids, Member};

/// Shows the text of a key. The audit log says who looked.
#[utoipa::path(post, path = "/streams/{id}/keys/{key_id}/show", tag = "keys",
    params(("id" = String, Path), ("key_id" = Uuid, Path)), responses((status = 200, body = ShownKey)))]
pub(crate) async fn show(
    State(api): State<Shared>,
    member: Member,
    Ids(stream, id): Ids<String, StreamKeyId>,
) -> Result<Json<ShownKey>, ApiError> {
    let (stream, key) = find(&api, &member, &stream, id).await?;
    let text = api.accounts.master_keys().open_text(&place(id), &key.sealed).map_err(AccountsError::from)?;
    let detail = json!({ "stream": stream.name, "name": key.name });
    let (actor, target) = (member.actor(), ("stream_key", id));
    // Before it is shown: who reads a secret is written down, or does not read it.
    api.accounts.audit_alone(stream.org_id, &actor, "stream_key.shown", target, detail).await?;
    Ok(Json(ShownKey { key: text.expose().clone() }))
}
