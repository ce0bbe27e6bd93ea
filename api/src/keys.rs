//! The keys of a stream.

mod create;
mod list;
pub(crate) mod make;
mod revoke;
mod rotate;
mod show;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::Shared;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(revoke::revoke))
        .routes(routes!(show::show))
        .routes(routes!(rotate::rotate))
}

/// A secret that may publish to a stream, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StreamKey {
    /// To show, rotate or revoke it.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    /// The end of its text.
    pub last4: String,
    /// In UTC milliseconds.
    pub created_at: i64,
    /// In UTC milliseconds.
    pub expires_at: Option<i64>,
    /// In UTC milliseconds.
    pub revoked_at: Option<i64>,
    /// In UTC milliseconds.
    pub last_used_at: Option<i64>,
    /// Whether an encoder publishes with it now.
    pub connected: bool,
}

/// A new key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateKey {
    /// What it is for.
    #[schema(min_length = 1, max_length = 80)]
    pub name: String,
    /// When it ends, in UTC milliseconds.
    pub expires_at: Option<i64>,
}

/// Another key in place of one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateKey {
    /// How long the old one still works; 0 ends it at once.
    #[schema(minimum = 0, maximum = 2_592_000)]
    pub overlap_seconds: u32,
}

/// A key with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KeyCreated {
    /// The text.
    pub key: String,
    /// The key.
    pub stream_key: StreamKey,
}

/// The text of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownKey {
    /// The text.
    pub key: String,
}
