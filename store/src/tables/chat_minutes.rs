//! How much was said in chats, minute by minute: nothing of what was said.

use sluice_domain::{BroadcastId, OrgId, StreamId};

use crate::error::StoreError;
use crate::statement::{Record, composed, record, select};
use crate::tables::table;

record! {
    /// A minute of a chat.
    pub struct ChatMinute in "chat_minutes" {
        /// The organisation.
        pub org_id: OrgId,
        /// The stream.
        pub stream_id: StreamId,
        /// Which minute: UTC milliseconds of its beginning.
        pub minute: i64,
        /// The broadcast that was live.
        pub broadcast_id: Option<BroadcastId>,
        /// How many messages were shown.
        pub messages: i64,
        /// How many wrote one.
        pub chatters: i64,
        /// How often somebody reacted.
        pub reactions: i64,
        /// How many were there at most.
        pub members: i64,
    }
}

table! {
    /// How much was said.
    pub struct ChatMinutes;
}

impl ChatMinutes<'_> {
    /// Notes minutes that are over, all or none. What is noted of the same minute already, by a chat that was
    /// closed and opened within it, is added to.
    pub async fn add(&self, minutes: &[ChatMinute]) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        for minute in minutes {
            let add = composed(format!(
                "INSERT INTO chat_minutes ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                 ON CONFLICT (org_id, stream_id, minute) DO UPDATE SET \
                 broadcast_id = COALESCE(excluded.broadcast_id, chat_minutes.broadcast_id), \
                 messages = chat_minutes.messages + excluded.messages, \
                 chatters = CASE WHEN chat_minutes.chatters > excluded.chatters \
                            THEN chat_minutes.chatters ELSE excluded.chatters END, \
                 reactions = chat_minutes.reactions + excluded.reactions, \
                 members = CASE WHEN chat_minutes.members > excluded.members \
                           THEN chat_minutes.members ELSE excluded.members END",
                ChatMinute::columns(None)
            ));
            work.db().write(minute.bind_to(add)).await?;
        }
        work.commit().await
    }

    /// The minutes of a chat from one time to another, oldest first. Minutes in which nothing happened are not
    /// among them.
    pub async fn list(
        &self,
        org: OrgId,
        stream: StreamId,
        from: i64,
        to: i64,
        limit: u32,
    ) -> Result<Vec<ChatMinute>, StoreError> {
        let found = select::<ChatMinute>(
            "WHERE org_id = $1 AND stream_id = $2 AND minute >= $3 AND minute < $4 ORDER BY minute LIMIT $5",
        );
        self.db.all(found.bind(org).bind(stream).bind(from).bind(to).bind(i64::from(limit))).await
    }
}
