//! The keys that sign tokens: sealed in the store, read at the start, replaced with an overlap.

use std::sync::{Arc, PoisonError};

use sluice_domain::StreamId;
use sluice_store::Store;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::clock::{Clock, HOUR};
use crate::error::AccountsError;
use crate::identity::Actor;
use crate::seal::{MasterKeys, Place};
use crate::tokens::{Audience, Claims, KeyRing, PlaybackClaims, SigningKey, TokenError};

/// How long a key that signs no more is published: longer than the longest access or playback token.
const OVERLAP: i64 = 48 * HOUR;

fn place(id: Uuid) -> Place {
    Place::new("signing_keys", "sealed_private", id)
}

/// Reads the keys; makes the first one where there is none.
pub(crate) async fn load_or_create(
    store: &Store,
    master: &MasterKeys,
    clock: &Clock,
) -> Result<KeyRing, AccountsError> {
    if let Some(ring) = load(store, master).await? {
        return Ok(ring);
    }
    create(store, master, clock).await?;
    // Two nodes that start at once make two keys; both are in the ring of both.
    load(store, master).await?.ok_or(AccountsError::NotFound)
}

async fn create(store: &Store, master: &MasterKeys, clock: &Clock) -> Result<Uuid, AccountsError> {
    let id = clock.uuid();
    let (key, seed) = SigningKey::generate(id.to_string());
    let record = sluice_store::SigningKey {
        id,
        public: key.public().to_owned(),
        sealed_private: master.seal(&place(id), seed.expose()),
        created_at: clock.now_ms(),
        retired_at: None,
    };
    store.signing_keys().create(&record).await?;
    Ok(id)
}

async fn load(store: &Store, master: &MasterKeys) -> Result<Option<KeyRing>, AccountsError> {
    let mut signing = None;
    let mut others = Vec::new();
    for record in store.signing_keys().list().await? {
        let seed = master.open(&place(record.id), &record.sealed_private)?;
        let key = SigningKey::from_seed(record.id.to_string(), seed.expose())
            .ok_or(crate::seal::SealError::Refused)?;
        if signing.is_none() && record.retired_at.is_none() {
            signing = Some(key);
        } else {
            others.push(key);
        }
    }
    Ok(signing.map(|signing| KeyRing::new(signing, others)))
}

impl Accounts {
    /// The public keys (RFC 7517 §5).
    pub fn jwks(&self) -> serde_json::Value {
        self.ring().jwks()
    }

    /// Makes a new key, which signs from now on. Tokens of the one before stay valid until they end.
    pub async fn rotate_signing_key(&self, actor: &Actor) -> Result<(), AccountsError> {
        let now = self.now();
        let before = self.store().signing_keys().list().await?;
        let id = create(self.store(), self.master_keys(), self.clock()).await?;
        for key in before.iter().filter(|key| key.retired_at.is_none()) {
            self.store().signing_keys().retire(key.id, now).await?;
        }
        self.store().signing_keys().prune(now - OVERLAP).await?;
        self.reload_signing_keys().await?;
        // Before set-up there is no log, and nobody who could read it.
        if let Some(home) = self.store().organisations().by_slug(crate::accounts::HOME).await? {
            let target = ("signing_key", id);
            self.audit_alone(home.id, actor, "signing_key.rotated", target, serde_json::json!({})).await?;
        }
        Ok(())
    }

    /// Reads the keys again, as another node may have made one.
    pub async fn reload_signing_keys(&self) -> Result<(), AccountsError> {
        let ring = load(self.store(), self.master_keys()).await?.ok_or(AccountsError::NotFound)?;
        *self.inner().ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        Ok(())
    }

    /// A token that opens one stream until it ends, to one address if one is given.
    pub fn playback_token(
        &self,
        subject: &str,
        stream: StreamId,
        address: Option<std::net::IpAddr>,
    ) -> (sluice_domain::Redacted<String>, i64) {
        let seconds = self.config().playback_token_seconds;
        let now = self.now() / 1000;
        let claims = PlaybackClaims {
            sub: subject.to_owned(),
            stream,
            iat: now,
            exp: now + seconds,
            ip: address.map(|address| address.to_canonical()),
            aud: Audience::Playback,
        };
        (self.ring().sign(&claims), seconds)
    }

    /// What a playback token says, if it is valid here and now and for this address.
    pub async fn check_playback_token(
        &self,
        token: &str,
        address: std::net::IpAddr,
    ) -> Result<PlaybackClaims, AccountsError> {
        let claims: PlaybackClaims = self.verify(token).await?;
        match claims.ip {
            Some(bound) if bound != address.to_canonical() => Err(AccountsError::TokenInvalid),
            _ => Ok(claims),
        }
    }

    /// What a token says; asks for new keys once if it names one that is not known.
    pub(crate) async fn verify<C: Claims>(&self, token: &str) -> Result<C, AccountsError> {
        let now = self.now();
        let mut result = self.ring().verify::<C>(token, now);
        // Anybody can name an unknown key, so the database is asked only every few seconds.
        if matches!(result, Err(TokenError::UnknownKey)) && self.inner().standings.may_reload_keys(now) {
            self.reload_signing_keys().await?;
            result = self.ring().verify::<C>(token, now);
        }
        result.map_err(|error| match error {
            TokenError::Expired => AccountsError::TokenExpired,
            TokenError::Forged | TokenError::UnknownKey | TokenError::TooEarly => AccountsError::TokenInvalid,
        })
    }

    pub(crate) fn ring(&self) -> Arc<KeyRing> {
        self.inner().ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
