//! `GET /me/reports`: what the account has reported.

use axum::Json;
use axum::extract::State;

use super::OwnReport;
use super::view::own as shown;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Member, Params};
use crate::page::{List, PageQuery, listed};

/// What the account has reported, latest first, and how far it has come.
#[utoipa::path(get, path = "/me/reports", tag = "reports", params(PageQuery),
    responses((status = 200, body = List<OwnReport>)))]
pub(crate) async fn own(
    State(api): State<Shared>,
    member: Member,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<OwnReport>>, ApiError> {
    let (org, account) = (member.identity.org, member.identity.account);
    let found = listed(api.store.reports().of_reporter(org, account, &query.page()?).await)?;
    let items = found.items.into_iter().map(shown).collect();
    Ok(Json(List { items, next_cursor: found.next.map(|next| next.to_string()) }))
}
