//! The first start: an organisation and its administrator, made by whoever comes first.

use serde_json::json;
use sluice_domain::{AccountId, DisplayName, Email, Handle, OrgId, Realm, Redacted, Role, TokenId};
use sluice_store::{NewAccount, Organisation, Taken};

use crate::accounts::{Accounts, HOME};
use crate::error::AccountsError;
use crate::identity::{Actor, Client};
use crate::settings::{OrgSettings, SignUpMode};
use crate::sign_in::Tokens;

/// What the first administrator decides.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// The name of the organisation.
    pub name: String,
    /// The address of the web app.
    pub public_url: Option<String>,
    /// Who may make an account.
    pub signup_mode: SignUpMode,
    /// The administrator's address.
    pub email: Email,
    /// The administrator's password.
    pub password: Redacted<String>,
    /// The administrator's handle.
    pub handle: Handle,
    /// The name that others see.
    pub display_name: DisplayName,
}

impl Accounts {
    /// Whether the server waits for its set-up.
    pub async fn needs_set_up(&self) -> Result<bool, AccountsError> {
        Ok(!self.store().accounts().any().await?)
    }

    /// Sets the server up and signs its administrator in. Of several who try at once one wins.
    pub async fn set_up(&self, set_up: &SetUp, client: &Client) -> Result<Tokens, AccountsError> {
        let org = OrgId(self.clock().uuid());
        let account = self.make_first(org, set_up, &Actor::SYSTEM).await?;
        self.open_session(org, account, "", None, false, client).await
    }

    /// The same from the command line, without signing in.
    pub async fn set_up_from_cli(&self, set_up: &SetUp) -> Result<(OrgId, AccountId), AccountsError> {
        let org = OrgId(self.clock().uuid());
        Ok((org, self.make_first(org, set_up, &Actor::CLI).await?))
    }

    async fn make_first(
        &self,
        org: OrgId,
        set_up: &SetUp,
        actor: &Actor,
    ) -> Result<AccountId, AccountsError> {
        if !self.needs_set_up().await? {
            return Err(AccountsError::SetUpDone);
        }
        let settings = OrgSettings {
            public_url: set_up.public_url.clone(),
            signup_mode: set_up.signup_mode,
            ..OrgSettings::default()
        };
        let password = set_up.password.expose();
        self.check_rules(&settings, Realm::Staff, password, &set_up.email, &set_up.handle)?;
        let hash = self.inner().passwords.hash(password).await?;
        let now = self.now();
        let organisation = Organisation {
            id: org,
            name: set_up.name.clone(),
            slug: HOME.to_owned(),
            settings_json: serde_json::to_value(&settings)?,
            created_at: now,
            version: 1,
        };
        let admin = NewAccount {
            id: AccountId(self.clock().uuid()),
            email: set_up.email.clone(),
            // Nobody could verify it before there is a mail server, and this account must get in.
            email_verified_at: Some(now),
            handle: set_up.handle.clone(),
            display_name: set_up.display_name.to_string(),
            realm: Realm::Staff,
            password_hash: Some(hash.clone()),
            must_change_password: false,
            locale: None,
            role: Role::Admin,
        };
        let tx = self.store().begin().await?;
        let account = tx.accounts().set_up(&organisation, &admin, now).await?;
        tx.password_history().add(org, account.id, TokenId(self.clock().uuid()), &hash, now).await?;
        self.audit(&tx, org, actor, "server.set_up", ("account", account.id), json!({})).await?;
        tx.commit().await?;
        Ok(account.id)
    }

    /// Another organisation; for the command line.
    pub async fn create_organisation(
        &self,
        name: &str,
        slug: &str,
        actor: &Actor,
    ) -> Result<Organisation, AccountsError> {
        if slug == HOME {
            return Err(AccountsError::AlreadyExists(Taken::Slug));
        }
        let organisation = Organisation {
            id: OrgId(self.clock().uuid()),
            name: name.to_owned(),
            slug: slug.to_owned(),
            settings_json: serde_json::to_value(OrgSettings::default())?,
            created_at: self.now(),
            version: 1,
        };
        let tx = self.store().begin().await?;
        tx.organisations().create(&organisation).await?;
        let target = ("organisation", organisation.id);
        self.audit(&tx, organisation.id, actor, "organisation.created", target, json!({ "slug": slug }))
            .await?;
        tx.commit().await?;
        Ok(organisation)
    }
}
