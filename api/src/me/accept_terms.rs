//! `POST /me/terms`: accepts the terms.

use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::DocumentId;

use super::AcceptTerms;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member};

/// Accepts an edition of the terms.
#[utoipa::path(post, path = "/me/terms", tag = "me", request_body = AcceptTerms, responses((status = 204)))]
pub(crate) async fn accept_terms(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<AcceptTerms>,
) -> Result<StatusCode, ApiError> {
    let (identity, document) = (&member.identity, DocumentId(given.document_id));
    api.accounts.accept_terms(identity.org, identity.account, document, &member.client).await?;
    Ok(StatusCode::NO_CONTENT)
}
