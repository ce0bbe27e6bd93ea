//! Reports: what people think should not be here, and what moderators make of it.

mod create;
mod list;
mod own;
mod show;
mod update;
mod view;

use serde::{Deserialize, Serialize};
use sluice_domain::{ReportStatus, ReportTarget, ReportType, StreamName};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub(crate) use list::pending;
pub(crate) use view::own as own_view;

use crate::Shared;
use crate::me::Person;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(create::create))
        .routes(routes!(own::own))
        .routes(routes!(list::list))
        .routes(routes!(show::show, update::update))
}

/// What somebody reports. A stream has `stream_id`, a message `stream_id` and `message_id`, a person
/// `account_id` and, where it is about one, `stream_id`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateReport {
    /// What is wrong with it.
    pub report_type: ReportType,
    /// What kind of thing it is.
    pub target: ReportTarget,
    /// The stream, or the one in whose chat it is.
    pub stream_id: Option<Uuid>,
    /// The message.
    pub message_id: Option<Uuid>,
    /// The person.
    pub account_id: Option<Uuid>,
    /// What there is to say about it.
    #[schema(max_length = 2000)]
    pub description: Option<String>,
}

/// A report, as whoever made it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnReport {
    /// For good.
    pub report_id: Uuid,
    /// What is wrong with it.
    pub report_type: ReportType,
    /// What kind of thing it is.
    pub target: ReportTarget,
    /// The stream, or the one in whose chat it is.
    pub stream_id: Option<Uuid>,
    /// The message.
    pub message_id: Option<Uuid>,
    /// The person.
    pub account_id: Option<Uuid>,
    /// The title of the stream, the text of the message or the name of the person when it was reported.
    pub excerpt: String,
    /// What there is to say about it.
    pub description: String,
    /// How far it has come.
    pub status: ReportStatus,
    /// In UTC milliseconds.
    pub created_at: i64,
    /// In UTC milliseconds.
    pub resolved_at: Option<i64>,
}

/// A report, as moderators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Report {
    /// What whoever made it sees.
    #[serde(flatten)]
    pub report: OwnReport,
    /// Who made it.
    pub reporter_id: Uuid,
    /// Who made it; null where the account is gone.
    pub reporter: Option<Person>,
    /// The person who is reported, who wrote the message or whose stream it is.
    pub account: Option<Person>,
    /// The name of the stream; null where it is gone.
    pub stream_name: Option<StreamName>,
    /// Who decided about it last.
    pub moderator_id: Option<Uuid>,
    /// Who decided about it last.
    pub moderator: Option<Person>,
    /// What they say, for other moderators.
    pub note: String,
    /// Counts the changes: the `ETag` is made of it.
    pub version: i64,
}

/// A page of the reports, and how many wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportQueue {
    /// What is on this page.
    pub items: Vec<Report>,
    /// The `cursor` of the next page; null on the last one.
    pub next_cursor: Option<String>,
    /// How many nobody has looked at, whatever the page shows.
    pub pending: u64,
}

/// What becomes of a report: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateReport {
    /// How far it has come.
    pub status: Option<ReportStatus>,
    /// What there is to say, for other moderators.
    #[schema(max_length = 2000)]
    pub note: Option<String>,
}
