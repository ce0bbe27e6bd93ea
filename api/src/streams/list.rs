//! `GET /streams` and its shorter forms: lists of streams.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_accounts::Identity;
use sluice_domain::{AccountId, Maturity};
use sluice_store::{Audience, StreamFilter};
use utoipa::{IntoParams, ToSchema};

use super::StreamCard;
use super::view::cards;
use crate::error::ApiError;
use crate::extract::{Caller, Params};
use crate::input::Fields;
use crate::me::Privacy;
use crate::me::view::remembered;
use crate::page::{List, listed, page};
use crate::{Api, Shared};

/// Which streams, in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct StreamQuery {
    /// Only those that are live, or only those that are not.
    pub live: Option<bool>,
    /// Slug of a category.
    #[param(max_length = 64)]
    pub category: Option<String>,
    /// One tag.
    #[param(max_length = 64)]
    pub tag: Option<String>,
    /// Words that title, description, tags or the owner's name begin with.
    #[param(max_length = 200)]
    pub q: Option<String>,
    /// In which order.
    pub sort: Option<StreamSort>,
    /// Id of the owner.
    #[param(value_type = Option<uuid::Uuid>)]
    pub owner: Option<String>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2048)]
    pub cursor: Option<String>,
}

/// In which order streams are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StreamSort {
    /// What most people watch comes first.
    #[default]
    Viewers,
    /// Newest first.
    Recent,
    /// By title.
    Title,
}

/// Streams that the caller may find.
#[utoipa::path(get, path = "/streams", tag = "streams", params(StreamQuery),
    responses((status = 200, body = List<StreamCard>)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    caller: Caller,
    Params(query): Params<StreamQuery>,
) -> Result<Json<List<StreamCard>>, ApiError> {
    answer(&api, &caller, query).await
}

/// Streams that are live, most watched first.
#[utoipa::path(get, path = "/streams/live", tag = "streams", params(StreamQuery),
    responses((status = 200, body = List<StreamCard>)))]
pub(crate) async fn live(
    State(api): State<Shared>,
    caller: Caller,
    Params(query): Params<StreamQuery>,
) -> Result<Json<List<StreamCard>>, ApiError> {
    answer(&api, &caller, StreamQuery { live: Some(true), ..query }).await
}

/// The streams that the organisation shows first, in its order.
#[utoipa::path(get, path = "/streams/featured", tag = "streams",
    responses((status = 200, body = List<StreamCard>)))]
pub(crate) async fn featured(
    State(api): State<Shared>,
    caller: Caller,
) -> Result<Json<List<StreamCard>>, ApiError> {
    let org = api.org(&caller).await?;
    let mut streams = api.store.streams().featured(org).await?;
    let limit = maturity_limit(&api, caller.identity.as_ref()).await?;
    streams.retain(|stream| {
        sluice_live::is_listed(stream.access) && limit.is_none_or(|limit| stream.maturity <= limit)
    });
    Ok(Json(List::whole(cards(&api, org, caller.identity.as_ref(), streams).await?)))
}

/// Searches streams; the same as `GET /streams` with `q`.
#[utoipa::path(get, path = "/streams/search", tag = "streams", params(StreamQuery),
    responses((status = 200, body = List<StreamCard>)))]
pub(crate) async fn search(
    State(api): State<Shared>,
    caller: Caller,
    Params(query): Params<StreamQuery>,
) -> Result<Json<List<StreamCard>>, ApiError> {
    answer(&api, &caller, query).await
}

async fn answer(api: &Api, caller: &Caller, query: StreamQuery) -> Result<Json<List<StreamCard>>, ApiError> {
    let audience =
        caller.identity.as_ref().map_or(Audience::Anybody, |identity| Audience::Account(identity.account));
    let limit = maturity_limit(api, caller.identity.as_ref()).await?;
    page_of(api, caller, query, audience, limit).await.map(Json)
}

/// A page of what an audience may find.
pub(crate) async fn page_of(
    api: &Api,
    caller: &Caller,
    query: StreamQuery,
    audience: Audience,
    maturity_limit: Option<Maturity>,
) -> Result<List<StreamCard>, ApiError> {
    let mut fields = Fields::default();
    fields.at_most("category", query.category.as_deref(), 64);
    fields.at_most("tag", query.tag.as_deref(), 64);
    fields.at_most("q", query.q.as_deref(), 200);
    fields.done()?;
    let org = api.org(caller).await?;
    let page = page(query.limit, query.cursor.as_deref())?;
    let category = match query.category.as_deref() {
        // No stream has a category that does not exist.
        Some(slug) => match api.store.categories().by_slug(org, slug).await? {
            Some(category) => Some(category.id),
            None => return Ok(List::whole(Vec::new())),
        },
        None => None,
    };
    let filter = StreamFilter {
        audience,
        live: query.live,
        category,
        tag: query.tag.map(|tag| tag.trim().to_lowercase()),
        owner: query.owner.as_deref().map(owner).transpose()?,
        text: query.q.filter(|text| !text.trim().is_empty()),
        maturity_limit,
        sort: match query.sort.unwrap_or_default() {
            StreamSort::Viewers => sluice_store::StreamSort::Viewers,
            StreamSort::Recent => sluice_store::StreamSort::Recent,
            StreamSort::Title => sluice_store::StreamSort::Title,
        },
    };
    let found = listed(api.store.streams().list(org, &filter, &page).await)?;
    let items = cards(api, org, caller.identity.as_ref(), found.items).await?;
    Ok(List { items, next_cursor: found.next.map(|next| next.to_string()) })
}

fn owner(text: &str) -> Result<AccountId, ApiError> {
    text.parse().map_err(|_| ApiError::field("owner", "malformed", "It is no id of an account."))
}

/// What somebody does not want to be shown.
async fn maturity_limit(api: &Api, identity: Option<&Identity>) -> Result<Option<Maturity>, ApiError> {
    let Some(identity) = identity else { return Ok(None) };
    let account = api.store.accounts().by_id(identity.org, identity.account).await?;
    Ok(Some(remembered::<Privacy>(account.privacy_json).maturity_limit))
}
