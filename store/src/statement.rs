//! A statement with its values, and records that are made of rows.

use std::fmt;

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Arguments, AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::column::{Bind, Column, column_at};
use crate::error::StoreError;

/// SQL with numbered placeholders and the values for them.
pub(crate) struct Statement {
    pub(crate) text: SqlStr,
    pub(crate) arguments: AnyArguments,
}

/// A statement that is written in the code.
pub(crate) fn sql(text: &'static str) -> Statement {
    Statement { text: text.into_sql_str(), arguments: AnyArguments::default() }
}

/// A statement that is put together from pieces which are all written in the code. What people say is
/// bound, never written into the text.
pub(crate) fn composed(text: String) -> Statement {
    Statement { text: AssertSqlSafe(text).into_sql_str(), arguments: AnyArguments::default() }
}

/// `SELECT` of all columns of a record; `rest` begins behind the name of the table.
pub(crate) fn select<T: Record>(rest: &'static str) -> Statement {
    composed(format!("SELECT {} FROM {} {rest}", T::columns(None), T::TABLE))
}

impl Statement {
    /// Binds the next placeholder.
    pub(crate) fn bind(mut self, value: impl Bind) -> Self {
        self.arguments.add(value.to_sql()).expect("a value is written into memory");
        self
    }
}

/// A row, or a part of one.
pub(crate) trait FromRow: Sized {
    /// Reads it.
    fn from_row(row: &AnyRow) -> Result<Self, StoreError>;
}

/// A row of a table.
pub(crate) trait Record: FromRow {
    /// The table.
    const TABLE: &'static str;
    /// The names of its columns.
    const COLUMNS: &'static [&'static str];

    /// Its columns for a `SELECT`, of the table or of an alias of it.
    fn columns(alias: Option<&str>) -> String {
        let names = Self::COLUMNS.iter();
        match alias {
            None => Self::COLUMNS.join(", "),
            Some(alias) => names.map(|name| format!("{alias}.{name}")).collect::<Vec<_>>().join(", "),
        }
    }

    /// Binds the values of all columns.
    fn bind_to(&self, statement: Statement) -> Statement;

    /// The statement that adds it to its table.
    fn insert(&self) -> Statement {
        self.bind_to(composed(insert_text::<Self>(1)))
    }
}

/// The statement that adds several records; those that are there already stay as they are.
pub(crate) fn insert_new<T: Record>(records: &[T]) -> Statement {
    let text = format!("{} ON CONFLICT DO NOTHING", insert_text::<T>(records.len()));
    records.iter().fold(composed(text), |statement, record| record.bind_to(statement))
}

/// `INSERT INTO table (columns) VALUES ($1, …), …`.
fn insert_text<T: Record>(rows: usize) -> String {
    let width = T::COLUMNS.len();
    let row = |row: usize| {
        let places: Vec<String> = (1..=width).map(|place| format!("${}", row * width + place)).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    format!("INSERT INTO {} ({}) VALUES {}", T::TABLE, T::columns(None), rows.join(", "))
}

/// Defines a record: a struct whose fields are the columns of a table by the same names.
macro_rules! record {
    (
        $(#[$doc:meta])*
        pub struct $name:ident in $table:literal {
            $($(#[$field_doc:meta])* pub $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        /// Without what must not be in a log.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut shown = f.debug_struct(stringify!($name));
                $($crate::statement::show(&mut shown, stringify!($field), &self.$field);)*
                shown.finish()
            }
        }

        impl $crate::statement::FromRow for $name {
            fn from_row(row: &sqlx::any::AnyRow) -> Result<Self, $crate::error::StoreError> {
                Ok(Self { $($field: $crate::column::column(row, stringify!($field))?,)* })
            }
        }

        impl $crate::statement::Record for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn bind_to(&self, statement: $crate::statement::Statement) -> $crate::statement::Statement {
                statement$(.bind(&self.$field))*
            }
        }
    };
}

pub(crate) use record;

/// Columns that are secrets, or that a secret could be guessed by, or that have a link with one in them.
const SECRET: &[&str] =
    &["password_hash", "hash", "sealed", "sealed_secret", "sealed_private", "payload_json", "text", "html"];

/// Shows a column to whoever debugs.
pub(crate) fn show(shown: &mut fmt::DebugStruct<'_, '_>, name: &str, value: &dyn fmt::Debug) {
    if SECRET.contains(&name) {
        shown.field(name, &format_args!("[redacted]"));
    } else {
        shown.field(name, value);
    }
}

impl FromRow for () {
    fn from_row(_: &AnyRow) -> Result<Self, StoreError> {
        Ok(())
    }
}

impl<A: Column> FromRow for (A,) {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok((column_at(row, 0)?,))
    }
}

impl<A: Column, B: Column> FromRow for (A, B) {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok((column_at(row, 0)?, column_at(row, 1)?))
    }
}

impl<A: Column, B: Column, C: Column> FromRow for (A, B, C) {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok((column_at(row, 0)?, column_at(row, 1)?, column_at(row, 2)?))
    }
}

impl<A: Column, B: Column, C: Column, D: Column> FromRow for (A, B, C, D) {
    fn from_row(row: &AnyRow) -> Result<Self, StoreError> {
        Ok((column_at(row, 0)?, column_at(row, 1)?, column_at(row, 2)?, column_at(row, 3)?))
    }
}
