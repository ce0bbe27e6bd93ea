//! What was revoked a moment ago, so that a Grant which is older is not obeyed any more. Pure.

use std::collections::VecDeque;

use sluice_domain::{AccountId, Action, ApiKeyId, Basis, Grant, MediaTime, SignInId, StreamId, StreamKeyId};

/// How long a revocation is remembered. Longer than a request may run between the making of its
/// Grant and the session that comes of it.
const MEMORY_MICROS: i64 = 120 * 1_000_000;

/// Most revocations that are remembered. Beyond it the oldest are forgotten; the check against the
/// database, which runs every few seconds, still finds what they would have found.
const MAX_REMEMBERED: usize = 4096;

/// Something on which Grants rest and which does not hold any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fallen {
    /// A stream key was revoked or has run out.
    Key(StreamKeyId),
    /// A sign-in was ended.
    SignIn(SignInId),
    /// An API key was revoked.
    ApiKey(ApiKeyId),
    /// An account was disabled or deleted: all that it does, and the broadcasts of its streams.
    Account(AccountId),
    /// A stream was deleted.
    Stream(StreamId),
    /// Who watches a stream must ask again, because who may has changed.
    Viewers(StreamId),
}

impl Fallen {
    /// Whether a Grant that was made before rests on it.
    pub(crate) fn takes(self, grant: &Grant) -> bool {
        match self {
            Self::Key(key) => grant.basis == Basis::Key(key),
            Self::SignIn(sign_in) => grant.basis.sign_in() == Some(sign_in),
            Self::ApiKey(found) => matches!(grant.basis, Basis::ApiKey { key, .. } if key == found),
            Self::Account(account) => {
                grant.basis.account() == Some(account)
                    || (grant.action == Action::Publish && grant.owner == account)
            }
            Self::Stream(stream) => grant.stream == stream,
            Self::Viewers(stream) => grant.stream == stream && grant.action != Action::Publish,
        }
    }
}

/// The newest revocations.
#[derive(Debug, Default)]
pub(crate) struct Revocations(VecDeque<(MediaTime, Fallen)>);

impl Revocations {
    /// Remembers one.
    pub(crate) fn add(&mut self, fallen: Fallen, now: MediaTime) {
        while self.0.len() >= MAX_REMEMBERED
            || self.0.front().is_some_and(|(at, _)| now.micros_since(*at) > MEMORY_MICROS)
        {
            self.0.pop_front();
        }
        self.0.push_back((now, fallen));
    }

    /// Whether a Grant still stands: it has not run out, and nothing that it rests on fell since it
    /// was made.
    pub(crate) fn leave(&self, grant: &Grant, now: MediaTime) -> bool {
        let current = grant.expires.is_none_or(|expires| now < expires);
        // Equal times count as later: better one request too many is asked to come again.
        current && !self.0.iter().any(|(at, fallen)| *at >= grant.issued && fallen.takes(grant))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn grant(action: Action, basis: Basis, issued: i64) -> Grant {
        Grant {
            org: sluice_domain::OrgId(Uuid::from_u128(1)),
            stream: StreamId(Uuid::from_u128(2)),
            name: "show".parse().unwrap(),
            owner: AccountId(Uuid::from_u128(3)),
            access: sluice_domain::AccessLevel::Public,
            action,
            basis,
            max_streams: 3,
            issued: MediaTime(issued),
            expires: Some(MediaTime(1000)),
        }
    }

    #[test]
    fn what_is_revoked_takes_older_grants_and_leaves_newer_ones() {
        let key = StreamKeyId(Uuid::from_u128(9));
        let mut revocations = Revocations::default();
        revocations.add(Fallen::Key(key), MediaTime(10));
        let by_key = |issued| grant(Action::Publish, Basis::Key(key), issued);
        assert!(!revocations.leave(&by_key(10), MediaTime(11)));
        assert!(revocations.leave(&by_key(11), MediaTime(11)));
        assert!(revocations.leave(&grant(Action::Watch, Basis::Open, 0), MediaTime(11)));
    }

    #[test]
    fn a_grant_ends_when_it_runs_out() {
        let open = grant(Action::Watch, Basis::Open, 0);
        assert!(Revocations::default().leave(&open, MediaTime(999)));
        assert!(!Revocations::default().leave(&open, MediaTime(1000)));
    }

    #[test]
    fn a_disabled_account_neither_publishes_nor_watches_and_its_streams_are_not_published_to() {
        let owner = AccountId(Uuid::from_u128(3));
        let viewer = AccountId(Uuid::from_u128(4));
        let by = |account| Basis::SignIn { account, sign_in: SignInId(Uuid::from_u128(5)) };
        let by_key = Basis::Key(StreamKeyId(Uuid::from_u128(9)));
        assert!(Fallen::Account(owner).takes(&grant(Action::Publish, by_key, 0)));
        assert!(Fallen::Account(viewer).takes(&grant(Action::Watch, by(viewer), 0)));
        assert!(!Fallen::Account(viewer).takes(&grant(Action::Watch, by(owner), 0)));
        assert!(!Fallen::Account(owner).takes(&grant(Action::Watch, by(viewer), 0)));
    }

    #[test]
    fn old_revocations_are_forgotten() {
        let mut revocations = Revocations::default();
        for at in 0..10_000 {
            revocations.add(Fallen::Stream(StreamId(Uuid::from_u128(at as u128))), MediaTime(at));
        }
        assert_eq!(revocations.0.len(), MAX_REMEMBERED);
        let later = MediaTime(10_000 + MEMORY_MICROS);
        revocations.add(Fallen::Stream(StreamId(Uuid::nil())), later);
        assert_eq!(revocations.0.len(), 1);
    }
}
