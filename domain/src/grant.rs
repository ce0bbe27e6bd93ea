//! A decision already made: who may do what on which stream, until when.

use crate::audience::AccessLevel;
use crate::id::{AccountId, ApiKeyId, OrgId, SignInId, StreamId, StreamKeyId, StreamName};
use crate::time::MediaTime;

/// What a Grant allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Send media into the stream's broadcast.
    Publish,
    /// Receive the stream's broadcast.
    Watch,
    /// Be a member of the stream's chat, whether or not anything is live.
    Chat,
}

/// What a Grant rests on: where that falls, the Grant falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The stream is open to everybody.
    Open,
    /// A stream key.
    Key(StreamKeyId),
    /// A person who is signed in.
    SignIn {
        /// Who.
        account: AccountId,
        /// On which device.
        sign_in: SignInId,
    },
    /// A program that acts for a person.
    ApiKey {
        /// For whom.
        account: AccountId,
        /// With which key.
        key: ApiKeyId,
    },
    /// A playback token.
    Playback {
        /// To whom it was given; nobody in particular where a password was enough.
        account: Option<AccountId>,
        /// The sign-in with which it was asked for.
        sign_in: Option<SignInId>,
        /// Fingerprint of what opened the stream when the token was made (see `live`).
        gate: u64,
    },
}

impl Basis {
    /// The account behind it, where there is one.
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Open | Self::Key(_) => None,
            Self::SignIn { account, .. } | Self::ApiKey { account, .. } => Some(*account),
            Self::Playback { account, .. } => *account,
        }
    }

    /// The sign-in behind it, where there is one.
    pub const fn sign_in(&self) -> Option<SignInId> {
        match self {
            Self::Open | Self::Key(_) | Self::ApiKey { .. } => None,
            Self::SignIn { sign_in, .. } => Some(*sign_in),
            Self::Playback { sign_in, .. } => *sign_in,
        }
    }
}

/// Made by `live` from a key, a token or an account; obeyed by everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whose stream it is.
    pub org: OrgId,
    /// The stream it is for.
    pub stream: StreamId,
    /// The stream's name when the Grant was made.
    pub name: StreamName,
    /// The stream's owner.
    pub owner: AccountId,
    /// Whom the stream was open to when the Grant was made.
    pub access: AccessLevel,
    /// What it allows.
    pub action: Action,
    /// What it rests on.
    pub basis: Basis,
    /// How many streams the owner may have live at once. Matters to publishers only.
    pub max_streams: u32,
    /// When it was made: what was revoked later revokes it.
    pub issued: MediaTime,
    /// When it ends; `None` is until revoked.
    pub expires: Option<MediaTime>,
}

impl Grant {
    /// Whether both belong to the same holder: a reconnecting publisher takes its broadcast over at
    /// once. A key is one holder however many encoders have it, and an account on all its devices.
    pub fn same_holder(&self, other: &Self) -> bool {
        match (&self.basis, &other.basis) {
            (Basis::Key(one), Basis::Key(two)) => one == two,
            (one, two) => one.account().is_some() && one.account() == two.account(),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn grant(basis: Basis) -> Grant {
        Grant {
            org: OrgId(Uuid::from_u128(1)),
            stream: StreamId(Uuid::from_u128(2)),
            name: "show".parse().unwrap(),
            owner: AccountId(Uuid::from_u128(3)),
            access: AccessLevel::Public,
            action: Action::Publish,
            basis,
            max_streams: 3,
            issued: MediaTime(0),
            expires: None,
        }
    }

    #[test]
    fn a_key_is_one_holder_and_an_account_is_one_on_all_its_devices() {
        let key = |id| grant(Basis::Key(StreamKeyId(Uuid::from_u128(id))));
        assert!(key(1).same_holder(&key(1)));
        assert!(!key(1).same_holder(&key(2)));
        let (alice, bob) = (AccountId(Uuid::from_u128(7)), AccountId(Uuid::from_u128(8)));
        let laptop = grant(Basis::SignIn { account: alice, sign_in: SignInId(Uuid::from_u128(1)) });
        let phone = grant(Basis::SignIn { account: alice, sign_in: SignInId(Uuid::from_u128(2)) });
        let program = grant(Basis::ApiKey { account: alice, key: ApiKeyId(Uuid::from_u128(1)) });
        let other = grant(Basis::SignIn { account: bob, sign_in: SignInId(Uuid::from_u128(3)) });
        assert!(laptop.same_holder(&phone) && laptop.same_holder(&program));
        assert!(!laptop.same_holder(&other) && !laptop.same_holder(&key(1)));
        assert!(!grant(Basis::Open).same_holder(&grant(Basis::Open)));
    }
}
