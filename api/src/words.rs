//! The closed lists of words that several nouns of the API share.

use serde::{Deserialize, Serialize};
use sluice_accounts::settings::{self, SignUpMode};
use utoipa::ToSchema;

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignupMode {
    /// Nobody; an admin makes accounts.
    Closed,
    /// Who has an invitation.
    Invite,
    /// Everybody, but an admin lets them in.
    Approval,
    /// Everybody.
    Open,
}

/// Whether an email address must be shown to be one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmailVerification {
    /// Before the first sign-in.
    Required,
    /// It is asked for, and nothing waits for it.
    Optional,
    /// It is not asked for.
    Off,
}

impl From<SignupMode> for SignUpMode {
    fn from(mode: SignupMode) -> Self {
        match mode {
            SignupMode::Closed => Self::Closed,
            SignupMode::Invite => Self::Invite,
            SignupMode::Approval => Self::Approval,
            SignupMode::Open => Self::Open,
        }
    }
}

impl From<SignUpMode> for SignupMode {
    fn from(mode: SignUpMode) -> Self {
        match mode {
            SignUpMode::Closed => Self::Closed,
            SignUpMode::Invite => Self::Invite,
            SignUpMode::Approval => Self::Approval,
            SignUpMode::Open => Self::Open,
        }
    }
}

impl From<settings::EmailVerification> for EmailVerification {
    fn from(verification: settings::EmailVerification) -> Self {
        match verification {
            settings::EmailVerification::Required => Self::Required,
            settings::EmailVerification::Optional => Self::Optional,
            settings::EmailVerification::Off => Self::Off,
        }
    }
}

impl From<EmailVerification> for settings::EmailVerification {
    fn from(verification: EmailVerification) -> Self {
        match verification {
            EmailVerification::Required => Self::Required,
            EmailVerification::Optional => Self::Optional,
            EmailVerification::Off => Self::Off,
        }
    }
}
