//! Passwords: hashing that a flood of sign-ins cannot turn into a flood of memory.

pub mod common;
pub mod policy;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::secrets::random_bytes;

/// Hashes and checks passwords on tokio's blocking threads. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    inner: Arc<Inner>,
}

struct Inner {
    cost: HashCost,
    hasher: Argon2<'static>,
    /// How many hashes may be computed at once.
    running: Arc<Semaphore>,
    /// How many are computed or wait.
    pending: AtomicUsize,
    /// Stands for the password of an account that does not exist, so that its check takes as long.
    decoy: String,
}

/// What one argon2id hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// How many hashes may be computed at once.
    pub at_once: usize,
}

impl Default for HashCost {
    /// 19 MiB and two passes (the OWASP minimum for argon2id): about 30 ms on a small server. More makes
    /// guessing a stolen database dearer, and every sign-in too. Four at once are 76 MiB at most.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, at_once: 4 }
    }
}

/// Longest queue of sign-ins. At 30 ms a hash and four at once the last one waits about two seconds;
/// more would wait longer than its client does.
const MAX_PENDING: usize = 256;

/// Why a password was neither hashed nor checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Too many are waiting.
    #[error("too many passwords are being checked")]
    Busy,
    /// The parameters or a stored hash make no sense.
    #[error("a password hash cannot be read or made")]
    Broken,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// It is not the password.
    Wrong,
    /// It is.
    Right {
        /// The stored hash is weaker than those made now and should be replaced.
        outdated: bool,
    },
}

impl Passwords {
    /// Hashes at the given cost.
    pub fn new(cost: HashCost) -> Result<Self, PasswordError> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|_| PasswordError::Broken)?;
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hash_now(&hasher, &random_bytes::<16>())?;
        let running = Arc::new(Semaphore::new(cost.at_once.max(1)));
        let pending = AtomicUsize::new(0);
        Ok(Self { inner: Arc::new(Inner { cost, hasher, running, pending, decoy }) })
    }

    /// The hash of a password, as a PHC string.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let inner = self.inner.clone();
        let password = password.to_owned();
        self.on_a_thread(move || hash_now(&inner.hasher, password.as_bytes())).await?
    }

    /// Whether a password is the one that was hashed. Without a hash (no such account, or none set) the
    /// answer is no after the same work.
    pub async fn check(&self, password: &str, hash: Option<&str>) -> Result<Checked, PasswordError> {
        let inner = self.inner.clone();
        let password = password.to_owned();
        let stored = hash.map(str::to_owned);
        self.on_a_thread(move || check_now(&inner, password.as_bytes(), stored.as_deref())).await?
    }

    /// Whether a password is one of several that were hashed before.
    pub async fn is_one_of(&self, password: &str, hashes: Vec<String>) -> Result<bool, PasswordError> {
        for hash in hashes {
            if self.check(password, Some(&hash)).await? != Checked::Wrong {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = Place::take(&self.inner)?;
        let running = self.inner.running.clone();
        let permit = running.acquire_owned().await.map_err(|_| PasswordError::Broken)?;
        // The permit goes along: a request that is given up while its hash is computed still counts.
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        task.await.map_err(|_| PasswordError::Broken)
    }
}

/// A place in the queue, given back when dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(inner: &'a Inner) -> Result<Self, PasswordError> {
        let place = Self(&inner.pending);
        if inner.pending.fetch_add(1, Ordering::Relaxed) >= MAX_PENDING {
            return Err(PasswordError::Busy);
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn hash_now(hasher: &Argon2<'_>, password: &[u8]) -> Result<String, PasswordError> {
    let hash = hasher.hash_password_with_salt(password, &random_bytes::<16>());
    hash.map(|hash| hash.to_string()).map_err(|_| PasswordError::Broken)
}

fn check_now(inner: &Inner, password: &[u8], stored: Option<&str>) -> Result<Checked, PasswordError> {
    let text = stored.unwrap_or(&inner.decoy);
    let hash = PasswordHash::new(text).map_err(|_| PasswordError::Broken)?;
    let right = inner.hasher.verify_password(password, &hash).is_ok();
    if !right || stored.is_none() {
        return Ok(Checked::Wrong);
    }
    let params = Params::try_from(&hash).map_err(|_| PasswordError::Broken)?;
    let outdated = params.m_cost() < inner.cost.memory_kib || params.t_cost() < inner.cost.passes;
    Ok(Checked::Right { outdated })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: HashCost = HashCost { memory_kib: 64, passes: 1, at_once: 2 };

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_alone() {
        let passwords = Passwords::new(CHEAP).unwrap();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$") && !hash.contains("horse"));
        let right = Checked::Right { outdated: false };
        assert_eq!(passwords.check("correct horse", Some(&hash)).await, Ok(right));
        assert_eq!(passwords.check("correct Horse", Some(&hash)).await, Ok(Checked::Wrong));
        assert_ne!(passwords.hash("correct horse").await.unwrap(), hash, "the salt was used twice");
    }

    #[tokio::test]
    async fn without_an_account_no_password_is_right() {
        let passwords = Passwords::new(CHEAP).unwrap();
        assert_eq!(passwords.check("", None).await, Ok(Checked::Wrong));
        // And finding that out is as much work as for one that exists.
        assert!(passwords.inner.decoy.contains("$m=64,t=1,p=1$"), "{}", passwords.inner.decoy);
        assert_eq!(passwords.check("x", Some("garbage")).await, Err(PasswordError::Broken));
    }

    #[tokio::test]
    async fn a_hash_of_lower_cost_is_reported_as_outdated() {
        let hash = Passwords::new(CHEAP).unwrap().hash("secret").await.unwrap();
        let stronger = Passwords::new(HashCost { memory_kib: 128, ..CHEAP }).unwrap();
        assert_eq!(stronger.check("secret", Some(&hash)).await, Ok(Checked::Right { outdated: true }));
    }

    #[tokio::test]
    async fn a_flood_waits_in_a_queue_that_ends() {
        let passwords = Passwords::new(CHEAP).unwrap();
        let all = passwords.inner.running.clone().acquire_many_owned(2).await.unwrap();
        let tasks: Vec<_> = (0..MAX_PENDING)
            .map(|_| {
                let passwords = passwords.clone();
                tokio::spawn(async move { passwords.check("x", None).await })
            })
            .collect();
        while passwords.inner.pending.load(Ordering::Relaxed) < MAX_PENDING {
            tokio::task::yield_now().await;
        }
        assert_eq!(passwords.check("x", None).await, Err(PasswordError::Busy));
        drop(all);
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(Checked::Wrong));
        }
        assert_eq!(passwords.inner.pending.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn an_earlier_password_is_recognised() {
        let passwords = Passwords::new(CHEAP).unwrap();
        let old = vec![passwords.hash("one").await.unwrap(), passwords.hash("two").await.unwrap()];
        assert_eq!(passwords.is_one_of("two", old.clone()).await, Ok(true));
        assert_eq!(passwords.is_one_of("three", old).await, Ok(false));
    }
}
