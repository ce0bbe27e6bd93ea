//! How statements reach a database: through a pool, or as part of a transaction.

use sqlx::any::AnyRow;
use sqlx::{Any, AnyPool, Transaction};
use tokio::sync::Mutex;

use crate::error::StoreError;
use crate::statement::{FromRow, Record, Statement};
use crate::store::{Kind, Store};

/// Several writes of which all happen or none.
///
/// It has the same tables as the [`Store`]. Dropped without [`Tx::commit`], nothing has happened. On SQLite
/// it is the one writer for as long as it lives: nothing else may be awaited while it is held, above all
/// no write through the `Store`.
pub struct Tx {
    inner: Mutex<Transaction<'static, Any>>,
    kind: Kind,
}

impl Tx {
    pub(crate) fn new(inner: Transaction<'static, Any>, kind: Kind) -> Self {
        Self { inner: Mutex::new(inner), kind }
    }

    /// Makes all of it happen.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.inner.into_inner().commit().await?)
    }
}

/// Where a table sends its statements.
#[derive(Clone, Copy)]
pub(crate) enum Db<'a> {
    /// Each one on its own.
    Pool(&'a Store),
    /// As a part of a transaction.
    Tx(&'a Tx),
}

impl<'a> Db<'a> {
    /// Which database it is, for the few statements that differ.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Pool(store) => store.kind(),
            Self::Tx(tx) => tx.kind,
        }
    }

    /// All rows.
    pub(crate) async fn all<T: FromRow>(self, statement: Statement) -> Result<Vec<T>, StoreError> {
        #[cfg(feature = "testing")]
        crate::testing::plans::note(self, &statement).await;
        let query = sqlx::query_with(statement.text, statement.arguments);
        let rows: Vec<AnyRow> = match self {
            Self::Pool(store) => query.fetch_all(store.readers()).await?,
            Self::Tx(tx) => query.fetch_all(&mut **tx.inner.lock().await).await?,
        };
        rows.iter().map(T::from_row).collect()
    }

    /// The first row, if there is one.
    pub(crate) async fn first<T: FromRow>(self, statement: Statement) -> Result<Option<T>, StoreError> {
        #[cfg(feature = "testing")]
        crate::testing::plans::note(self, &statement).await;
        match self {
            Self::Pool(store) => first(store.readers(), statement).await,
            Self::Tx(tx) => tx.first(statement).await,
        }
    }

    /// All rows of a statement that writes and returns.
    pub(crate) async fn write_all<T: FromRow>(self, statement: Statement) -> Result<Vec<T>, StoreError> {
        let query = sqlx::query_with(statement.text, statement.arguments);
        let rows: Vec<AnyRow> = match self {
            Self::Pool(store) => query.fetch_all(store.writer()).await?,
            Self::Tx(tx) => query.fetch_all(&mut **tx.inner.lock().await).await?,
        };
        rows.iter().map(T::from_row).collect()
    }

    /// Writes, and says how many rows were concerned.
    pub(crate) async fn write(self, statement: Statement) -> Result<u64, StoreError> {
        let query = sqlx::query_with(statement.text, statement.arguments);
        let done = match self {
            Self::Pool(store) => query.execute(store.writer()).await?,
            Self::Tx(tx) => query.execute(&mut **tx.inner.lock().await).await?,
        };
        Ok(done.rows_affected())
    }

    /// Writes what must concern exactly one row.
    pub(crate) async fn write_one(self, statement: Statement) -> Result<(), StoreError> {
        match self.write(statement).await? {
            0 => Err(StoreError::NotFound),
            _ => Ok(()),
        }
    }

    /// Adds a record.
    pub(crate) async fn insert(self, record: &impl Record) -> Result<(), StoreError> {
        self.write(record.insert()).await.map(drop)
    }

    /// Begins a piece of work of which all happens or nothing: a transaction of its own, or a part of the
    /// one that is under way.
    pub(crate) async fn begin(self) -> Result<Work<'a>, StoreError> {
        match self {
            Self::Pool(store) => Ok(Work::Own(store.begin().await?)),
            Self::Tx(tx) => Ok(Work::Joined(tx)),
        }
    }
}

async fn first<T: FromRow>(pool: &AnyPool, statement: Statement) -> Result<Option<T>, StoreError> {
    let query = sqlx::query_with(statement.text, statement.arguments);
    query.fetch_optional(pool).await?.map(|row| T::from_row(&row)).transpose()
}

impl Tx {
    async fn first<T: FromRow>(&self, statement: Statement) -> Result<Option<T>, StoreError> {
        let query = sqlx::query_with(statement.text, statement.arguments);
        let row = query.fetch_optional(&mut **self.inner.lock().await).await?;
        row.map(|row| T::from_row(&row)).transpose()
    }
}

/// See [`Db::begin`].
pub(crate) enum Work<'a> {
    Own(Tx),
    Joined(&'a Tx),
}

impl Work<'_> {
    /// Where the statements of this work go.
    pub(crate) fn db(&self) -> Db<'_> {
        match self {
            Self::Own(tx) => Db::Tx(tx),
            Self::Joined(tx) => Db::Tx(tx),
        }
    }

    /// Done. What joined another transaction happens with that one.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Own(tx) => tx.commit().await,
            Self::Joined(_) => Ok(()),
        }
    }
}
