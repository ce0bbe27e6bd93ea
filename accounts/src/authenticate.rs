//! From a token to an [`Identity`]. Asked on every call, so it is cheap: a signature and what was
//! remembered during the last seconds.

use sluice_domain::{AccountId, OrgId, SignInId, Tier};
use sluice_store::{ApiKey, StoreError};

use crate::accounts::Accounts;
use crate::cache::{Answer, Standing};
use crate::clock::MINUTE;
use crate::error::AccountsError;
use crate::identity::{Identity, Via};
use crate::secrets::{API_KEY_PREFIX, lookup_hash};
use crate::tokens::AccessClaims;

/// The last use of an API key is written down at most so often: it tells forgotten keys from used ones.
const USE_NOTED_EVERY: i64 = 5 * MINUTE;

impl Accounts {
    /// Who presents a token: an access token, or an API key.
    ///
    /// # Errors
    /// Also for staff who must set up a second factor first, whatever they present.
    pub async fn authenticate(&self, token: &str) -> Result<Identity, AccountsError> {
        let (identity, standing) = self.presented(token).await?;
        if standing.lacks_mfa { Err(AccountsError::MfaRequired) } else { Ok(identity) }
    }

    /// The same, for what is needed to set up a second factor: whoever must may do no more than that.
    pub async fn authenticate_to_set_up_mfa(&self, token: &str) -> Result<Identity, AccountsError> {
        Ok(self.presented(token).await?.0)
    }

    async fn presented(&self, token: &str) -> Result<(Identity, Standing), AccountsError> {
        if token.starts_with(API_KEY_PREFIX) {
            self.by_api_key(token).await
        } else {
            self.by_jwt(token).await
        }
    }

    /// Whether somebody who was authenticated a while ago still is; for connections that last. Answers
    /// with who they are now: their role may have changed.
    pub async fn still(&self, identity: &Identity) -> Result<Identity, AccountsError> {
        let standing = self.standing(identity.org, identity.account).await?;
        if !standing.usable {
            return Err(AccountsError::AccountDisabled);
        }
        if standing.lacks_mfa {
            return Err(AccountsError::MfaRequired);
        }
        match &identity.via {
            Via::Session(session) if !self.session_holds(identity.org, *session).await? => {
                return Err(AccountsError::SessionEnded);
            }
            Via::ApiKey { id, .. } => {
                let keys = self.store().api_keys().of(identity.org, identity.account).await?;
                let key = keys.iter().find(|key| key.id == *id).ok_or(AccountsError::TokenInvalid)?;
                self.check_api_key(key)?;
            }
            Via::Session(_) => {}
        }
        Ok(Identity { role: standing.role, tier: standing.tier, ..identity.clone() })
    }

    async fn by_jwt(&self, token: &str) -> Result<(Identity, Standing), AccountsError> {
        let claims: AccessClaims = self.verify(token).await?;
        let standing = self.standing(claims.organization, claims.sub).await?;
        if !standing.usable {
            return Err(AccountsError::AccountDisabled);
        }
        if standing.epoch != claims.epoch {
            // Password, role or address changed since; a refresh brings a new token.
            return Err(AccountsError::TokenExpired);
        }
        if !self.session_holds(standing.org, claims.sid).await? {
            return Err(AccountsError::SessionEnded);
        }
        let identity = Identity {
            org: standing.org,
            account: claims.sub,
            role: standing.role,
            tier: standing.tier,
            via: Via::Session(claims.sid),
        };
        Ok((identity, standing))
    }

    async fn by_api_key(&self, token: &str) -> Result<(Identity, Standing), AccountsError> {
        let now = self.now();
        let hash = lookup_hash(token);
        let remembered = self.inner().standings.api_key(&hash, now);
        let key = match remembered {
            Answer::Fresh(key) => key,
            Answer::Stale(_) | Answer::Unknown => {
                let asked = self.inner().standings.changes();
                match (self.store().api_keys().by_hash(&hash).await, remembered) {
                    (Ok(found), _) => {
                        let key = found.ok_or(AccountsError::TokenInvalid)?;
                        self.inner().standings.put_api_key(key.clone(), asked, now);
                        key
                    }
                    (Err(StoreError::Unavailable(_)), Answer::Stale(key)) => key,
                    (Err(error), _) => return Err(error.into()),
                }
            }
        };
        self.check_api_key(&key)?;
        let standing = self.standing(key.org_id, key.account_id).await?;
        if !standing.usable {
            return Err(AccountsError::AccountDisabled);
        }
        if key.last_used_at.is_none_or(|at| now - at >= USE_NOTED_EVERY) {
            self.note_use(&key, now).await;
        }
        let scopes = serde_json::from_value(key.scopes_json)?;
        let identity = Identity {
            org: key.org_id,
            account: key.account_id,
            role: standing.role,
            tier: standing.tier,
            via: Via::ApiKey { id: key.id, scopes },
        };
        Ok((identity, standing))
    }

    fn check_api_key(&self, key: &ApiKey) -> Result<(), AccountsError> {
        match key {
            ApiKey { revoked_at: Some(_), .. } => Err(AccountsError::TokenInvalid),
            ApiKey { expires_at: Some(end), .. } if self.now() >= *end => Err(AccountsError::TokenExpired),
            _ => Ok(()),
        }
    }

    /// A note for people; a request does not fail for it.
    async fn note_use(&self, key: &ApiKey, now: i64) {
        let asked = self.inner().standings.changes();
        match self.store().api_keys().set_last_used(key.org_id, key.id, now).await {
            Ok(()) => {
                let key = ApiKey { last_used_at: Some(now), ..key.clone() };
                self.inner().standings.put_api_key(key, asked, now);
            }
            Err(error) => tracing::warn!(key = %key.id, %error, "the use of an API key cannot be noted"),
        }
    }

    /// How an account stands, from memory or from the store.
    pub(crate) async fn standing(&self, org: OrgId, account: AccountId) -> Result<Standing, AccountsError> {
        let now = self.now();
        let remembered = self.inner().standings.account(account, now);
        if let Answer::Fresh(standing) = remembered {
            return of_org(standing, org);
        }
        let asked = self.inner().standings.changes();
        let asking = async {
            let member = self.store().accounts().member(org, account).await?;
            let lacks_mfa = self.lacks_mfa(&member).await?;
            Ok((member, lacks_mfa))
        };
        let (member, lacks_mfa) = match (asking.await, remembered) {
            (Ok(found), _) => found,
            (Err(AccountsError::Unavailable(_)), Answer::Stale(standing)) => return of_org(standing, org),
            // Deleted: whoever still has a token of it is nobody.
            (Err(AccountsError::NotFound), _) => return Err(AccountsError::SessionEnded),
            (Err(error), _) => return Err(error),
        };
        let tier_holds = member.account.tier_expires_at.is_none_or(|end| now < end);
        let standing = Standing {
            org,
            role: member.role,
            tier: if tier_holds { member.account.tier } else { Tier::Free },
            epoch: member.account.token_epoch,
            usable: member.account.disabled_at.is_none(),
            lacks_mfa,
        };
        self.inner().standings.put_account(account, standing, asked, now);
        Ok(standing)
    }

    async fn session_holds(&self, org: OrgId, session: SignInId) -> Result<bool, AccountsError> {
        let now = self.now();
        let remembered = self.inner().standings.session(session, now);
        if let Answer::Fresh(holds) = remembered {
            return Ok(holds);
        }
        let holds = match (self.store().sessions().by_id(org, session).await, remembered) {
            (Ok(session), _) => session.is_active(now),
            (Err(StoreError::NotFound), _) => false,
            (Err(StoreError::Unavailable(_)), Answer::Stale(holds)) => holds,
            (Err(error), _) => return Err(error.into()),
        };
        self.inner().standings.put_session(session, holds, now);
        Ok(holds)
    }
}

/// An account of another organisation is nobody here.
fn of_org(standing: Standing, org: OrgId) -> Result<Standing, AccountsError> {
    if standing.org == org { Ok(standing) } else { Err(AccountsError::SessionEnded) }
}
