//! Streams: the lasting things with names.

mod change;
mod list;

use sluice_domain::{
    AccessLevel, AccountId, AssetId, BroadcastId, CategoryId, Maturity, OrgId, StreamId, StreamName,
};

pub use change::StreamChange;
pub use list::{Audience, StreamFilter, StreamSort};

use crate::error::StoreError;
use crate::statement::{Record, Statement, composed, record, select, sql};
use crate::tables::stream_tags::StreamTags;
use crate::tables::{stream_words, table};

record! {
    /// The lasting thing that URLs name.
    pub struct Stream in "streams" {
        /// Its id.
        pub id: StreamId,
        /// The organisation.
        pub org_id: OrgId,
        /// Whose it is.
        pub owner_id: AccountId,
        /// Its name in URLs, unique on the server.
        pub name: StreamName,
        /// What it is called.
        pub title: String,
        /// What it is about.
        pub description: String,
        /// What it is sorted by.
        pub category_id: Option<CategoryId>,
        /// Who may watch.
        pub access: AccessLevel,
        /// How its password is checked, if it has one.
        pub password_hash: Option<String>,
        /// From what age on it is meant to be watched.
        pub maturity: Maturity,
        /// The language that is spoken.
        pub language: Option<String>,
        /// Its picture.
        pub thumbnail_asset_id: Option<AssetId>,
        /// When it is to begin.
        pub scheduled_start: Option<i64>,
        /// Its place among those that the organisation shows first.
        pub featured_position: Option<i64>,
        /// Its broadcast, while there is one.
        pub live_broadcast_id: Option<BroadcastId>,
        /// Since when it is live.
        pub live_since: Option<i64>,
        /// How many watch.
        pub viewers: i64,
        /// When it was made.
        pub created_at: i64,
        /// When it was edited last.
        pub updated_at: i64,
        /// Since when it is gone.
        pub deleted_at: Option<i64>,
        /// Counts its edits.
        pub version: i64,
    }
}

/// What is needed to make a stream; the rest begins empty.
#[derive(Debug, Clone)]
pub struct NewStream {
    /// Its id.
    pub id: StreamId,
    /// Whose it is.
    pub owner_id: AccountId,
    /// Its name in URLs.
    pub name: StreamName,
    /// What is edited later.
    pub change: StreamChange,
}

table! {
    /// The streams. Deleted ones are not found.
    pub struct Streams;
}

impl Streams<'_> {
    /// Adds a stream with its tags.
    pub async fn create(&self, org: OrgId, new: &NewStream, now: i64) -> Result<Stream, StoreError> {
        let change = &new.change;
        let stream = Stream {
            id: new.id,
            org_id: org,
            owner_id: new.owner_id,
            name: new.name.clone(),
            title: change.title.clone(),
            description: change.description.clone(),
            category_id: change.category_id,
            access: change.access,
            password_hash: change.password_hash.clone(),
            maturity: change.maturity,
            language: change.language.clone(),
            thumbnail_asset_id: None,
            scheduled_start: change.scheduled_start,
            featured_position: None,
            live_broadcast_id: None,
            live_since: None,
            viewers: 0,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            version: 1,
        };
        let work = self.db.begin().await?;
        work.db().insert(&stream).await?;
        StreamTags::new(work.db()).replace(org, new.id, &change.tags).await?;
        stream_words::index(work.db(), org, new.id).await?;
        work.commit().await?;
        Ok(stream)
    }

    /// The stream with this id.
    pub async fn by_id(&self, org: OrgId, id: StreamId) -> Result<Stream, StoreError> {
        let found = select::<Stream>("WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL");
        self.db.first(found.bind(org).bind(id)).await?.ok_or(StoreError::NotFound)
    }

    /// The stream with this name. Names are unique on the whole server, and whoever publishes or watches names
    /// nothing else: the stream says to which organisation it belongs.
    pub async fn by_name(&self, name: &StreamName) -> Result<Option<Stream>, StoreError> {
        self.db.first(select::<Stream>("WHERE name = $1 AND deleted_at IS NULL").bind(name)).await
    }

    /// The streams of an account, newest first.
    pub async fn of_owner(&self, org: OrgId, owner: AccountId) -> Result<Vec<Stream>, StoreError> {
        let found = select::<Stream>(
            "WHERE org_id = $1 AND owner_id = $2 AND deleted_at IS NULL ORDER BY id DESC LIMIT 1000",
        );
        self.db.all(found.bind(org).bind(owner)).await
    }

    /// Some streams by their ids, in no order; those that are not there are left out.
    pub async fn by_ids(&self, org: OrgId, ids: &[StreamId]) -> Result<Vec<Stream>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<String> = (2..ids.len() + 2).map(|place| format!("${place}")).collect();
        let found = composed(format!(
            "SELECT {} FROM streams WHERE org_id = $1 AND id IN ({}) AND deleted_at IS NULL",
            Stream::columns(None),
            places.join(", ")
        ));
        self.db.all(ids.iter().fold(found.bind(org), Statement::bind)).await
    }

    /// How many streams there are, and how many of them are live.
    pub async fn counts(&self, org: OrgId) -> Result<(i64, i64), StoreError> {
        let counts = sql("SELECT (SELECT COUNT(*) FROM streams WHERE org_id = $1 AND deleted_at IS NULL), \
             (SELECT COUNT(*) FROM streams \
              WHERE org_id = $1 AND deleted_at IS NULL AND live_since IS NOT NULL)");
        Ok(self.db.first(counts.bind(org)).await?.unwrap_or((0, 0)))
    }
}
