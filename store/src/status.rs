//! What there is to say about a database: for the command line and for diagnostics.

use crate::db::Db;
use crate::error::StoreError;
use crate::migrate;
use crate::statement::{composed, sql};
use crate::store::{Kind, Store};

/// The state of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Which database it is.
    pub kind: Kind,
    /// What the database calls itself.
    pub server: String,
    /// The version of its schema; none before the first migration.
    pub version: Option<i64>,
    /// What a migration would do, as version and name.
    pub pending: Vec<(i64, String)>,
    /// How large it is, in bytes.
    pub bytes: i64,
    /// How many rows the tables have that grow.
    pub rows: Vec<(String, i64)>,
}

/// The tables that grow, and since which version of the schema they are there.
const GROWING: &[(&str, i64)] = &[
    ("accounts", 1),
    ("sessions", 1),
    ("streams", 1),
    ("broadcasts", 1),
    ("viewing_history", 1),
    ("audit_log", 1),
    ("mail_outbox", 1),
    ("assets", 1),
    ("chat_messages", 2),
    ("moderation_actions", 2),
    ("reports", 2),
];

impl Store {
    /// The state of the database. Reads every row of the tables that grow, so it is nothing to ask each second.
    pub async fn status(&self) -> Result<Status, StoreError> {
        let db = Db::Pool(self);
        let (server, bytes) = match self.kind() {
            Kind::Sqlite => (
                "SELECT 'SQLite ' || sqlite_version()",
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            ),
            Kind::Postgres => (
                "SELECT 'PostgreSQL ' || current_setting('server_version')",
                "SELECT pg_database_size(current_database())",
            ),
        };
        let (server,) = db.first::<(String,)>(sql(server)).await?.ok_or(StoreError::NotFound)?;
        let (bytes,) = db.first::<(i64,)>(sql(bytes)).await?.ok_or(StoreError::NotFound)?;
        let version = self.version().await?;
        let mut rows = Vec::new();
        for (table, since) in GROWING {
            if version.is_some_and(|version| version >= *since) {
                let count = composed(format!("SELECT COUNT(*) FROM {table}"));
                let (count,) = db.first::<(i64,)>(count).await?.unwrap_or((0,));
                rows.push(((*table).to_owned(), count));
            }
        }
        let pending = migrate::after(version.unwrap_or(0));
        Ok(Status { kind: self.kind(), server, version, pending, bytes, rows })
    }

    /// The version of the schema; none before the first migration.
    pub(crate) async fn version(&self) -> Result<Option<i64>, StoreError> {
        let db = Db::Pool(self);
        let migrated = match self.kind() {
            Kind::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
            Kind::Postgres => {
                "SELECT COUNT(*) FROM information_schema.tables \
                 WHERE table_name = '_sqlx_migrations' AND table_schema = current_schema()"
            }
        };
        if db.first::<(i64,)>(sql(migrated)).await?.is_none_or(|(count,)| count == 0) {
            return Ok(None);
        }
        let newest = sql("SELECT version FROM _sqlx_migrations ORDER BY version DESC LIMIT 1");
        Ok(db.first::<(i64,)>(newest).await?.map(|(version,)| version))
    }
}
