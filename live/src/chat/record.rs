//! What of a chat is written down.

use sluice_accounts::Actor;
use sluice_domain::chat::{ChatSettings, MessageState};
use sluice_domain::{AccountId, ChatMessageId, OrgId, StreamId};
use sluice_store::{ChatBan, ChatMinute, ChatModerator, ModerationEntry, StoredMessage};

/// Something to write down. What is recorded first is written first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    pub(crate) org: OrgId,
    pub(crate) stream: StreamId,
    /// When it happened, UTC in milliseconds.
    pub(crate) at: i64,
    pub(crate) entry: Entry,
}

/// What.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry {
    Message(Box<StoredMessage>),
    /// A message that was in one of these states is in another now.
    State {
        id: ChatMessageId,
        from: &'static [MessageState],
        to: MessageState,
        by: Option<AccountId>,
    },
    /// A held message was delivered, as another one.
    Approved {
        held: ChatMessageId,
        message: Box<StoredMessage>,
    },
    Cleared {
        by: Option<AccountId>,
    },
    /// What an account said is taken away.
    ClearedOf {
        account: AccountId,
        by: Option<AccountId>,
    },
    Banned(ChatBan),
    Lifted {
        account: AccountId,
    },
    Moderator(ChatModerator),
    NoModerator {
        account: AccountId,
    },
    /// The settings, and how often they had been changed before.
    Settings {
        version: i64,
        settings: Box<ChatSettings>,
    },
    Pinned(Option<ChatMessageId>),
    Minute(ChatMinute),
    /// What was done to keep order, and by whom for the audit log.
    Action {
        entry: Box<ModerationEntry>,
        actor: Actor,
    },
}
