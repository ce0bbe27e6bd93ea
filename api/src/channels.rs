//! Channels: somebody and their streams.

pub(crate) mod find;
mod show;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Shared;
use crate::me::{Link, Person};
use crate::streams::{Broadcast, StreamCard};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(show::show))
}

/// Somebody and their streams.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Channel {
    /// Whose it is.
    #[serde(flatten)]
    pub owner: Person,
    /// What somebody says about themselves.
    pub bio: String,
    /// Pages elsewhere.
    pub links: Vec<Link>,
    /// How many follow.
    pub followers: u32,
    /// Whether the caller does.
    pub following: bool,
    /// Those that the caller may see.
    pub streams: Vec<StreamCard>,
    /// The latest broadcasts of them.
    pub recent: Vec<RecentBroadcast>,
}

/// A broadcast and the stream that it was of.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RecentBroadcast {
    /// Of which stream.
    pub stream: String,
    /// What happened.
    #[serde(flatten)]
    pub broadcast: Broadcast,
}
