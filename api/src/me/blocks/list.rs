//! `GET /me/blocks`: whom the account blocks.

use axum::Json;
use axum::extract::State;
use sluice_domain::AccountId;

use crate::Shared;
use crate::error::ApiError;
use crate::extract::Member;
use crate::me::Acquaintance;
use crate::me::follows::people;
use crate::page::List;

/// Whom the account blocks, latest first.
#[utoipa::path(get, path = "/me/blocks", tag = "me", responses((status = 200, body = List<Acquaintance>)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    member: Member,
) -> Result<Json<List<Acquaintance>>, ApiError> {
    let identity = &member.identity;
    let blocks = api.store.blocks().of(identity.org, identity.account).await?;
    let ids: Vec<AccountId> = blocks.iter().map(|block| block.blocked_id).collect();
    let mut people = people(&api, identity.org, &ids).await?;
    let shown = blocks.into_iter().filter_map(|block| {
        let person = people.remove(&block.blocked_id)?;
        Some(Acquaintance { person, since: block.created_at, live: false })
    });
    Ok(Json(List::whole(shown.collect())))
}
