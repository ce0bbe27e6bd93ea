//! Who shows a credential, and whether they may still do anything.

use std::time::Duration;

use sluice_accounts::AccountsError;
use sluice_accounts::{Identity, Via};
use sluice_domain::{AccountId, ApiKeyId, Basis, MediaTime, OrgId, SignInId};
use sluice_store::{ApiKey, Member, StoreError};

use super::{Access, Shown, now, time};
use crate::error::LiveError;
use crate::identity::{Viewer, tier};

impl Access {
    /// Who shows this. A key that is not an API key names a stream and nobody.
    pub(super) async fn person(&self, credential: &str) -> Result<Identity, LiveError> {
        match Shown::of(credential) {
            Shown::Token(_) | Shown::ApiKey(_) => Ok(self.accounts.authenticate(credential).await?),
            Shown::Key(_) => Err(LiveError::Forbidden),
        }
    }

    /// Who is behind a Grant, as they are now.
    pub(super) async fn identity_of(&self, org: OrgId, basis: &Basis) -> Result<Identity, LiveError> {
        let account = basis.account().ok_or(LiveError::Forbidden)?;
        let member = self.standing(org, account).await?;
        let via = match basis {
            Basis::ApiKey { key, .. } => {
                let key = self.api_key(org, account, *key).await?;
                if !key.is_active(now().1) {
                    return Err(LiveError::Forbidden);
                }
                let scopes = serde_json::from_value(key.scopes_json).map_err(|_| LiveError::Forbidden)?;
                Via::ApiKey { id: key.id, scopes }
            }
            Basis::SignIn { sign_in, .. } => {
                self.signed_in(org, account, *sign_in).await?;
                Via::Session(*sign_in)
            }
            Basis::Open | Basis::Key(_) | Basis::Playback { .. } => return Err(LiveError::Forbidden),
        };
        let tier = tier(&member, now().1);
        Ok(Identity { org, account, role: member.role, tier, via })
    }

    /// Who is behind a playback token, if anybody.
    pub(super) async fn viewer_of(
        &self,
        org: OrgId,
        account: Option<AccountId>,
        sign_in: Option<SignInId>,
    ) -> Result<Option<Viewer>, LiveError> {
        let Some(account) = account else { return Ok(None) };
        let member = self.standing(org, account).await?;
        if let Some(sign_in) = sign_in {
            self.signed_in(org, account, sign_in).await?;
        }
        Ok(Some(Viewer::of(&member, now().1)))
    }

    async fn api_key(&self, org: OrgId, account: AccountId, id: ApiKeyId) -> Result<ApiKey, LiveError> {
        let keys = self.store.api_keys().of(org, account).await?;
        keys.into_iter().find(|key| key.id == id).ok_or(LiveError::Forbidden)
    }

    /// Whether a sign-in still holds.
    async fn signed_in(&self, org: OrgId, account: AccountId, sign_in: SignInId) -> Result<(), LiveError> {
        let session = self.store.sessions().by_id(org, sign_in).await.map_err(gone)?;
        let holds = session.account_id == account && session.is_active(now().1);
        if holds { Ok(()) } else { Err(LiveError::Expired) }
    }

    /// An account that may do something: neither deleted nor disabled.
    pub(super) async fn standing(&self, org: OrgId, account: AccountId) -> Result<Member, LiveError> {
        let member = self.store.accounts().member(org, account).await.map_err(|error| match error {
            StoreError::NotFound => LiveError::AccountDisabled,
            other => other.into(),
        })?;
        if member.account.disabled_at.is_some() { Err(LiveError::AccountDisabled) } else { Ok(member) }
    }

    /// When what somebody showed ends by itself. A sign-in is renewed while its owner is there, so it ends
    /// by being revoked or forgotten, which the watchdog sees.
    pub(super) async fn expiry(&self, identity: &Identity) -> Result<Option<MediaTime>, LiveError> {
        match &identity.via {
            Via::ApiKey { id, .. } => {
                let key = self.api_key(identity.org, identity.account, *id).await?;
                Ok(key.expires_at.map(time))
            }
            Via::Session(_) => Ok(None),
        }
    }

    /// How many streams an account may have live at once.
    pub(super) fn max_streams(&self) -> u32 {
        self.accounts.config().max_concurrent_streams
    }
}

/// A credential that names something that is not there any more.
fn gone(error: StoreError) -> LiveError {
    match error {
        StoreError::NotFound => LiveError::Forbidden,
        other => other.into(),
    }
}

impl From<AccountsError> for LiveError {
    fn from(error: AccountsError) -> Self {
        match error {
            AccountsError::TokenExpired | AccountsError::SessionEnded => Self::Expired,
            AccountsError::AccountDisabled => Self::AccountDisabled,
            AccountsError::RateLimited { retry_after_ms } => {
                Self::RateLimited { wait: Duration::from_millis(retry_after_ms.unsigned_abs()) }
            }
            AccountsError::Unavailable(_)
            | AccountsError::StorageFull(_)
            | AccountsError::Busy
            | AccountsError::Internal(_) => {
                tracing::warn!(%error, "a credential could not be looked at");
                Self::Unavailable
            }
            _ => Self::Forbidden,
        }
    }
}
