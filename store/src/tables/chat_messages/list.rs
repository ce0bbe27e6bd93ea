//! Messages in the order of their chat.

use std::collections::HashMap;

use sluice_domain::chat::{ChatAuthor, MessageState, Quote};
use sluice_domain::{AccountId, BroadcastId, ChatMessageId, OrgId, StreamId};

use super::{ChatMessages, Row, StoredMessage};
use crate::error::StoreError;
use crate::statement::{Record, Statement, composed, select, sql};

/// Which messages are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Only those of which this became; all if it is empty.
    pub states: Vec<MessageState>,
    /// Only those of this account.
    pub account: Option<AccountId>,
}

impl MessageFilter {
    /// What every member sees.
    pub fn shown() -> Self {
        Self { states: vec![MessageState::Shown], account: None }
    }
}

/// Which part of a chat is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessagePlace {
    /// The newest.
    Newest,
    /// The newest of those that are older than this one.
    Before(ChatMessageId),
    /// The oldest of those that are newer than this one.
    After(ChatMessageId),
}

/// Characters of a message that a quote shows.
const QUOTED: usize = 100;

impl ChatMessages<'_> {
    /// The one with this id.
    pub async fn by_id(
        &self,
        org: OrgId,
        stream: StreamId,
        id: ChatMessageId,
    ) -> Result<StoredMessage, StoreError> {
        let found = select::<Row>("WHERE org_id = $1 AND stream_id = $2 AND id = $3");
        let found = self.read(org, found.bind(org).bind(stream).bind(id)).await?;
        found.into_iter().next().ok_or(StoreError::NotFound)
    }

    /// At most so many of a chat, oldest first.
    pub async fn list(
        &self,
        org: OrgId,
        stream: StreamId,
        filter: &MessageFilter,
        place: MessagePlace,
        limit: u32,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let mut text =
            format!("SELECT {} FROM chat_messages WHERE org_id = $1 AND stream_id = $2", Row::columns(None));
        if !filter.states.is_empty() {
            // The states are words of ours, so that they can stand in the text.
            let any: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
            text.push_str(&format!(" AND state IN ('{}')", any.join("', '")));
        }
        let mut place_of_account = 4;
        let (order, edge) = match place {
            MessagePlace::Newest => ("DESC", None),
            MessagePlace::Before(id) => ("DESC", Some(("<", id))),
            MessagePlace::After(id) => ("ASC", Some((">", id))),
        };
        if let Some((than, _)) = edge {
            text.push_str(&format!(" AND id {than} $4"));
            place_of_account = 5;
        }
        if filter.account.is_some() {
            text.push_str(&format!(" AND account_id = ${place_of_account}"));
        }
        text.push_str(&format!(" ORDER BY id {order} LIMIT $3"));
        let mut found = composed(text).bind(org).bind(stream).bind(i64::from(limit));
        if let Some((_, id)) = edge {
            found = found.bind(id);
        }
        if let Some(account) = filter.account {
            found = found.bind(account);
        }
        let mut found = self.read(org, found).await?;
        if !matches!(place, MessagePlace::After(_)) {
            found.reverse();
        }
        Ok(found)
    }

    /// Those that wait for a moderator, oldest first.
    pub async fn held(
        &self,
        org: OrgId,
        stream: StreamId,
        limit: u32,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let found =
            select::<Row>("WHERE org_id = $1 AND stream_id = $2 AND state = 'held' ORDER BY id LIMIT $3");
        self.read(org, found.bind(org).bind(stream).bind(i64::from(limit))).await
    }

    /// How many of a chat wait for a moderator.
    pub async fn count_held(&self, org: OrgId, stream: StreamId) -> Result<i64, StoreError> {
        let count = sql("SELECT COUNT(*) FROM chat_messages \
                         WHERE org_id = $1 AND stream_id = $2 AND state = 'held'");
        self.count(count.bind(org).bind(stream)).await
    }

    /// How many messages of an account a chat has shown, those included that were taken away later.
    pub async fn count_of(
        &self,
        org: OrgId,
        stream: StreamId,
        account: AccountId,
    ) -> Result<i64, StoreError> {
        let count = sql("SELECT COUNT(*) FROM chat_messages \
             WHERE org_id = $1 AND account_id = $3 AND stream_id = $2 AND state IN ('shown', 'deleted')");
        self.count(count.bind(org).bind(stream).bind(account)).await
    }

    /// What was shown while a broadcast was live, in pages: those behind `after`, oldest first.
    pub async fn of_broadcast(
        &self,
        org: OrgId,
        broadcast: BroadcastId,
        after: Option<ChatMessageId>,
        limit: u32,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let after = after.map_or(uuid::Uuid::nil(), |id| id.0);
        let found = select::<Row>(
            "WHERE org_id = $1 AND broadcast_id = $2 AND id > $3 AND state = 'shown' ORDER BY id LIMIT $4",
        );
        let found = found.bind(org).bind(broadcast).bind(after).bind(i64::from(limit));
        self.read(org, found).await
    }

    /// Everything that an account has written in any chat, in pages: those behind the message `after`, by
    /// stream, and in the order of each chat.
    pub async fn of_account(
        &self,
        org: OrgId,
        account: AccountId,
        after: Option<(StreamId, ChatMessageId)>,
        limit: u32,
    ) -> Result<Vec<StoredMessage>, StoreError> {
        let nil = uuid::Uuid::nil();
        let (stream, id) = after.map_or((nil, nil), |(stream, id)| (stream.0, id.0));
        let found = select::<Row>(
            "WHERE org_id = $1 AND account_id = $2 AND (stream_id, id) > ($3, $4) \
             ORDER BY stream_id, id LIMIT $5",
        );
        let found = found.bind(org).bind(account).bind(stream).bind(id).bind(i64::from(limit));
        self.read(org, found).await
    }

    async fn count(&self, statement: Statement) -> Result<i64, StoreError> {
        Ok(self.db.first::<(i64,)>(statement).await?.map_or(0, |(count,)| count))
    }

    /// Reads messages, and what they quote.
    async fn read(&self, org: OrgId, statement: Statement) -> Result<Vec<StoredMessage>, StoreError> {
        let rows = self.db.all::<Row>(statement).await?;
        let quotes = self.quotes(org, &rows).await?;
        let mut messages = Vec::with_capacity(rows.len());
        for row in rows {
            let quoted = row.reply_to_id.map(|id| (row.stream_id, id));
            let mut stored = row.into_stored()?;
            stored.message.reply_to = quoted.and_then(|key| quotes.get(&key).cloned());
            messages.push(stored);
        }
        Ok(messages)
    }

    /// What messages answer. Of a message that is not shown any more only its author is said, of one that is
    /// gone nothing.
    async fn quotes(
        &self,
        org: OrgId,
        rows: &[Row],
    ) -> Result<HashMap<(StreamId, ChatMessageId), Quote>, StoreError> {
        let mut ids: Vec<ChatMessageId> = rows.iter().filter_map(|row| row.reply_to_id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let places: Vec<String> = (2..ids.len() + 2).map(|place| format!("${place}")).collect();
        let found = composed(format!(
            "SELECT {} FROM chat_messages WHERE org_id = $1 AND id IN ({})",
            Row::columns(None),
            places.join(", ")
        ));
        let found: Vec<Row> = self.db.all(ids.iter().fold(found.bind(org), Statement::bind)).await?;
        found.into_iter().map(|row| Ok(((row.stream_id, row.id), quote(row)?))).collect()
    }
}

fn quote(row: Row) -> Result<Quote, StoreError> {
    let author: ChatAuthor = serde_json::from_value(row.author_json).map_err(StoreError::corrupt)?;
    let text = match row.state {
        MessageState::Shown => row.text.chars().take(QUOTED).collect(),
        MessageState::Muted | MessageState::Held | MessageState::Denied | MessageState::Deleted => {
            String::new()
        }
    };
    Ok(Quote { id: row.id, name: author.name, text })
}
