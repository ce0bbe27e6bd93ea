//! Chats of streams over HTTP: what was said, what is asked of those who write, and keeping order. What is said
//! goes over data channels and `/ws` (docs/spec/chat.md).

mod act;
mod actions;
mod activity;
mod bans;
mod clear;
mod emotes;
pub(crate) mod export;
mod find;
mod held;
mod member;
mod members;
mod messages;
mod moderators;
mod noting;
mod remove;
mod show;
mod terms;
mod update;
mod view;

use serde::{Deserialize, Serialize};
use sluice_domain::chat::{
    Badge, BanKind, ChatAuthor, ChatMessage, ChatMode, ChatSettings, FilterLevel, LinkPolicy, MessageState,
    ModerationAction, ModerationKind, Permissions, Presence, TermKind, TermOutcome,
};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub(crate) use actions::entries;
pub(crate) use find::readable;

use crate::Shared;
use crate::field::present;
use crate::me::Person;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(show::show, update::update))
        .routes(routes!(messages::messages, clear::clear))
        .routes(routes!(remove::remove))
        .routes(routes!(held::list))
        .routes(routes!(held::approve))
        .routes(routes!(held::deny))
        .routes(routes!(bans::list, bans::add))
        .routes(routes!(bans::lift))
        .routes(routes!(moderators::list))
        .routes(routes!(moderators::add, moderators::remove))
        .routes(routes!(terms::list, terms::add))
        .routes(routes!(terms::remove))
        .routes(routes!(actions::actions))
        .routes(routes!(members::members))
        .routes(routes!(member::member))
        .routes(routes!(activity::activity))
        .routes(routes!(export::export))
        .routes(routes!(emotes::list, emotes::add))
        .routes(routes!(emotes::remove))
}

/// The chat of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Chat {
    /// What is asked of those who write.
    pub settings: ChatSettings,
    /// The message at the top.
    pub pinned: Option<ChatMessage>,
    /// Who is here.
    pub presence: Presence,
    /// Changes with the stream's emotes.
    pub emotes_version: i64,
    /// What the caller may do, apart from timeouts and modes.
    pub may: Permissions,
    /// Messages that wait for a moderator; null for others.
    pub held: Option<u64>,
}

/// Changes of what is asked of those who write: what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateChat {
    /// Whether there is a chat at all.
    pub enabled: Option<bool>,
    /// Whether those who are not signed in may write.
    pub anonymous_may_write: Option<bool>,
    /// Modes that are on.
    #[schema(max_items = 5)]
    pub modes: Option<Vec<ChatMode>>,
    /// Seconds that a member waits between two messages; 0 is off.
    #[schema(minimum = 0, maximum = 1800)]
    pub slow_seconds: Option<u32>,
    /// Minutes that a member must have followed the owner; null asks for nothing, 0 for following.
    #[serde(default, deserialize_with = "present")]
    #[schema(minimum = 0, maximum = 129_600, value_type = Option<u32>)]
    pub followers_minutes: Option<Option<u32>>,
    /// How strictly texts are filtered.
    pub filter: Option<FilterLevel>,
    /// What becomes of links.
    pub links: Option<LinkPolicy>,
    /// Text above the field for messages.
    #[schema(max_length = 500)]
    pub rules: Option<String>,
}

/// A message, with what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ArchivedMessage {
    /// The message.
    #[serde(flatten)]
    pub message: ChatMessage,
    /// What became of it.
    pub state: MessageState,
    /// Why it was held or denied: names of filters. For moderators.
    pub reasons: Vec<String>,
    /// When it was decided about, in UTC milliseconds. For moderators.
    pub settled_at: Option<i64>,
    /// Who decided. For moderators.
    pub settled_by: Option<Person>,
}

/// Some messages of a chat.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ArchivedMessages {
    /// Oldest first.
    pub items: Vec<ArchivedMessage>,
    /// Whether there are more in the direction that was asked for.
    pub more: bool,
}

/// Somebody who may not write.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Ban {
    /// Who.
    pub person: Person,
    /// How.
    pub kind: BanKind,
    /// Until when, in UTC milliseconds; null until it is lifted.
    pub until: Option<i64>,
    /// Why.
    pub reason: Option<String>,
    /// Whose decision it was.
    pub by: Option<Person>,
    /// In UTC milliseconds.
    pub created_at: i64,
}

/// Somebody who may write no more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateBan {
    /// Who.
    pub account_id: Uuid,
    /// How.
    pub kind: BanKind,
    /// For how long; of a timeout and of nothing else.
    #[schema(minimum = 1, maximum = 1_209_600)]
    pub seconds: Option<u32>,
    /// Why.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

/// Somebody who keeps order in a chat.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ChatModerator {
    /// Who.
    pub person: Person,
    /// Whose decision it was.
    pub by: Option<Person>,
    /// In UTC milliseconds.
    pub since: i64,
}

/// A word or pattern that the filter looks for.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ChatTerm {
    /// To remove it.
    pub id: Uuid,
    /// The word or the expression.
    pub pattern: String,
    /// Which of the two it is.
    pub kind: TermKind,
    /// What becomes of a message with it.
    pub outcome: TermOutcome,
    /// Who wrote it.
    pub by: Option<Person>,
    /// In UTC milliseconds.
    pub created_at: i64,
}

/// Another word or pattern.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTerm {
    /// The word or the expression.
    #[schema(min_length = 1, max_length = 200)]
    pub pattern: String,
    /// Which of the two it is.
    pub kind: TermKind,
    /// What becomes of a message with it.
    pub outcome: TermOutcome,
}

/// Something that was done to keep order.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ModerationEntry {
    /// For good.
    pub id: Uuid,
    /// In the chat of which stream.
    pub stream_id: Option<Uuid>,
    /// Who or what kept order.
    #[serde(rename = "type")]
    pub kind: ModerationKind,
    /// What was done.
    pub action: ModerationAction,
    /// Why.
    pub reason: String,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// Their name.
    pub actor_name: String,
    /// To whom it was done.
    pub account_id: Option<Uuid>,
    /// Their name.
    pub target_name: String,
    /// To which message.
    pub message_id: Option<Uuid>,
    /// What else there is to say.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
    /// In UTC milliseconds.
    pub timestamp: i64,
}

/// Accounts that are in a chat now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ChatMembers {
    /// How many are here.
    pub presence: Presence,
    /// The accounts, up to a thousand.
    pub items: Vec<ChatAuthor>,
}

/// Somebody, as a chat knows them. What moderators see of them is null, or empty, for others.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MemberCard {
    /// Who.
    pub person: Person,
    /// What they are here.
    pub badges: Vec<Badge>,
    /// When the account was made, in UTC milliseconds.
    pub member_since: i64,
    /// Since when they follow the owner, in UTC milliseconds; for moderators.
    pub follows_since: Option<i64>,
    /// How many of their messages the chat has shown; for moderators.
    pub messages: Option<u64>,
    /// Their newest messages, oldest first; for moderators.
    pub recent: Vec<ArchivedMessage>,
    /// What was done to them here, newest first; for moderators.
    pub actions: Vec<ModerationEntry>,
    /// What keeps them from writing now; for moderators.
    pub ban: Option<Ban>,
}

/// A minute of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChatMinute {
    /// Its beginning, in UTC milliseconds.
    pub minute: i64,
    /// The broadcast that was live.
    pub broadcast_id: Option<Uuid>,
    /// Messages that were shown.
    pub messages: u64,
    /// People who wrote one.
    pub chatters: u64,
    /// Reactions.
    pub reactions: u64,
    /// Most members that were there at once.
    pub members: u64,
}

/// A picture that stands for a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Emote {
    /// To remove it.
    pub id: Uuid,
    /// As it is written between colons.
    pub name: String,
    /// The picture, a path on this server.
    pub url: String,
    /// Whether it moves.
    pub animated: bool,
    /// In UTC milliseconds.
    pub created_at: i64,
}

/// The emotes of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Emotes {
    /// Changes with them.
    pub version: i64,
    /// By name.
    pub items: Vec<Emote>,
}
