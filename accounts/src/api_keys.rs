//! API keys: made, listed and revoked by their owners.

use serde_json::json;
use sluice_domain::{ApiKeyId, Redacted, Scope};
use sluice_store::ApiKey;

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::event::AccountsEvent;
use crate::identity::{Actor, Identity};
use crate::secrets::NewSecret;

/// How many keys an account may have. More is a sign that a program makes them.
const MAX_KEYS: usize = 50;

impl Accounts {
    /// Makes a key. Its text is shown once and never again.
    pub async fn create_api_key(
        &self,
        identity: &Identity,
        name: &str,
        scopes: &[Scope],
        expires_at: Option<i64>,
        actor: &Actor,
    ) -> Result<(Redacted<String>, ApiKey), AccountsError> {
        let (org, id) = (identity.org, identity.account);
        if self.api_keys(identity).await?.len() >= MAX_KEYS {
            return Err(AccountsError::TooMany);
        }
        let secret = NewSecret::api_key();
        let key = ApiKey {
            id: ApiKeyId(self.clock().uuid()),
            org_id: org,
            account_id: id,
            name: name.to_owned(),
            hash: secret.hash,
            last4: secret.last4,
            scopes_json: serde_json::to_value(scopes)?,
            created_at: self.now(),
            last_used_at: None,
            expires_at,
            revoked_at: None,
        };
        let tx = self.store().begin().await?;
        tx.api_keys().create(&key).await?;
        let detail = json!({ "name": name, "scopes": scopes });
        self.audit(&tx, org, actor, "api_key.created", ("api_key", key.id), detail).await?;
        tx.commit().await?;
        Ok((secret.text, key))
    }

    /// The keys of somebody that were not revoked, oldest first.
    pub async fn api_keys(&self, identity: &Identity) -> Result<Vec<ApiKey>, AccountsError> {
        let keys = self.store().api_keys().of(identity.org, identity.account).await?;
        Ok(keys.into_iter().filter(|key| key.revoked_at.is_none()).collect())
    }

    /// Ends a key.
    pub async fn revoke_api_key(
        &self,
        identity: &Identity,
        key: ApiKeyId,
        actor: &Actor,
    ) -> Result<(), AccountsError> {
        let (org, account) = (identity.org, identity.account);
        let tx = self.store().begin().await?;
        if !tx.api_keys().revoke(org, account, key, self.now()).await? {
            return Err(AccountsError::NotFound);
        }
        self.audit(&tx, org, actor, "api_key.revoked", ("api_key", key), json!({})).await?;
        tx.commit().await?;
        self.inner().standings.forget_api_keys();
        self.announce(AccountsEvent::ApiKeyRevoked { org, account, key });
        Ok(())
    }
}
