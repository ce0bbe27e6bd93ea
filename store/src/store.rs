//! The store: opening a database, and the way to its tables.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool, Connection, Executor};

use crate::db::{Db, Tx};
use crate::error::StoreError;
use crate::statement::sql;
use crate::tables::tables;

/// Which database holds the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// Connections that read. SQLite readers cost a file handle and a page cache each and answer in well under
/// a millisecond, so few are enough; more only queue for the cores.
const SQLITE_READERS: u32 = 8;
/// Connections to PostgreSQL. More would help only a database with more cores than its defaults
/// (100 connections) are made for, and several nodes share those.
const POSTGRES_CONNECTIONS: u32 = 20;
/// How long a call waits for a connection before it is told that the database is away. Longer than
/// `busy_timeout`, so that whoever waits behind a locked file gets its turn to find it locked.
const ACQUIRE: Duration = Duration::from_secs(8);

/// What every connection to a SQLite file is told. WAL lets readers go on while one writes; NORMAL may lose
/// the last writes in a power cut, never the file; five seconds is what another process may hold the lock.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; \
                       PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;";

/// What every connection to PostgreSQL is told. Our queries read a page of rows, but where a condition looks
/// something up for each row the planner expects far more work than is done, and compiles the query first:
/// measured, 200 ms for a search that takes one. And a plan that is made once for all values knows neither how
/// few rows a page has nor which words are rare; making one each time takes less than a millisecond.
const POSTGRES_SETTINGS: &str = "SET jit = off; SET plan_cache_mode = force_custom_plan";

/// Takes the lock at once: a transaction that reads first and then wants to write cannot wait for it.
const IMMEDIATE: &str = "BEGIN IMMEDIATE";

/// What Sluice remembers. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    kind: Kind,
    /// Of a SQLite file: one connection, so that writers queue here, in order, and not in the file's lock.
    writer: AnyPool,
    readers: AnyPool,
    /// The file, for SQLite.
    path: Option<PathBuf>,
}

impl Store {
    /// Opens `sqlite:PATH` (the file is made if it is not there) or `postgres://…`. Changes nothing in it:
    /// [`Store::migrate`] does.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        if let Some(path) = url.strip_prefix("sqlite:") {
            Self::open_file(Path::new(path.strip_prefix("//").unwrap_or(path))).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_server(url).await
        } else {
            Err(StoreError::Refused("a database is named sqlite:PATH or postgres://…".into()))
        }
    }

    /// Opens a SQLite file.
    pub async fn open_file(path: &Path) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let path = std::path::absolute(path).map_err(|error| StoreError::Unavailable(error.into()))?;
        let url = file_url(&path)?;
        let options = |most| {
            AnyPoolOptions::new()
                .max_connections(most)
                .acquire_timeout(ACQUIRE)
                // A file does not go away as a server does; asking each time would double short reads.
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
        };
        // A pool tries again and again. What is wrong with the file is said by a connection of its own.
        let create = format!("{url}?mode=rwc");
        let mut first = AnyConnection::connect(&create).await?;
        first.execute(PRAGMAS).await?;
        first.close().await?;
        let writer = options(1)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute(PRAGMAS).await?;
                    Ok(())
                })
            })
            .connect(&create)
            .await?;
        let readers = options(SQLITE_READERS)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute(PRAGMAS).await?;
                    connection.execute("PRAGMA query_only = ON").await?;
                    Ok(())
                })
            })
            .connect(&format!("{url}?mode=rw"))
            .await?;
        let inner = Inner { kind: Kind::Sqlite, writer, readers, path: Some(path) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Opens a SQLite file to read it; it stays as it is, byte for byte.
    pub(crate) async fn open_reading(path: &Path) -> Result<Self, StoreError> {
        let path = std::path::absolute(path).map_err(|error| StoreError::Unavailable(error.into()))?;
        let url = format!("{}?mode=ro", file_url(&path)?);
        let pool = AnyPoolOptions::new().max_connections(2).acquire_timeout(ACQUIRE).connect(&url).await?;
        let inner = Inner { kind: Kind::Sqlite, writer: pool.clone(), readers: pool, path: Some(path) };
        Ok(Self { inner: Arc::new(inner) })
    }

    async fn open_server(url: &str) -> Result<Self, StoreError> {
        let pool = AnyPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute(POSTGRES_SETTINGS).await?;
                    Ok(())
                })
            })
            .connect(url)
            .await?;
        let inner = Inner { kind: Kind::Postgres, writer: pool.clone(), readers: pool, path: None };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Which database it is.
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// The file of a SQLite database.
    pub fn path(&self) -> Option<&Path> {
        self.inner.path.as_deref()
    }

    /// Whether the database answers.
    pub async fn health(&self) -> Result<(), StoreError> {
        Db::Pool(self).first::<(i64,)>(sql("SELECT CAST(1 AS BIGINT)")).await.map(drop)
    }

    /// Begins several writes of which all happen or none.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let inner = match self.inner.kind {
            Kind::Sqlite => match self.inner.writer.begin_with(IMMEDIATE).await {
                // SQLite has ended a transaction by itself, which it does when the disk is full, and the
                // connection has not noticed. Another one takes its place.
                Err(sqlx::Error::InvalidSavePointStatement) => {
                    self.inner.writer.acquire().await?.close().await?;
                    self.inner.writer.begin_with(IMMEDIATE).await?
                }
                begun => begun?,
            },
            Kind::Postgres => self.inner.writer.begin().await?,
        };
        Ok(Tx::new(inner, self.inner.kind))
    }

    /// Lets the database learn what it holds, so that it finds good ways to it. PostgreSQL does that by itself
    /// sooner or later, and needs it only after a restore; a SQLite file is never looked at unless somebody asks.
    pub async fn maintain(&self) -> Result<(), StoreError> {
        match self.inner.kind {
            // Looks at a sample of each index: the time stays short however large a table is.
            Kind::Sqlite => self.inner.writer.execute("PRAGMA analysis_limit = 1000; ANALYZE").await?,
            Kind::Postgres => self.inner.writer.execute("VACUUM (ANALYZE)").await?,
        };
        Ok(())
    }

    /// Ends all connections once they are idle. Calls that come later are told the database is away.
    pub async fn close(&self) {
        self.inner.readers.close().await;
        self.inner.writer.close().await;
    }

    pub(crate) fn readers(&self) -> &AnyPool {
        &self.inner.readers
    }

    pub(crate) fn writer(&self) -> &AnyPool {
        &self.inner.writer
    }
}

tables!();

/// The address of a file: a path may hold `?`, `#` and `%`, which mean something in an address.
fn file_url(path: &Path) -> Result<String, StoreError> {
    let text = path.to_str().ok_or_else(|| StoreError::Refused("the path is not UTF-8".into()))?;
    let mut url = String::from("sqlite://");
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => url.push(char::from(byte)),
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_signs_of_an_address_stays_a_path() {
        assert_eq!(file_url(Path::new("/a b/c?d#e%")).unwrap(), "sqlite:///a%20b/c%3Fd%23e%25");
    }
}
