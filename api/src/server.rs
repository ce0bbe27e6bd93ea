//! This server, as the API shows it.

mod asset;
mod show;
mod terms;

use serde::Serialize;
use sluice_domain::StreamName;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::Shared;
use crate::words::{EmailVerification, SignupMode};

pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(show::show))
        .routes(routes!(terms::terms))
        .routes(routes!(asset::asset))
}

/// What this server is and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServerInfo {
    /// Version of the program.
    pub version: String,
    /// What people see as the name of this place.
    pub name: String,
    /// WHIP endpoint that finds the stream by its key; `/{stream}` may follow.
    pub whip_url: String,
    /// WHEP endpoint with `{stream}` in place of the name.
    pub whep_url_template: String,
    /// Who may make an account.
    pub signup_mode: SignupMode,
    /// Whether an email address must be shown to be one's own.
    pub email_verification: EmailVerification,
    /// What one accepts with an account.
    pub terms: Option<LegalDocumentInfo>,
    /// What a password must be like.
    pub password_policy: PasswordPolicy,
    /// Stream, key and sign-in of `--demo`, for callers on this machine only.
    pub demo: Option<DemoInfo>,
    /// True until somebody has set the server up.
    pub setup_needed: bool,
}

/// A legal text without its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LegalDocumentInfo {
    /// What is accepted.
    pub id: Uuid,
    /// Which edition.
    pub version: String,
    /// What it is called.
    pub title: String,
}

/// A legal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LegalDocument {
    /// What is accepted.
    pub id: Uuid,
    /// Which edition.
    pub version: String,
    /// What it is called.
    pub title: String,
    /// Its words, plain text with blank lines between paragraphs.
    pub body: String,
}

/// What a password must be like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PasswordPolicy {
    /// Characters at least.
    pub min_length: u32,
    /// An upper-case letter is needed.
    pub upper: bool,
    /// A lower-case letter is needed.
    pub lower: bool,
    /// A digit is needed.
    pub digit: bool,
    /// Something that is neither letter nor digit is needed.
    pub special: bool,
}

/// An account and a stream that are ready to try things out with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DemoInfo {
    /// Whom to sign in as.
    pub email: String,
    /// With which password.
    pub password: String,
    /// The stream.
    pub stream: StreamName,
    /// Its key.
    pub key: String,
}
