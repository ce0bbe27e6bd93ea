//! What others must hear at once: who is no longer who they were.

use sluice_domain::{AccountId, ApiKeyId, OrgId, SignInId, StreamId, StreamKeyId};

/// Something that ended a right to be here. Sent on a bounded channel: a receiver that lagged has missed
/// some and should ask about everybody whom it serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountsEvent {
    /// A sign-in ended: signed out, revoked, or its refresh token was stolen.
    SessionRevoked {
        /// The organisation.
        org: OrgId,
        /// Whose it was.
        account: AccountId,
        /// Which.
        session: SignInId,
    },
    /// An account was disabled or deleted.
    AccountDisabled {
        /// The organisation.
        org: OrgId,
        /// Which.
        account: AccountId,
    },
    /// The role, the tier or the like of an account changed; what it may do should be asked again.
    AccountChanged {
        /// The organisation.
        org: OrgId,
        /// Which.
        account: AccountId,
    },
    /// An API key was revoked.
    ApiKeyRevoked {
        /// The organisation.
        org: OrgId,
        /// Whose it was.
        account: AccountId,
        /// Which.
        key: ApiKeyId,
    },
    /// A stream key was revoked; its publisher ends.
    StreamKeyRevoked {
        /// The organisation.
        org: OrgId,
        /// The stream.
        stream: StreamId,
        /// Which.
        key: StreamKeyId,
    },
}

/// How many events a receiver may be behind. A burst is the sign-ins of one account; more would only make
/// a stuck receiver notice later.
pub(crate) const CAPACITY: usize = 1024;
