//! Long lists in pages: what comes after the last item of the page before, never "skip so many".

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::StoreError;

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How many items at most.
    pub limit: u32,
    /// Behind which item it begins; the first one if there is none.
    pub after: Option<Cursor>,
}

impl Page {
    /// The first `limit` items.
    pub const fn first(limit: u32) -> Self {
        Self { limit, after: None }
    }

    /// One more than wanted: whether it is there says whether there is a next page.
    pub(crate) fn fetched(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// Some items of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; none if this was the last.
    pub next: Option<Cursor>,
}

impl<T> Listed<T> {
    /// From one item more than wanted.
    pub(crate) fn of(mut items: Vec<T>, page: &Page, cursor: impl Fn(&T) -> Cursor) -> Self {
        let wanted = page.limit as usize;
        let more = items.len() > wanted;
        items.truncate(wanted);
        let next = if more { items.last().map(cursor) } else { None };
        Self { items, next }
    }
}

/// The place of an item in a list, as its sort key and its id. Opaque to whoever gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// What the list is sorted by; a number is written as text.
    #[serde(rename = "k")]
    pub(crate) key: String,
    /// What decides among equals.
    #[serde(rename = "i")]
    pub(crate) id: Uuid,
}

impl Cursor {
    pub(crate) fn new(key: impl ToString, id: Uuid) -> Self {
        Self { key: key.to_string(), id }
    }

    /// The key of a list that is sorted by a number.
    pub(crate) fn number(&self) -> Result<i64, StoreError> {
        self.key.parse().map_err(|_| StoreError::NotFound)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_vec(self).map_err(|_| fmt::Error)?;
        f.write_str(&URL_SAFE_NO_PAD.encode(json))
    }
}

/// A text that no list gave out as a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no cursor of a list")]
pub struct InvalidCursor;

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        serde_json::from_slice(&json).map_err(|_| InvalidCursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_others_are_refused() {
        let cursor = Cursor::new("zoë \"", Uuid::from_u128(7));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", "x", "e30", "!!!"] {
            assert_eq!(bad.parse::<Cursor>(), Err(InvalidCursor), "{bad}");
        }
    }
}
