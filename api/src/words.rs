//! The closed lists of words that several nouns of the API share.

use serde::{Deserialize, Serialize};
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
