//! `POST /me/api-keys`: a new key for programs.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::Scope;

use super::shown;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member};
use crate::input::Fields;
use crate::me::{ApiKeyCreated, CreateApiKey};

/// Most scopes of a key: each of them once.
const MAX_SCOPES: usize = Scope::ALL.len();

const _: () = assert!(MAX_SCOPES == 13, "the schema of `CreateApiKey` names the same number");

/// Makes a key for programs. Its text is answered this once.
#[utoipa::path(post, path = "/me/api-keys", tag = "me", request_body = CreateApiKey,
    responses((status = 201, body = ApiKeyCreated)))]
pub(crate) async fn create(
    State(api): State<Shared>,
    member: Member,
    Body(mut given): Body<CreateApiKey>,
) -> Result<(StatusCode, Json<ApiKeyCreated>), ApiError> {
    let mut fields = Fields::default();
    let name = fields.line("name", &given.name, 80);
    fields.time("expires_at", given.expires_at);
    if given.scopes.len() > MAX_SCOPES {
        fields.wrong("scopes", "too_many", format!("there are more than {MAX_SCOPES}"));
    }
    given.scopes.sort_unstable();
    given.scopes.dedup();
    if given.scopes.is_empty() {
        fields.wrong("scopes", "required", "a key without scopes can do nothing");
    }
    if given.expires_at.is_some_and(|end| end <= api.now()) {
        fields.wrong("expires_at", "out_of_range", "it has passed");
    }
    fields.done()?;
    let (identity, actor) = (&member.identity, member.actor());
    let made = api.accounts.create_api_key(identity, &name, &given.scopes, given.expires_at, &actor).await?;
    let created = ApiKeyCreated { key: made.0.expose().clone(), api_key: shown(made.1) };
    Ok((StatusCode::CREATED, Json(created)))
}
