//! What an operator does at the command line, where nobody is signed in.

use serde_json::json;
use sluice_domain::{AccountId, DisplayName, Email, Handle, OrgId, Redacted, Role, TokenId};
use sluice_store::{Account, NewAccount};

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::identity::Actor;
use crate::settings::realm_of;

/// An account that an operator makes, password and all.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// The address; it counts as verified, since an operator vouches for it.
    pub email: Email,
    /// The handle.
    pub handle: Handle,
    /// The name that others see.
    pub display_name: DisplayName,
    /// What they are.
    pub role: Role,
    /// The password.
    pub password: Redacted<String>,
}

impl Accounts {
    /// Makes an account without a mail or an invitation.
    pub async fn create_member(
        &self,
        actor: &Actor,
        org: OrgId,
        new: &NewMember,
    ) -> Result<Account, AccountsError> {
        let settings = self.settings(org).await?.settings;
        let realm = realm_of(new.role);
        let password = new.password.expose();
        self.check_rules(&settings, realm, password, &new.email, &new.handle)?;
        let hash = self.hash_password(password).await?;
        let now = self.now();
        let record = NewAccount {
            id: AccountId(self.clock().uuid()),
            email: new.email.clone(),
            email_verified_at: Some(now),
            handle: new.handle.clone(),
            display_name: new.display_name.to_string(),
            realm,
            password_hash: Some(hash.clone()),
            must_change_password: false,
            locale: None,
            role: new.role,
        };
        let tx = self.store().begin().await?;
        let account = tx.accounts().create_with_membership(org, &record, now).await?;
        tx.password_history().add(org, account.id, TokenId(self.clock().uuid()), &hash, now).await?;
        let detail = json!({ "role": new.role });
        self.audit(&tx, org, actor, "account.created", ("account", account.id), detail).await?;
        tx.commit().await?;
        Ok(account)
    }
}
