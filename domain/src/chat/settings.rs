//! What is asked of those who write in a chat, and how strictly it is filtered.

use serde::{Deserialize, Serialize};

use crate::word::words;

words! {
    /// How strictly texts are filtered; what each level holds back is in `docs/spec/chat.md`.
    pub enum FilterLevel {
        /// Nothing but the stream's own terms.
        Off = "off",
        /// What is plainly spam or severe abuse.
        Low = "low",
        /// Also what is probably spam or abuse.
        Medium = "medium",
        /// Also what may be.
        High = "high",
    }
}

words! {
    /// What becomes of links.
    pub enum LinkPolicy {
        /// Everybody may post them.
        Allow = "allow",
        /// They are held for a moderator.
        Hold = "hold",
        /// Messages with them are refused.
        Block = "block",
    }
}

words! {
    /// Modes that are on or off.
    pub enum ChatMode {
        /// Only emotes.
        EmoteOnly = "emote_only",
        /// No message that was said before.
        Unique = "unique",
        /// Only people of the Organisation who are signed in.
        MembersOnly = "members_only",
        /// Only those who pay (premium, vip).
        SubscribersOnly = "subscribers_only",
        /// Nobody but moderators gets through unseen: every message is held, and strangers may not write.
        Shield = "shield",
    }
}

/// The settings of a chat. What a record of an older version does not say has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ChatSettings {
    /// Whether there is a chat at all.
    pub enabled: bool,
    /// Whether those who are not signed in may write.
    pub anonymous_may_write: bool,
    /// Modes that are on.
    pub modes: Vec<ChatMode>,
    /// Seconds that a member waits between two messages: 0 (off) to 1800.
    pub slow_seconds: u32,
    /// Minutes that a member must have followed the owner; `None` asks for nothing, 0 for following.
    pub followers_minutes: Option<u32>,
    /// How strictly texts are filtered.
    pub filter: FilterLevel,
    /// What becomes of links.
    pub links: LinkPolicy,
    /// Text above the field for messages: the rules of the house, at most 500 characters.
    pub rules: String,
}

impl Default for ChatSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            anonymous_may_write: false,
            modes: Vec::new(),
            slow_seconds: 0,
            followers_minutes: None,
            filter: FilterLevel::Medium,
            links: LinkPolicy::Hold,
            rules: String::new(),
        }
    }
}

impl ChatSettings {
    /// Whether a mode is on.
    pub fn has(&self, mode: ChatMode) -> bool {
        self.modes.contains(&mode)
    }
}
