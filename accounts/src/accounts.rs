//! The handle: everything that others ask about people goes through it.

use std::io;
use std::sync::{Arc, RwLock};

use sluice_domain::{OrgId, Redacted};
use sluice_store::{Organisation, Store};
use thiserror::Error;
use tokio::sync::{Notify, broadcast};

use crate::cache::Standings;
use crate::clock::Clock;
use crate::config::AccountsConfig;
use crate::error::AccountsError;
use crate::event::{AccountsEvent, CAPACITY};
use crate::password::common::CommonPasswords;
use crate::password::{PasswordError, Passwords};
use crate::seal::{MasterKeys, SealError};
use crate::throttle::{Limited, Network, Throttle};
use crate::tokens::KeyRing;

/// Who somebody is. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Accounts {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) config: AccountsConfig,
    pub(crate) passwords: Passwords,
    pub(crate) common: CommonPasswords,
    pub(crate) master: MasterKeys,
    pub(crate) ring: RwLock<Arc<KeyRing>>,
    pub(crate) throttle: Throttle,
    pub(crate) standings: Standings,
    pub(crate) events: broadcast::Sender<AccountsEvent>,
    /// Wakes the worker that sends mail.
    pub(crate) mail: Notify,
}

/// The short name of the organisation that set-up makes.
pub(crate) const HOME: &str = "home";

/// Why accounts cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The master key cannot be used.
    #[error("the master key cannot be used")]
    MasterKey(#[source] SealError),
    /// The signing key cannot be read or made.
    #[error("the signing key cannot be used")]
    SigningKey(#[source] AccountsError),
    /// The list of refused passwords cannot be read.
    #[error("the file of common passwords cannot be read")]
    CommonPasswords(#[source] io::Error),
    /// The cost of a password hash makes no sense.
    #[error("the cost of a password hash is out of range")]
    HashCost(#[source] PasswordError),
}

impl Accounts {
    /// Opens accounts on a store that has been migrated. Makes the master key and the signing key where
    /// there are none.
    pub async fn open(store: Store, config: AccountsConfig, clock: Clock) -> Result<Self, OpenError> {
        let master = MasterKeys::load_or_create(&config.master_key_file).map_err(OpenError::MasterKey)?;
        let common = match &config.common_passwords_file {
            Some(path) => CommonPasswords::with_file(path).map_err(OpenError::CommonPasswords)?,
            None => CommonPasswords::embedded(),
        };
        let passwords = Passwords::new(config.hash_cost).map_err(OpenError::HashCost)?;
        let ring = crate::signing::load_or_create(&store, &master, &clock).await;
        let ring = RwLock::new(Arc::new(ring.map_err(OpenError::SigningKey)?));
        let (events, _) = broadcast::channel(CAPACITY);
        let inner = Inner {
            store,
            clock,
            config,
            passwords,
            common,
            master,
            ring,
            throttle: Throttle::default(),
            standings: Standings::default(),
            events,
            mail: Notify::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Hears what ends rights. See [`AccountsEvent`] about lagging.
    pub fn events(&self) -> broadcast::Receiver<AccountsEvent> {
        self.inner.events.subscribe()
    }

    /// The master key, for secrets that others keep, such as stream keys.
    pub fn master_keys(&self) -> &MasterKeys {
        &self.inner.master
    }

    /// The clock that everything here goes by.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// What was configured.
    pub fn config(&self) -> &AccountsConfig {
        &self.inner.config
    }

    /// Whether mail is sent; without it an operator reads the outbox.
    pub fn has_mail(&self) -> bool {
        self.inner.config.smtp.is_some()
    }

    /// The organisation that set-up made: where visitors are, who have not said where they belong.
    pub async fn home(&self) -> Result<Organisation, AccountsError> {
        self.store().organisations().by_slug(HOME).await?.ok_or(AccountsError::SetUpRequired)
    }

    /// Hashes a password that is not of an account, such as one of a stream.
    pub async fn hash_password(&self, password: &str) -> Result<String, AccountsError> {
        Ok(self.inner.passwords.hash(password).await?)
    }

    /// Checks a password that is not of an account. Tries from one network are limited.
    pub async fn check_password(
        &self,
        password: &str,
        hash: &str,
        from: Network,
    ) -> Result<bool, AccountsError> {
        self.limit(Limited::StreamPassword, &format!("{from:?}"))?;
        let checked = self.inner.passwords.check(password, Some(hash)).await?;
        Ok(checked != crate::password::Checked::Wrong)
    }

    /// Tells everybody who listens. Nobody listening is no error.
    pub fn announce(&self, event: AccountsEvent) {
        // The only error is that there is no receiver.
        let _ = self.inner.events.send(event);
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn now(&self) -> i64 {
        self.inner.clock.now_ms()
    }

    /// Counts something that is limited.
    pub(crate) fn limit(&self, what: Limited, who: &str) -> Result<(), AccountsError> {
        self.inner
            .throttle
            .allow(what, who, self.now())
            .map_err(|retry_after_ms| AccountsError::RateLimited { retry_after_ms })
    }

    /// The address of a page of the web app with a one-time token. The token stands behind `#`, which
    /// browsers send to nobody: no log and no other site sees it.
    pub(crate) async fn link(
        &self,
        org: OrgId,
        page: &str,
        token: &Redacted<String>,
    ) -> Result<Redacted<String>, AccountsError> {
        let settings = self.settings(org).await?.settings;
        let base = settings.public_url.unwrap_or_else(|| self.inner.config.public_url.clone());
        Ok(Redacted::new(format!("{}/{page}#token={}", base.trim_end_matches('/'), token.expose())))
    }
}
