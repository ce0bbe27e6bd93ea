//! What is remembered for some seconds about who presents tokens, so that a token costs no query.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use sluice_domain::{AccountId, OrgId, Role, SignInId, Tier};
use sluice_store::ApiKey;

use crate::clock::SECOND;

/// How an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) org: OrgId,
    pub(crate) role: Role,
    pub(crate) tier: Tier,
    pub(crate) epoch: i64,
    /// Neither disabled nor deleted.
    pub(crate) usable: bool,
    /// Its organisation asks it for a second factor, and it has none.
    pub(crate) lacks_mfa: bool,
}

/// Remembered for so long: what another node revokes bites here within this time, and an account that
/// is used all the time costs one query in it.
const FRESH: i64 = 5 * SECOND;
/// While the database is away, what was known goes on for so long: the API cannot do much then, but
/// viewers and publishers who are asked about again need not be thrown out.
const STALE: i64 = 300 * SECOND;
/// Entries of a kind; when there are more, all are forgotten and asked for again.
const MAX_ENTRIES: usize = 20_000;

/// What was asked lately.
#[derive(Default)]
pub(crate) struct Standings {
    accounts: Mutex<Remembered<AccountId, Standing>>,
    /// Whether a sign-in holds.
    sessions: Mutex<Remembered<SignInId, bool>>,
    api_keys: Mutex<Remembered<String, ApiKey>>,
    keys_reloaded: AtomicI64,
    /// Counts what changed here. An answer that was asked for before a change is not remembered after it.
    changes: AtomicU64,
}

/// How good an answer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer<V> {
    /// To be believed.
    Fresh(V),
    /// To be believed only if nobody can be asked.
    Stale(V),
    /// Nothing is known.
    Unknown,
}

struct Remembered<K, V>(HashMap<K, (V, i64)>);

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    fn find(&self, key: &K, now: i64) -> Answer<V> {
        match self.0.get(key) {
            // A clock that was set back makes nothing fresh.
            Some((value, at)) if (0..FRESH).contains(&(now - at)) => Answer::Fresh(value.clone()),
            Some((value, at)) if (0..STALE).contains(&(now - at)) => Answer::Stale(value.clone()),
            _ => Answer::Unknown,
        }
    }

    fn put(&mut self, key: K, value: V, now: i64) {
        if self.0.len() >= MAX_ENTRIES {
            self.0.clear();
        }
        self.0.insert(key, (value, now));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Standings {
    pub(crate) fn account(&self, id: AccountId, now: i64) -> Answer<Standing> {
        lock(&self.accounts).find(&id, now)
    }

    /// `asked` is what [`Standings::changes`] said before the database was asked.
    pub(crate) fn put_account(&self, id: AccountId, standing: Standing, asked: u64, now: i64) {
        let mut accounts = lock(&self.accounts);
        if self.changes() == asked {
            accounts.put(id, standing, now);
        }
    }

    /// See [`Standings::put_account`].
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    pub(crate) fn session(&self, id: SignInId, now: i64) -> Answer<bool> {
        lock(&self.sessions).find(&id, now)
    }

    /// A sign-in that has ended stays so, whatever was asked for at the same time.
    pub(crate) fn put_session(&self, id: SignInId, holds: bool, now: i64) {
        let mut sessions = lock(&self.sessions);
        let ended = matches!(sessions.find(&id, now), Answer::Fresh(false) | Answer::Stale(false));
        sessions.put(id, holds && !ended, now);
    }

    pub(crate) fn api_key(&self, hash: &String, now: i64) -> Answer<ApiKey> {
        lock(&self.api_keys).find(hash, now)
    }

    pub(crate) fn put_api_key(&self, key: ApiKey, asked: u64, now: i64) {
        let mut keys = lock(&self.api_keys);
        if self.changes() == asked {
            keys.put(key.hash.clone(), key, now);
        }
    }

    /// The next question about an account goes to the database: something changed here.
    pub(crate) fn forget_account(&self, id: AccountId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        lock(&self.accounts).0.remove(&id);
    }

    /// Of all accounts, since the rules for them changed.
    pub(crate) fn forget_accounts(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        lock(&self.accounts).0.clear();
    }

    /// Of all API keys, since they are found by a hash that is not known when one is revoked.
    pub(crate) fn forget_api_keys(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        lock(&self.api_keys).0.clear();
    }

    /// Whether the signing keys may be read again now; says yes once in [`FRESH`].
    pub(crate) fn may_reload_keys(&self, now: i64) -> bool {
        let last = self.keys_reloaded.load(Ordering::Relaxed);
        !(0..FRESH).contains(&(now - last))
            && self.keys_reloaded.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_answer_gets_stale_and_then_is_forgotten() {
        let standings = Standings::default();
        let id = SignInId(Uuid::from_u128(1));
        assert_eq!(standings.session(id, 0), Answer::Unknown);
        standings.put_session(id, true, 1000);
        assert_eq!(standings.session(id, 1000 + FRESH - 1), Answer::Fresh(true));
        assert_eq!(standings.session(id, 1000 + FRESH), Answer::Stale(true));
        assert_eq!(standings.session(id, 1000 + STALE), Answer::Unknown);
        assert_eq!(standings.session(id, 999), Answer::Unknown, "the clock was set back");
    }

    #[test]
    fn an_answer_from_before_a_change_is_not_remembered_after_it() {
        let standings = Standings::default();
        let (id, org) = (AccountId(Uuid::from_u128(1)), OrgId(Uuid::from_u128(2)));
        let standing =
            Standing { org, role: Role::Admin, tier: Tier::Free, epoch: 0, usable: true, lacks_mfa: false };
        let asked = standings.changes();
        standings.forget_account(id);
        standings.put_account(id, standing, asked, 0);
        assert_eq!(standings.account(id, 0), Answer::Unknown);
        standings.put_account(id, standing, standings.changes(), 0);
        assert_eq!(standings.account(id, 0), Answer::Fresh(standing));
    }

    #[test]
    fn a_sign_in_that_has_ended_does_not_come_back() {
        let standings = Standings::default();
        let id = SignInId(Uuid::from_u128(1));
        standings.put_session(id, false, 0);
        standings.put_session(id, true, 1);
        assert_eq!(standings.session(id, 2), Answer::Fresh(false));
    }

    #[test]
    fn memory_has_an_end() {
        let standings = Standings::default();
        for number in 0..MAX_ENTRIES as u128 * 2 + 5 {
            standings.put_session(SignInId(Uuid::from_u128(number)), true, 0);
        }
        assert!(lock(&standings.sessions).0.len() <= MAX_ENTRIES);
    }

    #[test]
    fn keys_are_read_again_once_in_some_seconds() {
        let standings = Standings::default();
        let now = 1_700_000_000_000;
        assert!(standings.may_reload_keys(now));
        assert!(!standings.may_reload_keys(now + FRESH - 1));
        assert!(standings.may_reload_keys(now + FRESH));
    }
}
