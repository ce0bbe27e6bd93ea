//! What is asked of those who write in the chat of a stream, and which message is at its top.

use serde_json::Value;
use sluice_domain::chat::ChatSettings as Settings;
use sluice_domain::{ChatMessageId, OrgId, StreamId};

use crate::db::Db;
use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

/// How a chat is set up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChatSetup {
    /// What is asked of those who write.
    pub settings: Settings,
    /// The message at the top.
    pub pinned: Option<ChatMessageId>,
    /// Counts the changes of the stream's emotes.
    pub emotes_version: i64,
    /// When it was changed last; 0 if it never was.
    pub updated_at: i64,
    /// Counts the changes of the settings; 0 if there was none.
    pub version: i64,
}

record! {
    /// The set-up of a chat as the database holds it.
    pub struct Row in "chat_settings" {
        /// The organisation.
        pub org_id: OrgId,
        /// The stream.
        pub stream_id: StreamId,
        /// The settings; empty where none was ever changed.
        pub settings_json: Value,
        /// The message at the top.
        pub pinned_id: Option<ChatMessageId>,
        /// Counts the changes of the emotes.
        pub emotes_version: i64,
        /// When it was changed last.
        pub updated_at: i64,
        /// Counts the changes of the settings.
        pub version: i64,
    }
}

table! {
    /// The set-ups of chats.
    pub struct ChatSettings;
}

impl ChatSettings<'_> {
    /// That of a stream.
    pub async fn of(&self, org: OrgId, stream: StreamId) -> Result<ChatSetup, StoreError> {
        let found = select::<Row>("WHERE org_id = $1 AND stream_id = $2").bind(org).bind(stream);
        let Some(row) = self.db.first::<Row>(found).await? else { return Ok(ChatSetup::default()) };
        Ok(ChatSetup {
            settings: serde_json::from_value(row.settings_json).map_err(StoreError::corrupt)?,
            pinned: row.pinned_id,
            emotes_version: row.emotes_version,
            updated_at: row.updated_at,
            version: row.version,
        })
    }

    /// Changes the settings, if nobody else did since `version`.
    pub async fn set(
        &self,
        org: OrgId,
        stream: StreamId,
        version: i64,
        settings: &Settings,
        now: i64,
    ) -> Result<ChatSetup, StoreError> {
        let settings = serde_json::to_value(settings).map_err(StoreError::corrupt)?;
        let work = self.db.begin().await?;
        begin(work.db(), org, stream, now).await?;
        let update =
            sql("UPDATE chat_settings SET settings_json = $4, updated_at = $5, version = version + 1 \
                          WHERE org_id = $1 AND stream_id = $2 AND version = $3");
        let update = update.bind(org).bind(stream).bind(version).bind(settings).bind(now);
        if work.db().write(update).await? == 0 {
            return Err(StoreError::Stale);
        }
        let setup = ChatSettings::new(work.db()).of(org, stream).await?;
        work.commit().await?;
        Ok(setup)
    }

    /// Keeps a message at the top, or none.
    pub async fn pin(
        &self,
        org: OrgId,
        stream: StreamId,
        message: Option<ChatMessageId>,
        now: i64,
    ) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        begin(work.db(), org, stream, now).await?;
        let update = sql("UPDATE chat_settings SET pinned_id = $3, updated_at = $4 \
                          WHERE org_id = $1 AND stream_id = $2");
        work.db().write_one(update.bind(org).bind(stream).bind(message).bind(now)).await?;
        work.commit().await
    }
}

/// Notes that the emotes of a stream have changed.
pub(crate) async fn emotes_changed(
    db: Db<'_>,
    org: OrgId,
    stream: StreamId,
    now: i64,
) -> Result<(), StoreError> {
    begin(db, org, stream, now).await?;
    let update = sql("UPDATE chat_settings SET emotes_version = emotes_version + 1, updated_at = $3 \
                      WHERE org_id = $1 AND stream_id = $2");
    db.write_one(update.bind(org).bind(stream).bind(now)).await
}

/// Makes sure that there is a row. Settings that nobody has changed are not written down, so that they follow
/// the defaults.
async fn begin(db: Db<'_>, org: OrgId, stream: StreamId, now: i64) -> Result<(), StoreError> {
    let insert = sql("INSERT INTO chat_settings \
         (org_id, stream_id, settings_json, pinned_id, emotes_version, updated_at, version) \
         VALUES ($1, $2, '{}', NULL, 0, $3, 0) ON CONFLICT DO NOTHING");
    db.write(insert.bind(org).bind(stream).bind(now)).await.map(drop)
}
