//! Databases of both kinds for tests, of this crate and of others (feature `testing`).
//!
//! ```no_run
//! # async fn example() {
//! for database in sluice_store::testing::databases().await {
//!     let store = database.store().await; // migrated and empty
//! }
//! # }
//! ```
//!
//! PostgreSQL is started by the tests themselves. Every test run has one server, in a folder of its own,
//! that all test processes share: whoever comes first starts it, and it stops some seconds after the last
//! process is gone, however that one ended.

pub mod plans;
mod postgres;

use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

pub use postgres::{Server, programs};

use crate::store::{Kind, Store};

/// A database of its own, which is gone when this is dropped (SQLite) or with its server (PostgreSQL).
pub struct TestDatabase {
    kind: Kind,
    url: String,
    _folder: Option<TempDir>,
    _server: Option<postgres::Lease>,
}

impl TestDatabase {
    /// An empty SQLite file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder for a test can be made");
        let url = format!("sqlite:{}", folder.path().join("sluice.db").display());
        Self { kind: Kind::Sqlite, url, _folder: Some(folder), _server: None }
    }

    /// An empty database on the PostgreSQL server of this test run. None if `SLUICE_TEST_POSTGRES=off`.
    ///
    /// # Panics
    /// If PostgreSQL is not installed, with a sentence that says what to do.
    pub async fn postgres() -> Option<Self> {
        let lease = postgres::Lease::take()?;
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        lease.create_database(&name).await;
        Some(Self { kind: Kind::Postgres, url: lease.url(&name), _folder: None, _server: Some(lease) })
    }

    /// Which database it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its address, as `Store::open` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Opens it without migrating.
    pub async fn open(&self) -> Store {
        Store::open(&self.url).await.expect("the database of a test opens")
    }

    /// Opens it and brings its schema up to date.
    pub async fn store(&self) -> Store {
        let store = self.open().await;
        store.migrate().await.expect("the database of a test migrates");
        store
    }
}

/// An empty database of each kind.
pub async fn databases() -> Vec<TestDatabase> {
    let mut databases = vec![TestDatabase::sqlite()];
    databases.extend(TestDatabase::postgres().await);
    databases
}

impl Store {
    /// Lets a SQLite file grow to so many pages and no further, as a disk that is full would.
    pub async fn limit_pages(&self, pages: i64) -> Result<(), crate::StoreError> {
        let limit = crate::statement::composed(format!("PRAGMA max_page_count = {pages}"));
        crate::db::Db::Pool(self).write(limit).await.map(drop)
    }
}
