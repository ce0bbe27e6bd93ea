//! Tags of streams.

use sluice_domain::{OrgId, StreamId};

use crate::error::StoreError;
use crate::statement::{Statement, composed, sql};
use crate::tables::table;

table! {
    /// The tags of streams. They are set with the stream: [`crate::tables::streams::Streams::update`].
    pub struct StreamTags;
}

impl StreamTags<'_> {
    /// Those of a stream, in alphabetical order.
    pub async fn of(&self, org: OrgId, stream: StreamId) -> Result<Vec<String>, StoreError> {
        let found = sql("SELECT tag FROM stream_tags WHERE org_id = $1 AND stream_id = $2 ORDER BY tag");
        let tags = self.db.all::<(String,)>(found.bind(org).bind(stream)).await?;
        Ok(tags.into_iter().map(|(tag,)| tag).collect())
    }

    /// Those of several streams, for a list.
    pub async fn of_all(
        &self,
        org: OrgId,
        streams: &[StreamId],
    ) -> Result<Vec<(StreamId, String)>, StoreError> {
        if streams.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<String> = (2..streams.len() + 2).map(|place| format!("${place}")).collect();
        let found = composed(format!(
            "SELECT stream_id, tag FROM stream_tags WHERE org_id = $1 AND stream_id IN ({}) ORDER BY tag",
            places.join(", ")
        ));
        self.db.all(streams.iter().fold(found.bind(org), Statement::bind)).await
    }

    /// Replaces those of a stream.
    pub(crate) async fn replace(
        &self,
        org: OrgId,
        stream: StreamId,
        tags: &[String],
    ) -> Result<(), StoreError> {
        let delete = sql("DELETE FROM stream_tags WHERE org_id = $1 AND stream_id = $2");
        self.db.write(delete.bind(org).bind(stream)).await?;
        for tag in tags {
            let insert = sql("INSERT INTO stream_tags (org_id, stream_id, tag) VALUES ($1, $2, $3) \
                              ON CONFLICT DO NOTHING");
            self.db.write(insert.bind(org).bind(stream).bind(tag)).await?;
        }
        Ok(())
    }
}
