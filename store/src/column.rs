//! Between Rust values and what both databases hold: text, 64-bit integers, floats and bytes.

use serde_json::Value;
use sluice_domain::chat::{
    BanKind, MessageKind, MessageState, ModerationAction, ModerationKind, TermKind, TermOutcome,
};
use sluice_domain::role::Role;
use sluice_domain::{
    AccessLevel, AccountId, ApiKeyId, AssetId, BroadcastId, CategoryId, ChatMessageId, ChatTermId,
    DocumentId, EmoteId, MailId, Maturity, MediaTime, ModerationActionId, OrgId, Realm, RecordingId,
    RecordingState, RecordingTier, RecordingVisibility, ReportId, ReportStatus, ReportTarget, ReportType,
    SignInId, StreamId, StreamKeyId, StreamName, Tier, TokenId, ViewingId,
};
use sqlx::any::{Any, AnyRow};
use sqlx::{Decode, Encode, Row, Type};
use uuid::Uuid;

use crate::error::StoreError;

/// What a database can hold.
pub(crate) trait Sql: for<'q> Encode<'q, Any> + for<'r> Decode<'r, Any> + Type<Any> {}

impl<T> Sql for T where T: for<'q> Encode<'q, Any> + for<'r> Decode<'r, Any> + Type<Any> {}

/// A value that can be bound to a placeholder.
pub(crate) trait Bind {
    /// What the database gets.
    type Sql: Sql;
    /// The value as the database gets it.
    fn to_sql(&self) -> Self::Sql;
}

/// A value that can be read from a column.
pub(crate) trait Column: Bind + Sized {
    /// The value from what the database holds.
    fn from_sql(sql: Self::Sql) -> Result<Self, StoreError>;
}

/// The value of the column `name`.
pub(crate) fn column<T: Column>(row: &AnyRow, name: &str) -> Result<T, StoreError> {
    T::from_sql(row.try_get(name)?)
}

/// The value of the column at `index`.
pub(crate) fn column_at<T: Column>(row: &AnyRow, index: usize) -> Result<T, StoreError> {
    T::from_sql(row.try_get(index)?)
}

impl<T: Bind + ?Sized> Bind for &T {
    type Sql = T::Sql;

    fn to_sql(&self) -> T::Sql {
        (**self).to_sql()
    }
}

impl<T: Bind> Bind for Option<T>
where
    Option<T::Sql>: Sql,
{
    type Sql = Option<T::Sql>;

    fn to_sql(&self) -> Self::Sql {
        self.as_ref().map(Bind::to_sql)
    }
}

impl<T: Column> Column for Option<T>
where
    Option<T::Sql>: Sql,
{
    fn from_sql(sql: Self::Sql) -> Result<Self, StoreError> {
        sql.map(T::from_sql).transpose()
    }
}

impl Bind for str {
    type Sql = String;

    /// PostgreSQL holds no NUL in a text. So that both databases give back the same, it becomes the
    /// character for what cannot be shown.
    fn to_sql(&self) -> String {
        if self.contains('\0') { self.replace('\0', "\u{fffd}") } else { self.to_owned() }
    }
}

impl Bind for String {
    type Sql = String;

    fn to_sql(&self) -> String {
        self.as_str().to_sql()
    }
}

impl Column for String {
    fn from_sql(sql: String) -> Result<Self, StoreError> {
        Ok(sql)
    }
}

/// Types that both sides have.
macro_rules! plain {
    ($($type:ty),*) => {$(
        impl Bind for $type {
            type Sql = $type;

            fn to_sql(&self) -> $type {
                self.clone()
            }
        }

        impl Column for $type {
            fn from_sql(sql: $type) -> Result<Self, StoreError> {
                Ok(sql)
            }
        }
    )*};
}

plain!(i64, f64, Vec<u8>);

impl Bind for bool {
    type Sql = i64;

    fn to_sql(&self) -> i64 {
        i64::from(*self)
    }
}

impl Column for bool {
    fn from_sql(sql: i64) -> Result<Self, StoreError> {
        Ok(sql != 0)
    }
}

impl Bind for MediaTime {
    type Sql = i64;

    fn to_sql(&self) -> i64 {
        self.0
    }
}

impl Column for MediaTime {
    fn from_sql(sql: i64) -> Result<Self, StoreError> {
        Ok(Self(sql))
    }
}

impl Bind for Value {
    type Sql = String;

    /// A NUL inside JSON is written `\u0000`, which is fine.
    fn to_sql(&self) -> String {
        self.to_string()
    }
}

impl Column for Value {
    fn from_sql(sql: String) -> Result<Self, StoreError> {
        serde_json::from_str(&sql).map_err(StoreError::corrupt)
    }
}

impl Bind for Uuid {
    type Sql = String;

    fn to_sql(&self) -> String {
        self.to_string()
    }
}

impl Column for Uuid {
    fn from_sql(sql: String) -> Result<Self, StoreError> {
        sql.parse().map_err(StoreError::corrupt)
    }
}

/// Types that are written and read as their text.
macro_rules! texts {
    ($($type:ty),*) => {$(
        impl Bind for $type {
            type Sql = String;

            fn to_sql(&self) -> String {
                self.to_string()
            }
        }

        impl Column for $type {
            fn from_sql(sql: String) -> Result<Self, StoreError> {
                sql.parse().map_err(StoreError::corrupt)
            }
        }
    )*};
}

texts!(
    OrgId,
    AccountId,
    StreamId,
    StreamKeyId,
    ApiKeyId,
    SignInId,
    TokenId,
    AssetId,
    CategoryId,
    DocumentId,
    MailId,
    ViewingId,
    BroadcastId,
    StreamName,
    AccessLevel,
    Maturity,
    Tier,
    Realm,
    Role,
    ChatMessageId,
    ChatTermId,
    EmoteId,
    ModerationActionId,
    ReportId,
    MessageKind,
    MessageState,
    BanKind,
    TermKind,
    TermOutcome,
    ModerationKind,
    ModerationAction,
    ReportType,
    ReportTarget,
    ReportStatus,
    RecordingId,
    RecordingState,
    RecordingVisibility,
    RecordingTier
);
