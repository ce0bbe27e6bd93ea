//! A message as every member sees it.

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, ChatMessageId, StreamId};
use crate::time::MediaTime;
use crate::word::words;

words! {
    /// What kind of message it is.
    pub enum MessageKind {
        /// Somebody says something.
        Text = "text",
        /// Somebody does something (`/me`).
        Action = "action",
        /// Nothing but emotes.
        Emote = "emote",
        /// The stream's people say something to everybody (`/announce`).
        Announcement = "announcement",
        /// The server says something.
        System = "system",
    }
}

words! {
    /// What an author is in this chat, shown beside the name.
    pub enum Badge {
        /// Owns the stream.
        Broadcaster = "broadcaster",
        /// Keeps order in this chat.
        Moderator = "moderator",
        /// Keeps order in the whole Organisation.
        Staff = "staff",
        /// Pays: premium.
        Premium = "premium",
        /// Pays: vip.
        Vip = "vip",
        /// A program that uses an API key.
        Bot = "bot",
    }
}

/// Who wrote a message. Made by the server; what a member says of itself is never believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatAuthor {
    /// The account; `None` for one who is not signed in, and for the server.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub id: Option<AccountId>,
    /// The name that is shown.
    pub name: String,
    /// The handle, without `@`.
    pub handle: Option<String>,
    /// The picture, a path on this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// What they are here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub badges: Vec<Badge>,
}

/// Where an emote stands in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmoteSpan {
    /// Its name, as it is written between colons.
    pub name: String,
    /// Its picture, a path on this server.
    pub url: String,
    /// First character (Unicode scalar value), from 0.
    pub start: u16,
    /// Behind its last character.
    pub end: u16,
}

/// The message that a message answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quote {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: ChatMessageId,
    /// Its author's name.
    pub name: String,
    /// The first 100 characters of its text.
    pub text: String,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatMessage {
    /// Its id: UUIDv7, ascending in the order of the chat.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: ChatMessageId,
    /// The stream in whose chat it is.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub stream: StreamId,
    /// Who wrote it.
    pub author: ChatAuthor,
    /// What kind it is.
    pub kind: MessageKind,
    /// What is said: plain text, never markup.
    pub text: String,
    /// The stream's emotes in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emotes: Vec<EmoteSpan>,
    /// Accounts that it mentions by `@handle`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub mentions: Vec<AccountId>,
    /// What it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Quote>,
    /// When the server took it, UTC in milliseconds.
    pub at: i64,
    /// Capture time of the picture that its author saw, on the server's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub media_time: Option<MediaTime>,
}
