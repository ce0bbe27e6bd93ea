//! `GET /admin/overview`: the organisation in numbers.

use axum::Json;
use axum::extract::State;

use super::Overview;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::Member;
use crate::reports::pending;

/// The organisation in numbers.
#[utoipa::path(get, path = "/admin/overview", tag = "admin", responses((status = 200, body = Overview)))]
pub(crate) async fn overview(State(api): State<Shared>, member: Member) -> Result<Json<Overview>, ApiError> {
    let (org, now) = (member.identity.org, api.now());
    let accounts = api.store.accounts().count(org).await?;
    let (streams, _) = api.store.streams().counts(org).await?;
    let live = api.live.directory().into_iter().filter(|status| status.org == org);
    let (live_streams, viewers) =
        live.fold((0, 0), |(live, viewers), status| (live + 1, viewers + u64::from(status.viewers)));
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    Ok(Json(Overview {
        accounts: count(accounts.all),
        disabled_accounts: count(accounts.disabled),
        sessions: count(api.store.sessions().count_active(org, now).await?),
        streams: count(streams),
        live_streams,
        viewers,
        mails_waiting: count(api.store.mail_outbox().count_waiting(org).await?),
        reports_pending: pending(&api, org).await?,
    }))
}
