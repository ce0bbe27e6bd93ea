//! `GET` and `DELETE /admin/accounts/{id}/sessions`: the sign-ins of an account.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::AccountId;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member};
use crate::me::SignInSession;
use crate::me::sessions::list::shown;
use crate::page::List;

/// Where somebody is signed in.
#[utoipa::path(get, path = "/admin/accounts/{id}/sessions", tag = "admin", params(("id" = Uuid, Path)),
    responses((status = 200, body = List<SignInSession>)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<AccountId>,
) -> Result<Json<List<SignInSession>>, ApiError> {
    let identity = &member.identity;
    api.store.accounts().member(identity.org, id).await?;
    let sessions = api.accounts.sessions(identity.org, id).await?;
    Ok(Json(List::whole(sessions.into_iter().map(|session| shown(session, identity.session())).collect())))
}

/// Ends every sign-in of somebody.
#[utoipa::path(delete, path = "/admin/accounts/{id}/sessions", tag = "admin", params(("id" = Uuid, Path)),
    responses((status = 204)))]
pub(crate) async fn end(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<AccountId>,
) -> Result<StatusCode, ApiError> {
    let org = member.identity.org;
    api.store.accounts().member(org, id).await?;
    api.accounts.revoke_sessions(org, id, None, &member.actor()).await?;
    Ok(StatusCode::NO_CONTENT)
}
