//! `GET /streams/{id}/chat/activity`: how much was said, minute by minute.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::ChatMinute;
use super::find::moderated;
use super::view::count;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Id, Member, Params};
use crate::page::List;

/// Longest time that is answered at once, in milliseconds: a week of minutes.
const LONGEST: i64 = 7 * 24 * 60 * 60 * 1000;

/// How far back it goes where nobody says it, in milliseconds: a day.
const DEFAULT: i64 = 24 * 60 * 60 * 1000;

/// Which time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivityQuery {
    /// From this time on, in UTC milliseconds; a day before `to` where it is absent.
    #[param(minimum = 0, maximum = 253_402_300_799_999_i64)]
    pub from: Option<i64>,
    /// Before this time, in UTC milliseconds; now where it is absent. At most a week after `from`.
    #[param(minimum = 0, maximum = 253_402_300_799_999_i64)]
    pub to: Option<i64>,
}

/// How much was said and how many were there in each minute, oldest first. Minutes in which nothing happened are
/// left out.
#[utoipa::path(get, path = "/streams/{id}/chat/activity", tag = "chat",
    params(("id" = String, Path), ActivityQuery), responses((status = 200, body = List<ChatMinute>)))]
pub(crate) async fn activity(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
    Params(query): Params<ActivityQuery>,
) -> Result<Json<List<ChatMinute>>, ApiError> {
    let stream = moderated(&api, &member, &id).await?;
    let mut fields = crate::input::Fields::default();
    fields.time("from", query.from);
    fields.time("to", query.to);
    fields.done()?;
    let to = query.to.unwrap_or_else(|| api.now().saturating_add(1));
    let from = query.from.unwrap_or_else(|| to.saturating_sub(DEFAULT));
    if to.saturating_sub(from) > LONGEST {
        return Err(ApiError::field("to", "out_of_range", "It is at most a week after from."));
    }
    let most = u32::try_from(LONGEST / 60_000 + 1).unwrap_or(u32::MAX);
    let found = api.store.chat_minutes().list(stream.org_id, stream.id, from, to, most).await?;
    let items = found.into_iter().map(|minute| ChatMinute {
        minute: minute.minute,
        broadcast_id: minute.broadcast_id.map(|id| id.0),
        messages: count(minute.messages),
        chatters: count(minute.chatters),
        reactions: count(minute.reactions),
        members: count(minute.members),
    });
    Ok(Json(List::whole(items.collect())))
}
