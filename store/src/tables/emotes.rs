//! Pictures that stand for words in the chat of a stream.

use sluice_domain::{AssetId, EmoteId, OrgId, StreamId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::{chat_settings, table};

record! {
    /// An emote of a stream.
    pub struct Emote in "emotes" {
        /// Its id.
        pub id: EmoteId,
        /// The organisation.
        pub org_id: OrgId,
        /// The stream.
        pub stream_id: StreamId,
        /// As it is written between colons, unique in the stream.
        pub name: String,
        /// Its picture.
        pub asset_id: AssetId,
        /// Whether it moves.
        pub animated: bool,
        /// When it was uploaded.
        pub created_at: i64,
    }
}

table! {
    /// The emotes.
    pub struct Emotes;
}

impl Emotes<'_> {
    /// Adds one and counts the version of the stream's emotes up.
    pub async fn create(&self, emote: &Emote) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        work.db().insert(emote).await?;
        chat_settings::emotes_changed(work.db(), emote.org_id, emote.stream_id, emote.created_at).await?;
        work.commit().await
    }

    /// Those of a stream, by name.
    pub async fn list(&self, org: OrgId, stream: StreamId) -> Result<Vec<Emote>, StoreError> {
        let found = select::<Emote>("WHERE org_id = $1 AND stream_id = $2 ORDER BY name LIMIT 1000");
        self.db.all(found.bind(org).bind(stream)).await
    }

    /// Removes one, counts the version of the stream's emotes up, and returns it. Its picture is forgotten some
    /// time later.
    pub async fn delete(
        &self,
        org: OrgId,
        stream: StreamId,
        id: EmoteId,
        now: i64,
    ) -> Result<Emote, StoreError> {
        let work = self.db.begin().await?;
        let found = select::<Emote>("WHERE org_id = $1 AND stream_id = $2 AND id = $3");
        let found = work.db().first(found.bind(org).bind(stream).bind(id)).await?;
        let emote = found.ok_or(StoreError::NotFound)?;
        work.db().write_one(sql("DELETE FROM emotes WHERE id = $1").bind(id)).await?;
        chat_settings::emotes_changed(work.db(), org, stream, now).await?;
        work.commit().await?;
        Ok(emote)
    }
}
