//! `GET /me/follows`: whom the account follows.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use sluice_domain::{AccountId, OrgId};
use sluice_store::StreamFilter;

use super::view::person;
use super::{Acquaintance, Person};
use crate::error::ApiError;
use crate::extract::{Member, Params};
use crate::page::{List, PageQuery, listed};
use crate::{Api, Shared};

/// Whom the account follows, latest first.
#[utoipa::path(get, path = "/me/follows", tag = "me", params(PageQuery),
    responses((status = 200, body = List<Acquaintance>)))]
pub(crate) async fn follows(
    State(api): State<Shared>,
    member: Member,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Acquaintance>>, ApiError> {
    page_of(&api, &member, &query).await.map(Json)
}

pub(crate) async fn page_of(
    api: &Api,
    member: &Member,
    query: &PageQuery,
) -> Result<List<Acquaintance>, ApiError> {
    let (org, account) = (member.identity.org, member.identity.account);
    let found = listed(api.store.follows().list(org, account, &query.page()?).await)?;
    let ids: Vec<AccountId> = found.items.iter().map(|follow| follow.owner_id).collect();
    let mut people = people(api, org, &ids).await?;
    let mut items = Vec::with_capacity(ids.len());
    for follow in found.items {
        if let Some(person) = people.remove(&follow.owner_id) {
            let live = is_live(api, org, follow.owner_id).await?;
            items.push(Acquaintance { person, since: follow.created_at, live });
        }
    }
    Ok(List { items, next_cursor: found.next.map(|next| next.to_string()) })
}

/// Those of these accounts that are there.
pub(crate) async fn people(
    api: &Api,
    org: OrgId,
    ids: &[AccountId],
) -> Result<HashMap<AccountId, Person>, ApiError> {
    let accounts = api.store.accounts().by_ids(org, ids).await?;
    let there = accounts.iter().filter(|account| account.deleted_at.is_none());
    Ok(there.map(|account| (account.id, person(account))).collect())
}

/// Whether a stream of theirs that anybody may find is live.
async fn is_live(api: &Api, org: OrgId, owner: AccountId) -> Result<bool, ApiError> {
    let filter = StreamFilter { live: Some(true), owner: Some(owner), ..StreamFilter::default() };
    let live = api.store.streams().list(org, &filter, &sluice_store::Page::first(1)).await?;
    Ok(!live.items.is_empty())
}
