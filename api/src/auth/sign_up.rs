//! `POST /auth/sign-up`: makes an account.

use axum::Json;
use axum::extract::State;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use sluice_accounts::SignedUp;
use sluice_domain::{DocumentId, Redacted};

use super::signed_in::signed_in;
use super::{SignUp, Tokens, Verification, VerificationSent};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Caller};
use crate::input::Fields;

/// Makes an account. Where addresses are verified, a taken address gets the same answer as a free one.
#[utoipa::path(post, path = "/auth/sign-up", tag = "auth", request_body = SignUp, responses(
    (status = 201, body = Tokens, headers(("set-cookie" = String))),
    (status = 202, body = VerificationSent)))]
pub(crate) async fn sign_up(
    State(api): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
    Body(given): Body<SignUp>,
) -> Result<Response, ApiError> {
    let mut fields = Fields::default();
    let email = fields.parsed("email", &given.email);
    let handle = fields.parsed("handle", &given.handle);
    let display_name = fields.parsed("display_name", &given.display_name);
    fields.secret("password", &given.password, 1, 256);
    fields.at_most("invite", given.invite.as_deref(), 200);
    let ((email, handle), display_name) = fields.all((email, handle), display_name)?;
    let sign_up = sluice_accounts::SignUp {
        email,
        password: Redacted::new(given.password),
        handle,
        display_name,
        locale: language(&headers),
        terms_document: given.terms_document_id.map(DocumentId),
        invite: given.invite.map(Redacted::new),
        device: String::new(),
    };
    let waits =
        |verification| (StatusCode::ACCEPTED, Json(VerificationSent { verification })).into_response();
    match api.accounts.sign_up(&sign_up, &caller.client).await? {
        SignedUp::Done(tokens) => signed_in(&api, StatusCode::CREATED, &headers, &uri, *tokens).await,
        SignedUp::MailSent => Ok(waits(Verification::Sent)),
        SignedUp::WaitsForApproval => Ok(waits(Verification::Approval)),
    }
}

/// The first language that the browser asks for, for the mails.
fn language(headers: &HeaderMap) -> Option<String> {
    let asked = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let first = asked.split([',', ';']).next()?.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    ((2..=35).contains(&first.len()) && first.bytes().all(plain)).then(|| first.to_owned())
}
