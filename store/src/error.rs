//! What can go wrong between the store and its database, in words that mean the same on both.

use std::fmt;

use sqlx::error::{DatabaseError, ErrorKind};

/// Why the store did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such record in this organisation, or what a new one belongs to is not there.
    #[error("there is no such record")]
    NotFound,
    /// Another record has what must be unique.
    #[error("{0} is taken")]
    Conflict(Taken),
    /// The record has changed since the version that the caller knows.
    #[error("the record has changed in the meantime")]
    Stale,
    /// The database is away, locked or overloaded; the same call may succeed later.
    #[error("the database is not available")]
    Unavailable(#[source] Cause),
    /// There is no space left for what was to be written.
    #[error("the database has no space left")]
    Full(#[source] Cause),
    /// What the database holds cannot be read.
    #[error("the database holds something that cannot be read")]
    Corrupt(#[source] Cause),
    /// The database refused a statement: a mistake of ours, or a schema that is not ours.
    #[error("the database refused a statement")]
    Refused(#[source] Cause),
}

/// The error below, of whatever kind.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What must be unique and was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The email address of an account.
    Email,
    /// The handle of an account.
    Handle,
    /// The name of a stream.
    StreamName,
    /// The short name of an organisation or a category.
    Slug,
    /// The version of a legal document.
    DocumentVersion,
    /// The server has been set up already.
    SetUp,
    /// Anything else: an id, a hash, a pair that exists.
    Other,
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Email => "the email address",
            Self::Handle => "the handle",
            Self::StreamName => "the name of the stream",
            Self::Slug => "the short name",
            Self::DocumentVersion => "the version of the document",
            Self::SetUp => "the set-up of the server",
            Self::Other => "the key",
        })
    }
}

impl StoreError {
    /// Wraps what cannot be read.
    pub(crate) fn corrupt(cause: impl Into<Cause>) -> Self {
        Self::Corrupt(cause.into())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::Database(ref refusal) => of_database(refusal.as_ref())(error),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Corrupt(error.into()),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::BeginFailed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.into()),
            other => Self::Refused(other.into()),
        }
    }
}

/// Which error a refusal of the database is.
fn of_database(refusal: &dyn DatabaseError) -> fn(sqlx::Error) -> StoreError {
    match refusal.kind() {
        ErrorKind::UniqueViolation => return conflict(refusal),
        ErrorKind::ForeignKeyViolation => return |_| StoreError::NotFound,
        _ => {}
    }
    let code = refusal.code().unwrap_or_default();
    // SQLite answers with a number whose low byte is the kind of error, PostgreSQL with five characters.
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => of_sqlite(number & 0xff),
        _ => of_postgres(&code),
    }
}

/// <https://www.sqlite.org/rescode.html>
fn of_sqlite(code: u32) -> fn(sqlx::Error) -> StoreError {
    match code {
        // BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CANTOPEN, PROTOCOL
        5 | 6 | 7 | 8 | 9 | 10 | 14 | 15 => |error| StoreError::Unavailable(error.into()),
        // FULL
        13 => |error| StoreError::Full(error.into()),
        // CORRUPT, NOTADB
        11 | 26 => |error| StoreError::Corrupt(error.into()),
        _ => |error| StoreError::Refused(error.into()),
    }
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn of_postgres(code: &str) -> fn(sqlx::Error) -> StoreError {
    match code {
        // disk_full
        "53100" => |error| StoreError::Full(error.into()),
        // data_corrupted, index_corrupted
        "XX001" | "XX002" => |error| StoreError::Corrupt(error.into()),
        // Deadlock, lock not available, and the classes of connections, resources and shut-downs.
        "40001" | "40P01" | "55P03" => |error| StoreError::Unavailable(error.into()),
        _ if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => {
            |error| StoreError::Unavailable(error.into())
        }
        _ => |error| StoreError::Refused(error.into()),
    }
}

/// PostgreSQL names the index, SQLite the columns in its message.
fn conflict(refusal: &dyn DatabaseError) -> fn(sqlx::Error) -> StoreError {
    let place = refusal.constraint().unwrap_or_else(|| refusal.message());
    let has = |index: &str, columns: &str| place == index || place.ends_with(columns);
    if has("accounts_email_norm", "accounts.email_norm") {
        |_| StoreError::Conflict(Taken::Email)
    } else if has("accounts_handle_norm", "accounts.handle_norm") {
        |_| StoreError::Conflict(Taken::Handle)
    } else if has("streams_name", "streams.name") {
        |_| StoreError::Conflict(Taken::StreamName)
    } else if has("organisations_slug", "organisations.slug") || has("categories_slug", "categories.slug") {
        |_| StoreError::Conflict(Taken::Slug)
    } else if has("legal_documents_version", "legal_documents.version") {
        |_| StoreError::Conflict(Taken::DocumentVersion)
    } else {
        |_| StoreError::Conflict(Taken::Other)
    }
}
