//! Messages of chats.

mod list;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluice_domain::chat::{ChatAuthor, ChatMessage, EmoteSpan, MessageKind, MessageState};
use sluice_domain::{AccountId, BroadcastId, ChatMessageId, MediaTime, OrgId, StreamId};
use uuid::Uuid;

pub use list::{MessageFilter, MessagePlace};

use crate::db::Db;
use crate::error::StoreError;
use crate::statement::{composed, insert_new, record, sql};
use crate::tables::table;

/// A message with what only the stream's people know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredMessage {
    /// The organisation.
    pub org_id: OrgId,
    /// The broadcast that was live, if one was.
    pub broadcast_id: Option<BroadcastId>,
    /// As members see it. What its quote says of another message is looked up when it is read; written is only
    /// which one it is.
    pub message: ChatMessage,
    /// What became of it.
    pub state: MessageState,
    /// Why it was held or denied: names of filters.
    pub reasons: Vec<String>,
    /// When a moderator decided about it.
    pub settled_at: Option<i64>,
    /// Which one: the id of an account.
    pub settled_by: Option<AccountId>,
}

record! {
    /// A message as the database holds it.
    pub struct Row in "chat_messages" {
        /// Its id.
        pub id: ChatMessageId,
        /// The organisation.
        pub org_id: OrgId,
        /// The stream.
        pub stream_id: StreamId,
        /// The broadcast that was live.
        pub broadcast_id: Option<BroadcastId>,
        /// Who wrote it.
        pub account_id: Option<AccountId>,
        /// What they were then.
        pub author_json: Value,
        /// What kind it is.
        pub kind: MessageKind,
        /// What is said.
        pub text: String,
        /// Emotes and mentions.
        pub extra_json: Value,
        /// What it answers.
        pub reply_to_id: Option<ChatMessageId>,
        /// What its author saw.
        pub media_time: Option<MediaTime>,
        /// What became of it.
        pub state: MessageState,
        /// Why.
        pub reasons_json: Value,
        /// When it was taken.
        pub created_at: i64,
        /// When it was decided about.
        pub settled_at: Option<i64>,
        /// By whom.
        pub settled_by: Option<AccountId>,
    }
}

/// What is decided about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settling {
    /// What becomes of it.
    pub to: MessageState,
    /// Who decides, if it is somebody.
    pub by: Option<AccountId>,
    /// When.
    pub at: i64,
}

/// What is kept of a message beside its text.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Extra {
    emotes: Vec<EmoteSpan>,
    mentions: Vec<AccountId>,
}

impl Row {
    fn of(stored: &StoredMessage) -> Result<Self, StoreError> {
        let message = &stored.message;
        let extra = Extra { emotes: message.emotes.clone(), mentions: message.mentions.clone() };
        let json = |value: Result<Value, serde_json::Error>| value.map_err(StoreError::corrupt);
        Ok(Self {
            id: message.id,
            org_id: stored.org_id,
            stream_id: message.stream,
            broadcast_id: stored.broadcast_id,
            account_id: message.author.id,
            author_json: json(serde_json::to_value(&message.author))?,
            kind: message.kind,
            text: message.text.clone(),
            extra_json: json(serde_json::to_value(extra))?,
            reply_to_id: message.reply_to.as_ref().map(|quote| quote.id),
            media_time: message.media_time,
            state: stored.state,
            reasons_json: stored.reasons.as_slice().into(),
            created_at: message.at,
            settled_at: stored.settled_at,
            settled_by: stored.settled_by,
        })
    }

    fn into_stored(self) -> Result<StoredMessage, StoreError> {
        let extra: Extra = serde_json::from_value(self.extra_json).map_err(StoreError::corrupt)?;
        let author = serde_json::from_value(self.author_json).map_err(StoreError::corrupt)?;
        let message = ChatMessage {
            id: self.id,
            stream: self.stream_id,
            author,
            kind: self.kind,
            text: self.text,
            emotes: extra.emotes,
            mentions: extra.mentions,
            reply_to: None,
            at: self.created_at,
            media_time: self.media_time,
        };
        Ok(StoredMessage {
            org_id: self.org_id,
            broadcast_id: self.broadcast_id,
            message,
            state: self.state,
            reasons: serde_json::from_value(self.reasons_json).map_err(StoreError::corrupt)?,
            settled_at: self.settled_at,
            settled_by: self.settled_by,
        })
    }
}

/// Rows that are written by one statement. More would save little; SQLite takes 32766 values in one.
const ROWS: usize = 100;
/// Messages that are forgotten by one statement, so that who writes meanwhile does not wait long.
const FORGOTTEN: i64 = 5000;
/// The name of an author whose account is deleted.
const DELETED: &str = "deleted account";

table! {
    /// The messages.
    pub struct ChatMessages;
}

impl ChatMessages<'_> {
    /// Adds some, all or none. Those that are there already stay as they are, so that a batch of which nobody
    /// knows whether it was written can be written again.
    pub async fn add(&self, messages: &[StoredMessage]) -> Result<(), StoreError> {
        let rows = messages.iter().map(Row::of).collect::<Result<Vec<_>, _>>()?;
        let work = self.db.begin().await?;
        for rows in rows.chunks(ROWS) {
            work.db().write(insert_new(rows)).await?;
        }
        work.commit().await
    }

    /// Decides about a message that is in one of the states `from`. Whether it was.
    pub async fn settle(
        &self,
        org: OrgId,
        stream: StreamId,
        id: ChatMessageId,
        from: &[MessageState],
        settled: Settling,
    ) -> Result<bool, StoreError> {
        let any: Vec<&str> = from.iter().map(|state| state.as_str()).collect();
        // The states are words of ours, so that they can stand in the text.
        let update = composed(format!(
            "UPDATE chat_messages SET state = $4, settled_by = $5, settled_at = $6 \
             WHERE org_id = $1 AND stream_id = $2 AND id = $3 AND state IN ('{}')",
            any.join("', '")
        ));
        let update =
            update.bind(org).bind(stream).bind(id).bind(settled.to).bind(settled.by).bind(settled.at);
        Ok(self.db.write(update).await? > 0)
    }

    /// Puts a held message where it is delivered: it goes, and `message`, which has a new id, is there instead.
    /// Whether it was held.
    pub async fn approve(
        &self,
        org: OrgId,
        stream: StreamId,
        held: ChatMessageId,
        message: &StoredMessage,
    ) -> Result<bool, StoreError> {
        let work = self.db.begin().await?;
        let delete = sql("DELETE FROM chat_messages \
                          WHERE org_id = $1 AND stream_id = $2 AND id = $3 AND state = 'held'");
        let was_held = work.db().write(delete.bind(org).bind(stream).bind(held)).await? > 0;
        if was_held {
            work.db().write(insert_new(&[Row::of(message)?])).await?;
        }
        work.commit().await?;
        Ok(was_held)
    }

    /// Takes away what is shown of a chat. How many messages.
    pub async fn clear(
        &self,
        org: OrgId,
        stream: StreamId,
        by: Option<AccountId>,
        now: i64,
    ) -> Result<u64, StoreError> {
        let update = sql("UPDATE chat_messages SET state = 'deleted', settled_by = $3, settled_at = $4 \
                          WHERE org_id = $1 AND stream_id = $2 AND state = 'shown'");
        self.db.write(update.bind(org).bind(stream).bind(by).bind(now)).await
    }

    /// Takes away what an account has said in a chat, held messages included: what follows a timeout or a ban.
    /// How many messages.
    pub async fn clear_of(
        &self,
        org: OrgId,
        stream: StreamId,
        account: AccountId,
        by: Option<AccountId>,
        now: i64,
    ) -> Result<u64, StoreError> {
        let update = sql("UPDATE chat_messages SET state = 'deleted', settled_by = $4, settled_at = $5 \
             WHERE org_id = $1 AND account_id = $3 AND stream_id = $2 AND state IN ('shown', 'muted', 'held')");
        self.db.write(update.bind(org).bind(stream).bind(account).bind(by).bind(now)).await
    }

    /// Forgets who wrote the messages of an account.
    pub async fn anonymise(&self, org: OrgId, account: AccountId) -> Result<u64, StoreError> {
        anonymise(self.db, org, account).await
    }

    /// Forgets those that were taken before `before`. How many.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        // An id begins with the time in milliseconds. By it the oldest are found without an index of their own.
        let first_kept = u128::try_from(before).map_or(Uuid::nil(), |millis| Uuid::from_u128(millis << 80));
        let mut forgotten = 0;
        loop {
            let delete = sql("DELETE FROM chat_messages WHERE id IN \
                              (SELECT id FROM chat_messages WHERE id < $1 ORDER BY id LIMIT $2)");
            let rows = self.db.write(delete.bind(first_kept).bind(FORGOTTEN)).await?;
            forgotten += rows;
            if rows < FORGOTTEN.unsigned_abs() {
                return Ok(forgotten);
            }
        }
    }
}

/// Forgets who wrote the messages of an account.
pub(crate) async fn anonymise(db: Db<'_>, org: OrgId, account: AccountId) -> Result<u64, StoreError> {
    let nobody =
        ChatAuthor { id: None, name: DELETED.to_owned(), handle: None, avatar_url: None, badges: Vec::new() };
    let nobody = serde_json::to_value(nobody).map_err(StoreError::corrupt)?;
    let update = sql("UPDATE chat_messages SET account_id = NULL, author_json = $3 \
                      WHERE org_id = $1 AND account_id = $2");
    db.write(update.bind(org).bind(account).bind(nobody)).await
}
