//! What those who run an organisation see and do.

pub(crate) mod accounts;
mod actions;
mod audit;
mod categories;
mod diagnostics;
mod doctor;
mod featured;
mod mails;
mod overview;
mod settings;
mod streams;

pub use doctor::HostDoctor;
use serde::{Deserialize, Serialize};
use sluice_domain::{Role, Tier};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::Shared;
use crate::field::present;
use crate::server::LegalDocumentInfo;
use crate::words::{EmailVerification, SignupMode};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(overview::overview))
        .routes(routes!(accounts::list::list, accounts::invite::invite))
        .routes(routes!(accounts::export::export))
        .routes(routes!(accounts::show::show, accounts::update::update))
        .routes(routes!(accounts::reset_link::reset_link))
        .routes(routes!(accounts::sessions::list, accounts::sessions::end))
        .routes(routes!(streams::streams))
        .routes(routes!(actions::actions))
        .routes(routes!(audit::list::list))
        .routes(routes!(audit::verify::verify))
        .routes(routes!(diagnostics::diagnostics))
        .routes(routes!(doctor::doctor))
        .routes(routes!(settings::show::show, settings::update::update))
        .routes(routes!(categories::list::list, categories::create::create))
        .routes(routes!(categories::update::update, categories::delete::delete))
        .routes(routes!(mails::mails))
        .routes(routes!(featured::featured))
}

/// The organisation in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Overview {
    /// Accounts that are not deleted.
    pub accounts: u64,
    /// Accounts that are disabled or wait for approval.
    pub disabled_accounts: u64,
    /// Sign-ins that have not ended.
    pub sessions: u64,
    /// Streams.
    pub streams: u64,
    /// Those that are live now.
    pub live_streams: u64,
    /// Connected viewers.
    pub viewers: u64,
    /// Mails that wait to be sent, or to be handed over.
    pub mails_waiting: u64,
    /// Reports that nobody has looked at.
    pub reports_pending: u64,
}

/// An account, as admins see it. Moderators see no `email`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AdminAccount {
    /// For good.
    pub id: Uuid,
    /// Where mails go; null for those who may not see it.
    pub email: Option<String>,
    /// Whether it was shown to be one's own.
    pub email_verified: bool,
    /// The name in URLs.
    pub handle: String,
    /// The name that people see.
    pub display_name: String,
    /// The picture.
    pub avatar_url: Option<String>,
    /// In the organisation.
    pub role: Role,
    /// A word of the organisation's own, for what somebody may see.
    pub access_level: Option<String>,
    /// In the organisation.
    pub department: Option<String>,
    /// What is subscribed to.
    pub tier: Tier,
    /// In UTC milliseconds.
    pub tier_expires_at: Option<i64>,
    /// Whether it may sign in.
    pub state: AccountState,
    /// Why it is disabled.
    pub disabled_reason: Option<String>,
    /// Whether it has a second factor.
    pub mfa: bool,
    /// In UTC milliseconds.
    pub created_at: i64,
    /// In UTC milliseconds.
    pub last_login_at: Option<i64>,
}

/// Whether an account may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// It may.
    Active,
    /// An admin has closed it.
    Disabled,
    /// Its holder has closed it.
    Deleted,
}

/// Changes of an account: what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateAccount {
    /// In the organisation.
    pub role: Option<Role>,
    /// True ends every sign-in at once.
    pub disabled: Option<bool>,
    /// Why.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 500, value_type = Option<String>)]
    pub disabled_reason: Option<Option<String>>,
    /// What is subscribed to.
    pub tier: Option<Tier>,
    /// When the tier ends, in UTC milliseconds.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub tier_expires_at: Option<Option<i64>>,
    /// In the organisation.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 80, value_type = Option<String>)]
    pub department: Option<Option<String>>,
    /// In the organisation.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 80, value_type = Option<String>)]
    pub access_level: Option<Option<String>>,
}

/// Somebody whom an admin invites. They choose the password by the link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAccount {
    /// Where mails go.
    #[schema(min_length = 3, max_length = 254)]
    pub email: String,
    /// The name that people see.
    #[schema(min_length = 1, max_length = 60)]
    pub display_name: String,
    /// The name in URLs.
    #[schema(min_length = 3, max_length = 30)]
    pub handle: String,
    /// In the organisation.
    pub role: Role,
}

/// Where somebody who was invited makes the account, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Invited {
    /// The link.
    pub invite_url: String,
}

/// Where the holder of an account chooses a new password, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResetLink {
    /// The link.
    pub url: String,
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Its place in the chain.
    pub seq: i64,
    /// Of the entry.
    pub id: Uuid,
    /// In UTC milliseconds.
    pub at: i64,
    /// Which account or API key, where it was one.
    pub actor_id: Option<String>,
    /// What kind of actor.
    pub actor_kind: ActorKind,
    /// What was done, such as `stream_key.shown`.
    pub action: String,
    /// To what kind of thing.
    pub target_kind: String,
    /// To which.
    pub target_id: String,
    /// From where.
    pub address: Option<String>,
    /// More about it.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
    /// The entry and all before it, in one number.
    pub hash: String,
}

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// Somebody who is signed in.
    Account,
    /// A program with an API key.
    ApiKey,
    /// The server by itself.
    System,
    /// Somebody at the server's command line.
    Cli,
}

/// Whether the audit log is as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditCheck {
    /// Entries that were looked at.
    pub entries: u64,
    /// Whether each follows from the one before it.
    pub intact: bool,
    /// The first entry that does not.
    pub broken_at: Option<i64>,
}

/// How the server is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Diagnostics {
    /// Version of the program.
    pub version: String,
    /// Since when the process runs, in UTC milliseconds.
    pub started_at: i64,
    /// The server's clock, in UTC milliseconds.
    pub now: i64,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// What, such as `database`.
    pub name: String,
    /// How it is.
    pub state: CheckState,
    /// In words.
    pub detail: String,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Well.
    Ok,
    /// Somebody should look.
    Warning,
    /// It does not work.
    Failed,
}

/// What the organisation has decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Settings {
    /// What people see as the name of this place.
    pub name: String,
    /// Under which address it is reached.
    pub public_url: Option<String>,
    /// Who may make an account.
    pub signup_mode: SignupMode,
    /// Whether an email address must be shown to be one's own; null follows from whether mails can be sent.
    pub email_verification: Option<EmailVerification>,
    /// Whether viewers may become creators by themselves.
    pub anyone_may_stream: bool,
    /// Whether moderators and administrators are asked for a second factor.
    pub staff_mfa_required: bool,
    /// What one accepts with an account.
    pub terms: Option<LegalDocumentInfo>,
}

/// Changes of the settings: what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSettings {
    /// What people see as the name of this place.
    #[schema(min_length = 1, max_length = 80)]
    pub name: Option<String>,
    /// Under which address it is reached.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 300, value_type = Option<String>)]
    pub public_url: Option<Option<String>>,
    /// Who may make an account.
    pub signup_mode: Option<SignupMode>,
    /// Whether an email address must be shown to be one's own.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<EmailVerification>)]
    pub email_verification: Option<Option<EmailVerification>>,
    /// Whether viewers may become creators by themselves.
    pub anyone_may_stream: Option<bool>,
    /// Whether moderators and administrators are asked for a second factor.
    pub staff_mfa_required: Option<bool>,
    /// New terms. Everybody is asked to accept them.
    pub terms: Option<NewTerms>,
}

/// Another edition of the terms.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTerms {
    /// Which edition.
    #[schema(min_length = 1, max_length = 40)]
    pub version: String,
    /// What they are called.
    #[schema(min_length = 1, max_length = 140)]
    pub title: String,
    /// Plain text with blank lines between paragraphs.
    #[schema(min_length = 1, max_length = 50000)]
    pub body: String,
}

/// A new category.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCategory {
    /// The name in URLs.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9][a-z0-9_-]*$")]
    pub slug: String,
    /// The name that people see.
    #[schema(min_length = 1, max_length = 80)]
    pub name: String,
    /// Its place in lists; the end where absent.
    #[schema(minimum = 0, maximum = 10_000)]
    pub position: Option<i64>,
}

/// Changes of a category.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateCategory {
    /// The name in URLs.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9][a-z0-9_-]*$")]
    pub slug: Option<String>,
    /// The name that people see.
    #[schema(min_length = 1, max_length = 80)]
    pub name: Option<String>,
    /// Its place in lists.
    #[schema(minimum = 0, maximum = 10_000)]
    pub position: Option<i64>,
}

/// A category, as admins see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AdminCategory {
    /// For good.
    pub id: Uuid,
    /// The name in URLs.
    pub slug: String,
    /// The name that people see.
    pub name: String,
    /// Its place in lists.
    pub position: i64,
}

/// A mail that was or shall be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mail {
    /// Of the mail.
    pub id: Uuid,
    /// To whom.
    pub recipient: String,
    /// What for.
    pub kind: String,
    /// Its first line.
    pub subject: String,
    /// The link in it, where no mails can be sent and an admin must hand it over.
    pub link: Option<String>,
    /// In UTC milliseconds.
    pub created_at: i64,
    /// In UTC milliseconds.
    pub sent_at: Option<i64>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it could not be sent.
    pub last_error: Option<String>,
}

/// The streams on the first page, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Featured {
    /// Their ids.
    #[schema(max_items = 20)]
    pub streams: Vec<Uuid>,
}
