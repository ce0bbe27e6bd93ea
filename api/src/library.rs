//! What an account has put aside.

mod add;
pub(crate) mod list;
mod remove;

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Shared;
use crate::streams::StreamCard;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list::list)).routes(routes!(add::add, remove::remove))
}

/// Why a stream was put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LibraryKind {
    /// To watch later.
    Saved,
    /// Because it is liked.
    Favorite,
}

impl LibraryKind {
    /// As it is stored.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Favorite => "favorite",
        }
    }
}

impl FromStr for LibraryKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "saved" => Ok(Self::Saved),
            "favorite" => Ok(Self::Favorite),
            _ => Err(()),
        }
    }
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
