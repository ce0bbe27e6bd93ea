//! `GET /admin/overview`: the organisation in numbers.

use axum::Json;
use axum::extract::State;
use sluice_store::{AccountFilter, AccountState, Page};

use super::Overview;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::Member;

/// The organisation in numbers.
#[utoipa::path(get, path = "/admin/overview", tag = "admin", responses((status = 200, body = Overview)))]
pub(crate) async fn overview(State(api): State<Shared>, member: Member) -> Result<Json<Overview>, ApiError> {
    let (org, now) = (member.identity.org, api.now());
    let accounts = api.store.accounts().count(org).await?;
    let disabled = AccountFilter { state: Some(AccountState::Disabled), ..AccountFilter::default() };
    let waiting = api.store.accounts().list(org, &disabled, &Page::first(DISABLED_SHOWN)).await?;
    let (streams, _) = api.store.streams().counts(org).await?;
    let live = api.live.directory().into_iter().filter(|status| status.org == org);
    let (live_streams, viewers) =
        live.fold((0, 0), |(live, viewers), status| (live + 1, viewers + u64::from(status.viewers)));
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    Ok(Json(Overview {
        accounts: count(accounts),
        disabled_accounts: waiting.items.len() as u64,
        sessions: count(api.store.sessions().count_active(org, now).await?),
        streams: count(streams),
        live_streams,
        viewers,
        mails_waiting: count(api.store.mail_outbox().count_waiting(org).await?),
    }))
}

/// Disabled accounts are counted up to this: beyond it nobody counts them one by one.
const DISABLED_SHOWN: u32 = 1000;
