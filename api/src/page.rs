//! Lists in pages: `limit`, an opaque `cursor`, and where the next page begins.

use serde::{Deserialize, Serialize};
use sluice_store::{Listed, Page, StoreError};
use utoipa::{IntoParams, ToSchema};

use crate::error::ApiError;

/// How many items a page has where nobody says it.
const DEFAULT_LIMIT: u32 = 25;

/// Most items of a page. More makes answers that a phone waits for.
const MAX_LIMIT: u32 = 100;

/// Longest cursor. One holds a title or an email address at most.
const MAX_CURSOR: usize = 2048;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct List<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// The `cursor` of the next page; null on the last one.
    pub next_cursor: Option<String>,
}

impl<T> List<T> {
    /// All there is.
    pub(crate) const fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

/// Which page of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// How many items at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2048)]
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The page that the store is asked for.
    pub(crate) fn page(&self) -> Result<Page, ApiError> {
        page(self.limit, self.cursor.as_deref())
    }
}

/// The page that the store is asked for.
pub(crate) fn page(limit: Option<u32>, cursor: Option<&str>) -> Result<Page, ApiError> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(ApiError::field("limit", "out_of_range", format!("It is 1 to {MAX_LIMIT}.")));
    }
    if cursor.is_some_and(|cursor| cursor.len() > MAX_CURSOR) {
        return Err(no_cursor());
    }
    let after = cursor.map(|cursor| cursor.parse().map_err(|_| no_cursor())).transpose()?;
    Ok(Page { limit, after })
}

/// A list of the store. It finds nothing only where the cursor is one of another list.
pub(crate) fn listed<T>(found: Result<Listed<T>, StoreError>) -> Result<Listed<T>, ApiError> {
    found.map_err(|error| match error {
        StoreError::NotFound => no_cursor(),
        other => other.into(),
    })
}

fn no_cursor() -> ApiError {
    ApiError::field("cursor", "malformed", "It is none that this list gave out.")
}
