//! `GET /streams/{id}/chat/messages`: what was said.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_domain::chat::MessageState;
use sluice_domain::{AccountId, ChatMessageId};
use sluice_store::{MessageFilter, MessagePlace};
use utoipa::IntoParams;
use uuid::Uuid;

use super::find::{readable, rights};
use super::view::{archived, public};
use super::{ArchivedMessage, ArchivedMessages};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Caller, Id, Params};

/// How many messages an answer has where nobody says it.
const DEFAULT_LIMIT: u32 = 50;

/// Most messages of one answer.
const MAX_LIMIT: u32 = 100;

/// Which messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageQuery {
    /// Only those older than this message.
    pub before: Option<Uuid>,
    /// Only those newer than this message; the oldest of them come first.
    pub after: Option<Uuid>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<u32>,
    /// Only those of which this became; for moderators. Others see what is shown.
    pub state: Option<MessageState>,
    /// Only those of this account; for moderators.
    pub account_id: Option<Uuid>,
}

/// What was said in a chat, oldest first: the newest messages, or those before or after one.
#[utoipa::path(get, path = "/streams/{id}/chat/messages", tag = "chat",
    params(("id" = String, Path), MessageQuery), responses((status = 200, body = ArchivedMessages)))]
pub(crate) async fn messages(
    State(api): State<Shared>,
    caller: Caller,
    Id(id): Id<String>,
    Params(query): Params<MessageQuery>,
) -> Result<Json<ArchivedMessages>, ApiError> {
    let stream = readable(&api, &caller, &id).await?;
    let moderates = rights(&api, &stream, caller.identity.as_ref()).await?.moderate;
    let everybodys =
        query.account_id.is_none() && query.state.is_none_or(|state| state == MessageState::Shown);
    if !moderates && !everybodys {
        return Err(match caller.identity {
            Some(_) => ApiError::PermissionDenied,
            None => ApiError::SignInRequired,
        });
    }
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(ApiError::field("limit", "out_of_range", format!("It is 1 to {MAX_LIMIT}.")));
    }
    let place = match (query.before, query.after) {
        (None, None) => MessagePlace::Newest,
        (Some(before), None) => MessagePlace::Before(ChatMessageId(before)),
        (None, Some(after)) => MessagePlace::After(ChatMessageId(after)),
        (Some(_), Some(_)) => {
            return Err(ApiError::field("after", "unexpected", "Either before or after can be given."));
        }
    };
    let filter = MessageFilter {
        // Who asks about one account wants to see all of it.
        states: match (query.state, query.account_id) {
            (None, Some(_)) => Vec::new(),
            (state, _) => vec![state.unwrap_or(MessageState::Shown)],
        },
        account: query.account_id.map(AccountId),
    };
    // One more than wanted: whether it is there says whether there are more.
    let store = api.store.chat_messages();
    let mut found = store.list(stream.org_id, stream.id, &filter, place, limit + 1).await?;
    let more = found.len() > limit as usize;
    if more {
        match place {
            MessagePlace::After(_) => drop(found.pop()),
            MessagePlace::Newest | MessagePlace::Before(_) => drop(found.remove(0)),
        }
    }
    let items: Vec<ArchivedMessage> = match moderates {
        true => archived(&api, stream.org_id, found).await?,
        false => found.into_iter().map(public).collect(),
    };
    Ok(Json(ArchivedMessages { items, more }))
}
