//! What members are told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::chat::message::{ChatAuthor, ChatMessage};
use crate::chat::settings::ChatSettings;
use crate::id::{AccountId, ChatMessageId, StreamId};
use crate::problem::ProblemCode;
use crate::word::words;

words! {
    /// How far a message has come.
    pub enum AckState {
        /// Every member gets it.
        Delivered = "delivered",
        /// A moderator looks at it first.
        Held = "held",
        /// It is in the database: it survives this process.
        Stored = "stored",
        /// What was asked for was done; nothing is delivered.
        Done = "done",
    }
}

words! {
    /// What became of a held message.
    pub enum Settled {
        /// It was let through.
        Approved = "approved",
        /// It was not.
        Denied = "denied",
    }
}

/// Who the server takes a member for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct You {
    /// As others see it.
    #[serde(flatten)]
    pub author: ChatAuthor,
    /// What it may do now.
    pub may: Permissions,
}

/// What a member may do now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Permissions {
    /// Write, within the modes.
    pub write: bool,
    /// Keep order.
    pub moderate: bool,
    /// Change settings, moderators, terms and emotes.
    pub manage: bool,
    /// Until when it may not write, UTC in milliseconds: a timeout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_until: Option<i64>,
}

/// Who is here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Presence {
    /// Accounts, each once however many connections it has.
    pub accounts: u32,
    /// Members who are not signed in.
    pub anonymous: u32,
}

/// Who came and who went since the last time. Told to moderators.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PresenceChange {
    /// Came; at most 50 of them.
    pub joined: Vec<ChatAuthor>,
    /// Went; at most 50 of them.
    pub left: Vec<AccountId>,
}

/// From the server to members.
#[expect(clippy::large_enum_variant, reason = "an event is written as JSON at once and kept as that")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChatEvent {
    /// Answers `join`.
    Joined {
        /// Version of the protocol.
        v: u16,
        /// Of which stream.
        stream: StreamId,
        /// Who the server takes the member for.
        you: You,
        /// What is asked of those who write.
        settings: ChatSettings,
        /// Who is here.
        presence: Presence,
        /// The newest messages, oldest first; what followed `after` where that was asked for.
        history: Vec<ChatMessage>,
        /// Whether `history` follows `after` without a gap.
        resumed: bool,
        /// The message at the top.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pinned: Option<ChatMessage>,
        /// Changes with the stream's emotes.
        emotes_version: i64,
    },
    /// Somebody said something.
    Message {
        /// What.
        message: ChatMessage,
    },
    /// Messages are taken away.
    Deleted {
        /// Which.
        messages: Vec<ChatMessageId>,
    },
    /// Every message is taken away.
    Cleared {},
    /// Somebody was timed out, banned or muted, or is not any more. Members drop what they have of an account
    /// that was timed out or banned. A mute is told to moderators alone.
    Moderation {
        /// `timeout`, `ban`, `unban`, `mute` or `shield`.
        action: String,
        /// Whom.
        account: AccountId,
        /// For how long.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seconds: Option<u32>,
        /// Who did it and why; told to moderators and to whom it concerns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Who did it; told to moderators.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// What this member may do has changed.
    You {
        /// Who the server takes it for now.
        you: You,
    },
    /// What is asked of those who write has changed.
    Settings {
        /// From now on.
        settings: ChatSettings,
    },
    /// The stream's emotes have changed: read them again.
    Emotes {
        /// The new version.
        version: i64,
    },
    /// The message at the top.
    Pinned {
        /// `None` where there is none any more.
        message: Option<ChatMessage>,
    },
    /// A message waits for a moderator. To moderators.
    Held {
        /// Which.
        message: ChatMessage,
        /// Why: names of filters.
        reasons: Vec<String>,
    },
    /// A held message waits no more. To moderators and its author.
    Settled {
        /// Which.
        message: ChatMessageId,
        /// What became of it.
        outcome: Settled,
        /// Who decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// How many are here; to moderators also who came and went. At most once a second.
    Presence {
        /// How many.
        #[serde(flatten)]
        presence: Presence,
        /// Who; to moderators.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<PresenceChange>,
    },
    /// Answers `members`.
    Members {
        /// Of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        r#ref: Option<String>,
        /// Accounts that are here; at most 1000.
        members: Vec<ChatAuthor>,
    },
    /// Reactions since the last time, by name. At most twice a second.
    Reactions {
        /// How many of each.
        counts: BTreeMap<String, u32>,
    },
    /// Answers `history`.
    History {
        /// Of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        r#ref: Option<String>,
        /// Oldest first.
        messages: Vec<ChatMessage>,
        /// Whether there are older ones.
        more: bool,
    },
    /// A request went well.
    Ack {
        /// Of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        r#ref: Option<String>,
        /// The message, where one was made.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<ChatMessageId>,
        /// How far it has come.
        state: AckState,
        /// What a command has to say, to this member alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// A request could not be done.
    Error {
        /// Of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        r#ref: Option<String>,
        /// What is wrong.
        code: ProblemCode,
        /// What to do about it.
        detail: String,
        /// When to try again, in milliseconds from now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
    /// The member is put out, or the chat ends for it; nothing follows.
    Bye {
        /// Why.
        code: ProblemCode,
        /// What to do about it.
        detail: String,
    },
    /// Answers `ping`.
    Pong {},
}
