//! The account of the caller.

mod accept_terms;
mod activity;
mod api_keys;
mod become_creator;
mod blocks;
mod change_email;
mod change_password;
pub(crate) mod delete;
mod export;
pub(crate) mod follows;
mod remove_avatar;
pub(crate) mod sessions;
mod set_avatar;
mod show;
mod streams;
mod totp;
pub(crate) mod update;
pub(crate) mod view;

use serde::{Deserialize, Serialize};
use sluice_domain::{Maturity, Permission, Role, Scope, Tier};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::Shared;
use crate::field::present;
use crate::server::LegalDocumentInfo;

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(show::show, update::update, delete::delete))
        .routes(routes!(export::export))
        .routes(routes!(change_email::change_email))
        .routes(routes!(change_password::change_password))
        .routes(routes!(set_avatar::set_avatar, remove_avatar::remove_avatar))
        .routes(routes!(accept_terms::accept_terms))
        .routes(routes!(become_creator::become_creator))
        .routes(routes!(sessions::list::list, sessions::end_others::end_others))
        .routes(routes!(sessions::end::end))
        .routes(routes!(totp::begin::begin, totp::remove::remove))
        .routes(routes!(totp::confirm::confirm))
        .routes(routes!(totp::replace_backup_codes::replace_backup_codes))
        .routes(routes!(api_keys::list::list, api_keys::create::create))
        .routes(routes!(api_keys::revoke::revoke))
        .routes(routes!(activity::activity))
        .routes(routes!(streams::streams))
        .routes(routes!(follows::follows))
        .routes(routes!(blocks::list::list))
        .routes(routes!(blocks::show::show, blocks::add::add, blocks::remove::remove))
}

/// The account of the caller.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Me {
    /// For good.
    pub id: Uuid,
    /// Where mails go.
    pub email: String,
    /// Whether it was shown to be one's own.
    pub email_verified: bool,
    /// The name in URLs.
    pub handle: String,
    /// The name that people see.
    pub display_name: String,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// In the organisation.
    pub role: Role,
    /// Where the account belongs.
    pub organisation: Organisation,
    /// What is subscribed to.
    pub tier: Tier,
    /// When the tier ends, in UTC milliseconds.
    pub tier_expires_at: Option<i64>,
    /// Where somebody lives, as they say it: an ISO 3166 code.
    pub region: Option<String>,
    /// Language and formats, such as `de-AT`.
    pub locale: Option<String>,
    /// What somebody says about themselves.
    pub bio: String,
    /// Pages elsewhere.
    pub links: Vec<Link>,
    /// The picture.
    pub avatar_url: Option<String>,
    /// In UTC milliseconds.
    pub member_since: i64,
    /// Whether the account may have streams.
    pub has_channel: bool,
    /// The second factor.
    pub mfa: MfaState,
    /// Terms that are newer than those accepted.
    pub must_accept_terms: Option<LegalDocumentInfo>,
    /// When the password must be another, in UTC milliseconds.
    pub password_expires_at: Option<i64>,
    /// What the account may do.
    pub permissions: Vec<Permission>,
    /// How things are shown.
    pub preferences: Preferences,
    /// Who sees what.
    pub privacy: Privacy,
    /// What is told.
    pub notifications: Notifications,
}

/// Where an account belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Organisation {
    /// For good.
    pub id: Uuid,
    /// What people see.
    pub name: String,
}

/// The second factor of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct MfaState {
    /// Whether an app is set up.
    pub totp: bool,
    /// Backup codes that are not used yet.
    pub backup_codes_left: u32,
    /// Whether the role asks for one.
    pub required: bool,
}

/// A page elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What people see.
    #[schema(min_length = 1, max_length = 40)]
    pub title: String,
    /// Begins with `https://` or `http://`.
    #[schema(min_length = 8, max_length = 300)]
    pub url: String,
}

/// How things are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Preferences {
    /// What a player begins with.
    pub quality: Quality,
    /// Of the pages, such as `en`; null follows the browser.
    #[schema(max_length = 35)]
    pub language: Option<String>,
    /// Whether a stream plays as soon as its page is open.
    pub autoplay: bool,
    /// Colours.
    pub theme: Theme,
    /// Whether to tell when somebody followed goes live.
    pub notify_live: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            quality: Quality::Auto,
            language: None,
            autoplay: true,
            theme: Theme::System,
            notify_live: true,
        }
    }
}

/// What a player begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// What the network carries.
    Auto,
    /// The best layer.
    High,
    /// The one in between.
    Medium,
    /// The smallest one.
    Low,
}

/// Colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system has it.
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
    /// High contrast.
    Contrast,
}

/// Who sees what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Privacy {
    /// Who sees the profile.
    pub profile_visibility: Visibility,
    /// Whether to remember what was watched.
    pub save_history: bool,
    /// No stream beyond this is shown.
    pub maturity_limit: Maturity,
}

impl Default for Privacy {
    fn default() -> Self {
        Self { profile_visibility: Visibility::Public, save_history: true, maturity_limit: Maturity::Mature }
    }
}

/// Who sees a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody.
    Public,
    /// Who is signed in.
    Members,
    /// Nobody else.
    Private,
}

/// What is told by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Notifications {
    /// Sign-ins from new devices and changes of the account.
    pub security: bool,
    /// Somebody followed goes live.
    pub live: bool,
    /// Somebody follows.
    pub followers: bool,
    /// What is new here.
    pub news: bool,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { security: true, live: true, followers: true, news: false }
    }
}

/// Changes of the own account: what is absent stays, what is null is cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMe {
    /// The name in URLs.
    #[schema(min_length = 3, max_length = 30)]
    pub handle: Option<String>,
    /// The name that people see.
    #[schema(min_length = 1, max_length = 60)]
    pub display_name: Option<String>,
    /// First name.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 80, value_type = Option<String>)]
    pub given_name: Option<Option<String>>,
    /// Last name.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 80, value_type = Option<String>)]
    pub family_name: Option<Option<String>>,
    /// An ISO 3166 code of two letters.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 2, value_type = Option<String>)]
    pub region: Option<Option<String>>,
    /// Language and formats, such as `de-AT`.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 35, value_type = Option<String>)]
    pub locale: Option<Option<String>>,
    /// What somebody says about themselves.
    #[schema(max_length = 2000)]
    pub bio: Option<String>,
    /// Pages elsewhere.
    #[schema(max_items = 10)]
    pub links: Option<Vec<Link>>,
    /// How things are shown.
    pub preferences: Option<Preferences>,
    /// Who sees what.
    pub privacy: Option<Privacy>,
    /// What is told by mail.
    pub notifications: Option<Notifications>,
}

/// Another email address. It holds once its mail is answered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// The new address.
    #[schema(min_length = 3, max_length = 254)]
    pub email: String,
    /// Of the account.
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub password: String,
}

/// Another password. Ends every other sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The one that holds now.
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub current: String,
    /// The one that shall hold.
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub new: String,
}

/// Shows that it is really the holder of the account who asks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordProof {
    /// Of the account.
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub password: String,
}

/// Terms that are accepted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptTerms {
    /// Which.
    pub document_id: Uuid,
}

/// A sign-in of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignInSession {
    /// To revoke it.
    pub id: Uuid,
    /// What it was made with.
    pub device: String,
    /// From where it was last seen.
    pub address: String,
    /// In UTC milliseconds.
    pub created_at: i64,
    /// In UTC milliseconds.
    pub last_seen_at: i64,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// The secret of a second factor that is not confirmed yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TotpSecret {
    /// To type.
    pub secret: String,
    /// To show as a QR code.
    pub otpauth_url: String,
}

/// A code of the app.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TotpCode {
    /// Six digits.
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
}

/// Takes the second factor away.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveTotp {
    /// Of the account.
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub password: String,
    /// Six digits of the app, or a backup code.
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
}

/// Codes that replace the app, each once. They are shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BackupCodes {
    /// Ten of them.
    pub backup_codes: Vec<String>,
}

/// A key for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApiKey {
    /// To revoke it.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    /// The end of its text.
    pub last4: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// In UTC milliseconds.
    pub created_at: i64,
    /// In UTC milliseconds.
    pub last_used_at: Option<i64>,
    /// In UTC milliseconds.
    pub expires_at: Option<i64>,
}

/// A new key for programs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What it is for.
    #[schema(min_length = 1, max_length = 80)]
    pub name: String,
    /// What it may do.
    #[schema(min_items = 1, max_items = 13)]
    pub scopes: Vec<Scope>,
    /// When it ends, in UTC milliseconds.
    pub expires_at: Option<i64>,
}

/// A key for programs, with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApiKeyCreated {
    /// The text. It is shown this once.
    pub key: String,
    /// The key.
    pub api_key: ApiKey,
}

/// Something that happened to the account.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Activity {
    /// Of the entry.
    pub id: Uuid,
    /// In UTC milliseconds.
    pub at: i64,
    /// What happened, such as `session.created`.
    pub action: String,
    /// From where.
    pub address: Option<String>,
    /// More about it.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}

/// Somebody that the account follows or blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Acquaintance {
    /// Who.
    #[serde(flatten)]
    pub person: Person,
    /// Since when, in UTC milliseconds.
    pub since: i64,
    /// Whether a stream of theirs is live.
    pub live: bool,
}

/// Somebody, as everybody may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Person {
    /// For good.
    pub id: Uuid,
    /// The name in URLs.
    pub handle: String,
    /// The name that people see.
    pub display_name: String,
    /// The picture.
    pub avatar_url: Option<String>,
}
