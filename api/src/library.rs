//! What an account has put aside.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::streams::StreamCard;

/// Why a stream was put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LibraryKind {
    /// To watch later.
    Saved,
    /// Because it is liked.
    Favorite,
}

/// A stream that was put aside.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LibraryItem {
    /// Why.
    pub kind: LibraryKind,
    /// When, in UTC milliseconds.
    pub since: i64,
    /// Which.
    pub stream: StreamCard,
}
