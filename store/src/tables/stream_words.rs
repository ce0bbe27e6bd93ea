//! The words that streams are found by.

use sluice_domain::{AccountId, OrgId, StreamId};

use crate::db::Db;
use crate::error::StoreError;
use crate::search;
use crate::statement::sql;
use crate::tables::stream_tags::StreamTags;

/// Brings the words of a stream up to date.
pub(crate) async fn index(db: Db<'_>, org: OrgId, id: StreamId) -> Result<(), StoreError> {
    let texts = sql("SELECT s.title, s.description, a.display_name, a.handle FROM streams s \
         JOIN accounts a ON a.org_id = s.org_id AND a.id = s.owner_id \
         WHERE s.org_id = $1 AND s.id = $2 AND s.deleted_at IS NULL");
    let texts = db.first::<(String, String, String, String)>(texts.bind(org).bind(id)).await?;
    let Some((title, description, owner, handle)) = texts else { return Ok(()) };
    let tags = StreamTags::new(db).of(org, id).await?.join(" ");
    let words = search::words(&[title, description, owner, handle, tags].join(" "));
    let write = sql("INSERT INTO stream_words (org_id, stream_id, words) VALUES ($1, $2, $3) \
         ON CONFLICT (stream_id) DO UPDATE SET words = excluded.words WHERE stream_words.words <> excluded.words");
    db.write(write.bind(org).bind(id).bind(words)).await.map(drop)
}

/// Brings the words of all streams of an account up to date, since they hold its name.
pub(crate) async fn index_owned_by(db: Db<'_>, org: OrgId, owner: AccountId) -> Result<(), StoreError> {
    let ids = sql("SELECT id FROM streams WHERE org_id = $1 AND owner_id = $2 AND deleted_at IS NULL");
    for (id,) in db.all::<(StreamId,)>(ids.bind(org).bind(owner)).await? {
        index(db, org, id).await?;
    }
    Ok(())
}
