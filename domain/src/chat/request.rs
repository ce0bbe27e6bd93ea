//! What a member asks for.

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, ChatMessageId};
use crate::time::MediaTime;

/// From a member to the server. Unknown fields are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChatRequest {
    /// Becomes a member. Must come first; a later one changes who the member is.
    Join {
        /// Version of the protocol that the member speaks.
        #[serde(default)]
        v: Option<u16>,
        /// An access token or API key; without it the member is whom its session was made for, or nobody.
        #[serde(default)]
        token: Option<String>,
        /// The newest message that the member has: it gets what followed, where that is still at hand.
        #[serde(default)]
        after: Option<ChatMessageId>,
    },
    /// Says something. A text that begins with `/` is a command.
    Message {
        /// Comes back in the `ack` or `error`.
        #[serde(default)]
        r#ref: Option<String>,
        /// What is said: 1 to 500 characters.
        text: String,
        /// The message that it answers.
        #[serde(default)]
        reply_to: Option<ChatMessageId>,
        /// Capture time of the picture that the member sees; the server puts in its own guess without it.
        #[serde(default)]
        media_time: Option<MediaTime>,
    },
    /// Reacts to the picture, with one of the stream's emotes (by name) or one of the fixed reactions.
    Reaction {
        /// Which.
        emote: String,
    },
    /// Keeps order. Needs the right to.
    Moderation {
        /// Comes back in the `ack` or `error`.
        #[serde(default)]
        r#ref: Option<String>,
        /// What is done.
        #[serde(flatten)]
        act: ModerationRequest,
    },
    /// Asks for older messages than this one, at most 100.
    History {
        /// Comes back in the answer.
        #[serde(default)]
        r#ref: Option<String>,
        /// Older than this.
        before: ChatMessageId,
        /// At most so many.
        #[serde(default)]
        limit: Option<u8>,
    },
    /// Asks who is here. Moderators only.
    Members {
        /// Comes back in the answer.
        #[serde(default)]
        r#ref: Option<String>,
    },
    /// Is a member no more.
    Leave {},
    /// Is anybody there?
    Ping {},
}

/// What a moderator does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum ModerationRequest {
    /// Takes a message away from everybody.
    Delete {
        /// Which.
        message: ChatMessageId,
    },
    /// Takes every message away from everybody.
    Clear {},
    /// Nobody hears them for a while.
    Timeout {
        /// Whom.
        account: AccountId,
        /// For how long: 1 second to 14 days.
        seconds: u32,
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
    /// They are put out and do not come back until it is lifted.
    Ban {
        /// Whom.
        account: AccountId,
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Lifts a timeout, a ban or a mute.
    Unban {
        /// Whose.
        account: AccountId,
    },
    /// What they say is seen by themselves and the moderators alone, until it is lifted.
    Mute {
        /// Whom.
        account: AccountId,
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Lets a held message through.
    Approve {
        /// Which.
        message: ChatMessageId,
    },
    /// Does not.
    Deny {
        /// Which.
        message: ChatMessageId,
    },
    /// Keeps a message at the top.
    Pin {
        /// Which.
        message: ChatMessageId,
    },
    /// Keeps none there.
    Unpin {},
}
