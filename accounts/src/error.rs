//! What can go wrong about accounts, in words that the layers above turn into answers.

use sluice_store::{StoreError, Taken};
use thiserror::Error;

use crate::password::PasswordError;
use crate::password::policy::PasswordProblem;
use crate::seal::SealError;

/// Why somebody was refused, or what failed.
#[derive(Debug, Error)]
pub enum AccountsError {
    /// Email and password do not belong together, or there is no such account: nobody is told which.
    #[error("email address or password is wrong")]
    InvalidCredentials,
    /// The token is not one of ours, is of another kind, or was changed.
    #[error("the token is not valid")]
    TokenInvalid,
    /// The token was valid once.
    #[error("the token has expired")]
    TokenExpired,
    /// The one-time token was used before.
    #[error("the token was used already")]
    TokenUsed,
    /// The sign-in has ended: signed out, revoked, too long unused, or ended because its token was stolen.
    #[error("the session has ended")]
    SessionEnded,
    /// The code of the second factor is wrong or was used before.
    #[error("the code is wrong")]
    MfaWrong,
    /// The account may not be used.
    #[error("the account is disabled")]
    AccountDisabled,
    /// The address must be verified before signing in.
    #[error("the email address is not verified")]
    EmailUnverified,
    /// The password is too old, or an administrator asked for a new one. The token sets a new one.
    #[error("the password must be changed")]
    PasswordExpired {
        /// A one-time token for [`crate::Accounts::reset_password`].
        reset_token: sluice_domain::Redacted<String>,
    },
    /// The organisation asks its staff for a second factor, and this account has none (R16).
    #[error("a second factor must be set up")]
    MfaRequired,
    /// The new password breaks the rules.
    #[error("the password does not follow the rules")]
    WeakPassword(Vec<PasswordProblem>),
    /// Something that must be unique is taken.
    #[error("{0} is taken")]
    AlreadyExists(Taken),
    /// The record has changed in the meantime.
    #[error("the record has changed in the meantime")]
    VersionConflict,
    /// There is no such record, or it is not theirs.
    #[error("there is no such record")]
    NotFound,
    /// The role or the scopes do not allow that.
    #[error("this is not allowed")]
    PermissionDenied,
    /// The current terms must be accepted.
    #[error("the terms must be accepted")]
    TermsRequired,
    /// There is no account and no organisation yet.
    #[error("the server is not set up yet")]
    SetUpRequired,
    /// The server is set up already.
    #[error("the server is set up already")]
    SetUpDone,
    /// Nobody may sign up, or only with an invitation.
    #[error("signing up is closed")]
    SignUpClosed,
    /// An organisation must keep an administrator who can sign in.
    #[error("this is the last administrator")]
    LastAdmin,
    /// More API keys than an account may have.
    #[error("the account has too many of these")]
    TooMany,
    /// Slow down.
    #[error("too many attempts")]
    RateLimited {
        /// In how many milliseconds it may be tried again.
        retry_after_ms: i64,
    },
    /// The server is too busy to check passwords now.
    #[error("the server is too busy")]
    Busy,
    /// The database is away; the same call may succeed later.
    #[error("the database is not available")]
    Unavailable(#[source] StoreError),
    /// There is no space left.
    #[error("there is no space left")]
    StorageFull(#[source] StoreError),
    /// Something that should not happen did.
    #[error("something failed inside")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StoreError> for AccountsError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Conflict(Taken::SetUp) => Self::SetUpDone,
            StoreError::Conflict(taken) => Self::AlreadyExists(taken),
            StoreError::Stale => Self::VersionConflict,
            StoreError::Unavailable(_) => Self::Unavailable(error),
            StoreError::Full(_) => Self::StorageFull(error),
            StoreError::Corrupt(_) | StoreError::Refused(_) => Self::Internal(error.into()),
        }
    }
}

impl From<PasswordError> for AccountsError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            PasswordError::Broken => Self::Internal(error.into()),
        }
    }
}

impl From<SealError> for AccountsError {
    fn from(error: SealError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<serde_json::Error> for AccountsError {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.into())
    }
}
