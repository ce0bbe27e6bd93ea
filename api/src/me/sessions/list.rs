//! `GET /me/sessions`: where the account is signed in.

use axum::Json;
use axum::extract::State;
use sluice_domain::SignInId;
use sluice_store::Session;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::Member;
use crate::me::SignInSession;
use crate::page::List;

/// Where the account is signed in, latest first.
#[utoipa::path(get, path = "/me/sessions", tag = "me",
    responses((status = 200, body = List<SignInSession>)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    member: Member,
) -> Result<Json<List<SignInSession>>, ApiError> {
    let identity = &member.identity;
    let sessions = api.accounts.sessions(identity.org, identity.account).await?;
    Ok(Json(List::whole(sessions.into_iter().map(|session| shown(session, identity.session())).collect())))
}

/// A sign-in, as its holder and admins see it.
pub(crate) fn shown(session: Session, current: Option<SignInId>) -> SignInSession {
    SignInSession {
        current: current == Some(session.id),
        id: session.id.0,
        device: if session.device.is_empty() { session.user_agent } else { session.device },
        address: session.address,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
    }
}
