//! Lists of recordings: of a stream, of a channel, of the organisation.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_domain::{Handle, Permission};
use sluice_store::RecordingFilter;
use utoipa::IntoParams;

use super::RecordingCard;
use super::view::cards;
use crate::Shared;
use crate::channels::find::shown_channel;
use crate::error::ApiError;
use crate::extract::{Caller, Id, Member, Params};
use crate::page::{List, PageQuery, listed, page};
use crate::streams::find::own_or;

/// Which recordings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordingQuery {
    /// Those that were deleted and can be restored, instead of those that are there.
    pub deleted: Option<bool>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2048)]
    pub cursor: Option<String>,
}

/// The recordings of a stream in all states, latest first.
#[utoipa::path(get, path = "/streams/{id}/recordings", tag = "recordings",
    params(("id" = String, Path), RecordingQuery), responses((status = 200, body = List<RecordingCard>)))]
pub(crate) async fn of_stream(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
    Params(query): Params<RecordingQuery>,
) -> Result<Json<List<RecordingCard>>, ApiError> {
    let stream = own_or(&api, &member, &id, Permission::ReadAllStreams).await?;
    let page = page(query.limit, query.cursor.as_deref())?;
    let filter = RecordingFilter { stream: Some(stream.id), deleted: query.deleted.unwrap_or(false) };
    let found = listed(api.store.recordings().list(stream.org_id, filter, &page).await)?;
    let items = cards(&api, stream.org_id, Some(&member.identity), found.items).await?;
    Ok(Json(List { items, next_cursor: found.next.map(|next| next.to_string()) }))
}

/// The recordings of somebody that everybody may find, latest first.
#[utoipa::path(get, path = "/channels/{handle}/recordings", tag = "recordings",
    params(("handle" = String, Path), PageQuery), responses((status = 200, body = List<RecordingCard>)))]
pub(crate) async fn of_channel(
    State(api): State<Shared>,
    caller: Caller,
    Id(handle): Id<Handle>,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<RecordingCard>>, ApiError> {
    let org = api.org(&caller).await?;
    let (account, _) = shown_channel(&api, org, &caller, &handle).await?;
    let found = listed(api.store.recordings().of_channel(org, account.id, &query.page()?).await)?;
    let items = cards(&api, org, caller.identity.as_ref(), found.items).await?;
    Ok(Json(List { items, next_cursor: found.next.map(|next| next.to_string()) }))
}

/// All recordings of the organisation, private ones included, latest first.
#[utoipa::path(get, path = "/admin/recordings", tag = "admin", params(RecordingQuery),
    responses((status = 200, body = List<RecordingCard>)))]
pub(crate) async fn of_organisation(
    State(api): State<Shared>,
    member: Member,
    Params(query): Params<RecordingQuery>,
) -> Result<Json<List<RecordingCard>>, ApiError> {
    let org = member.identity.org;
    let page = page(query.limit, query.cursor.as_deref())?;
    let filter = RecordingFilter { stream: None, deleted: query.deleted.unwrap_or(false) };
    let found = listed(api.store.recordings().list(org, filter, &page).await)?;
    let items = cards(&api, org, Some(&member.identity), found.items).await?;
    Ok(Json(List { items, next_cursor: found.next.map(|next| next.to_string()) }))
}
