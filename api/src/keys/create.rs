//! `POST /streams/{id}/keys`: another key of a stream.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use sluice_accounts::AccountsError;

use super::make::{make, shown};
use super::{CreateKey, KeyCreated};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Id, Member};
use crate::input::Fields;
use crate::streams::find::editable;

/// Most keys of a stream that are not revoked. Each of a team's encoders may have its own.
const MAX_KEYS: usize = 50;

/// Makes another key of a stream.
#[utoipa::path(post, path = "/streams/{id}/keys", tag = "keys", params(("id" = String, Path)),
    request_body = CreateKey, responses((status = 201, body = KeyCreated)))]
pub(crate) async fn create(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
    Body(given): Body<CreateKey>,
) -> Result<(StatusCode, Json<KeyCreated>), ApiError> {
    let stream = editable(&api, &member, &id).await?;
    let mut fields = Fields::default();
    let name = fields.line("name", &given.name, 80);
    fields.time("expires_at", given.expires_at);
    if given.expires_at.is_some_and(|end| end <= api.now()) {
        fields.wrong("expires_at", "out_of_range", "it has passed");
    }
    fields.done()?;
    let (org, now) = (stream.org_id, api.now());
    let keys = api.store.stream_keys().of(org, stream.id).await?;
    if keys.iter().filter(|key| key.is_active(now)).count() >= MAX_KEYS {
        return Err(AccountsError::TooMany.into());
    }
    let (key, text) = make(&api, org, stream.id, &name, given.expires_at);
    let tx = api.store.begin().await?;
    tx.stream_keys().create(&key).await?;
    let detail = json!({ "stream": stream.name, "name": name });
    api.accounts
        .audit(&tx, org, &member.actor(), "stream_key.created", ("stream_key", key.id), detail)
        .await?;
    tx.commit().await?;
    let created = KeyCreated { key: text.expose().clone(), stream_key: shown(&api, key) };
    Ok((StatusCode::CREATED, Json(created)))
}
