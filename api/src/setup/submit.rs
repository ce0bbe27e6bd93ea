//! `POST /setup`: makes the first account and signs it in.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use sluice_domain::Redacted;

use super::SetUp;
use crate::Shared;
use crate::auth::Tokens;
use crate::auth::signed_in::signed_in;
use crate::error::ApiError;
use crate::extract::{Body, Caller};
use crate::input::Fields;

/// Makes the first account, an administrator's, and signs it in. Of several who try at once one wins.
#[utoipa::path(post, path = "/setup", tag = "server", request_body = SetUp,
    responses((status = 201, body = Tokens, headers(("set-cookie" = String)))))]
pub(crate) async fn submit(
    State(api): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
    Body(given): Body<SetUp>,
) -> Result<Response, ApiError> {
    let mut fields = Fields::default();
    let name = fields.line("name", &given.name, 80);
    let public_url = given.public_url.as_deref().map(|url| fields.url("public_url", url, 300));
    let email = fields.parsed("email", &given.email);
    let handle = fields.parsed("handle", &given.handle);
    let display_name = fields.parsed("display_name", &given.display_name);
    fields.secret("password", &given.password, 1, 256);
    let ((email, handle), display_name) = fields.all((email, handle), display_name)?;
    let set_up = sluice_accounts::SetUp {
        name,
        public_url,
        signup_mode: given.signup_mode.into(),
        email,
        password: Redacted::new(given.password),
        handle,
        display_name,
    };
    let tokens = api.accounts.set_up(&set_up, &caller.client).await?;
    signed_in(&api, StatusCode::CREATED, &headers, &uri, tokens).await
}
