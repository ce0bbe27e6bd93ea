//! `GET /recordings/{id}/chat`: what was said while a recording was made.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_domain::{ChatMessageId, RecordingId};
use utoipa::IntoParams;
use uuid::Uuid;

use super::find::visible;
use super::{ReplayedMessage, ReplayedMessages};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Caller, Id, Params};

/// How many messages an answer has where nobody says it.
const DEFAULT_LIMIT: u32 = 100;

/// Most messages of one answer.
const MAX_LIMIT: u32 = 500;

/// Which messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplayQuery {
    /// Only those from this time of the recording on, in milliseconds.
    pub after_ms: Option<i64>,
    /// Only those behind this message: the last of the answer before.
    pub after: Option<Uuid>,
    /// How many at most.
    #[param(minimum = 1, maximum = 500, default = 100)]
    pub limit: Option<u32>,
}

/// What was said while a recording was made and was not taken away, oldest first.
#[utoipa::path(get, path = "/recordings/{id}/chat", tag = "recordings",
    params(("id" = Uuid, Path), ReplayQuery), responses((status = 200, body = ReplayedMessages)))]
pub(crate) async fn chat(
    State(api): State<Shared>,
    caller: Caller,
    Id(id): Id<RecordingId>,
    Params(query): Params<ReplayQuery>,
) -> Result<Json<ReplayedMessages>, ApiError> {
    let (recording, stream) = visible(&api, &caller, id).await?;
    api.live.admits(&stream, caller.identity.as_ref()).await?;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(ApiError::field("limit", "out_of_range", format!("It is 1 to {MAX_LIMIT}.")));
    }
    let after = match (query.after, query.after_ms) {
        (Some(_), Some(_)) => {
            return Err(ApiError::field("after", "unexpected", "Either after or after_ms can be given."));
        }
        (Some(after), None) => Some(ChatMessageId(after)),
        (None, Some(after_ms)) => Some(first_at(recording.started_at.saturating_add(after_ms))),
        (None, None) => None,
    };
    // One more than wanted: whether it is there says whether there are more.
    let messages = api.store.chat_messages();
    let found = messages.of_broadcast(recording.org_id, recording.broadcast_id, after, limit + 1).await?;
    let more = found.len() > limit as usize;
    let items = found.into_iter().take(limit as usize).map(|stored| {
        let message = stored.message;
        let seen = message.media_time.map_or(message.at, |time| time.0.div_euclid(1000));
        ReplayedMessage { at_ms: (seen - recording.started_at).max(0), message }
    });
    Ok(Json(ReplayedMessages { items: items.collect(), more }))
}

/// What comes before every message of a time in UTC milliseconds: ids of messages begin with it.
fn first_at(time: i64) -> ChatMessageId {
    let time = u128::from(time.clamp(0, MOST_TIME).unsigned_abs());
    ChatMessageId(Uuid::from_u128(time << 80))
}

/// The latest time that an id can begin with: 48 bits.
const MOST_TIME: i64 = (1 << 48) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_id_of_a_time_comes_before_all_of_it_and_behind_all_before_it() {
        let id = |ms: u64| Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, ms / 1000, 0));
        assert!(first_at(2_000).0 < id(2_000) && first_at(2_000).0 > id(1_000));
        assert_eq!(first_at(-5), first_at(0));
        assert_eq!(first_at(i64::MAX), first_at(MOST_TIME));
    }
}
