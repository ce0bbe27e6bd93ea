//! Changing a password or an address, and getting back in without one.

use serde_json::json;
use sluice_domain::{AccountId, Email, Handle, OrgId, Redacted, TokenId};
use sluice_store::{Account, Member};

use crate::accounts::Accounts;
use crate::clock::{HOUR, MINUTE};
use crate::error::AccountsError;
use crate::identity::{Actor, ActorKind, Client, Identity};
use crate::mail::Message;
use crate::one_time::Kind;
use crate::password::policy::PasswordProblem;
use crate::settings::realm_of_member;
use crate::throttle::{Limited, Network};

/// How long the link of a forgotten password is good (R8).
const RESET_WITHIN: i64 = 30 * MINUTE;
/// How long the link to a new address is good.
const CHANGE_EMAIL_WITHIN: i64 = 2 * HOUR;

impl Accounts {
    /// Sends a link for a new password, if there is such an account; says the same if there is none.
    pub async fn forgot_password(&self, email: &str, client: &Client) -> Result<(), AccountsError> {
        self.limit(Limited::MailFrom, &format!("{:?}", Network::from(client.address)))?;
        let Ok(email) = email.parse::<Email>() else { return Ok(()) };
        if self.limit(Limited::MailTo, &email.normalized()).is_err() {
            return Ok(());
        }
        let account = self.store().accounts().by_email(&email).await?;
        let Some(account) = account.filter(|account| account.disabled_at.is_none()) else {
            // A token that opens nothing, so that the answer takes as long.
            let home = self.home().await?.id;
            self.new_one_time(home, None, Kind::ResetPassword, json!({}), 0).await?;
            return Ok(());
        };
        let link = self.new_reset_link(account.org_id, account.id).await?;
        let message = Message::ResetPassword { link, minutes: RESET_WITHIN / MINUTE };
        self.send(account.org_id, &account.email, account.locale.as_deref(), &message).await?;
        let actor = Actor { kind: ActorKind::System, address: Some(client.address) };
        let target = ("account", account.id);
        self.audit_alone(account.org_id, &actor, "password.reset_asked", target, json!({})).await
    }

    /// A link with which somebody sets a new password; made by an operator who hands it over.
    pub async fn reset_link(
        &self,
        actor: &Actor,
        org: OrgId,
        account: AccountId,
    ) -> Result<Redacted<String>, AccountsError> {
        self.store().accounts().member(org, account).await?;
        let link = self.new_reset_link(org, account).await?;
        self.audit_alone(org, actor, "password.reset_link_made", ("account", account), json!({})).await?;
        Ok(link)
    }

    async fn new_reset_link(
        &self,
        org: OrgId,
        account: AccountId,
    ) -> Result<Redacted<String>, AccountsError> {
        let kind = Kind::ResetPassword;
        self.store().one_time_tokens().consume_all(org, account, kind.as_str(), self.now()).await?;
        let token = self.new_one_time(org, Some(account), kind, json!({}), RESET_WITHIN).await?;
        self.link(org, "reset-password", &token).await
    }

    /// Sets a new password by a one-time token. Ends all sessions: whoever had the old password is out.
    pub async fn reset_password(
        &self,
        token: &str,
        password: &str,
        client: &Client,
    ) -> Result<(), AccountsError> {
        self.limit(Limited::Token, &format!("{:?}", Network::from(client.address)))?;
        let token = self.find_one_time(Kind::ResetPassword, token).await?;
        let (org, id) = (token.org_id, token.account_id.ok_or(AccountsError::TokenInvalid)?);
        let member = self.store().accounts().member(org, id).await?;
        let hash = self.new_password(&member, password).await?;
        self.use_one_time(&token).await?;
        let actor = Actor::account(id, client.address);
        self.store_password(&member.account, &hash, false, None, "password.reset", &actor).await
    }

    /// Changes the password of somebody who is signed in and knows the old one. Other sessions end.
    pub async fn change_password(
        &self,
        identity: &Identity,
        current: &str,
        new: &str,
        client: &Client,
    ) -> Result<(), AccountsError> {
        let member = self.confirm_password(identity.org, identity.account, current).await?;
        let hash = self.new_password(&member, new).await?;
        let actor = identity.actor(client.address);
        let keep = identity.session();
        self.store_password(&member.account, &hash, false, keep, "password.changed", &actor).await
    }

    /// Sets a password from the command line; `must_change` asks for another at the next sign-in.
    pub async fn set_password(
        &self,
        actor: &Actor,
        org: OrgId,
        account: AccountId,
        password: &str,
        must_change: bool,
    ) -> Result<(), AccountsError> {
        let member = self.store().accounts().member(org, account).await?;
        let hash = self.new_password(&member, password).await?;
        self.store_password(&member.account, &hash, must_change, None, "password.set", actor).await
    }

    /// The hash of a new password that follows all rules.
    async fn new_password(&self, member: &Member, password: &str) -> Result<String, AccountsError> {
        let account = &member.account;
        let realm = realm_of_member(member);
        let settings = self.settings(account.org_id).await?.settings;
        let unreadable = |error: &dyn std::error::Error| AccountsError::Internal(error.to_string().into());
        let email: Email = account.email.parse().map_err(|error| unreadable(&error))?;
        let handle: Handle = account.handle.parse().map_err(|error| unreadable(&error))?;
        self.check_rules(&settings, realm, password, &email, &handle)?;
        let depth = settings.passwords(realm).history;
        let mut before = if depth > 0 {
            self.store().password_history().newest(account.org_id, account.id, depth).await?
        } else {
            Vec::new()
        };
        // The current one is never a new one, and is usually in the history too.
        if let Some(hash) = account.password_hash.clone().filter(|hash| !before.contains(hash)) {
            before.insert(0, hash);
        }
        if self.inner().passwords.is_one_of(password, before).await? {
            return Err(AccountsError::WeakPassword(vec![PasswordProblem::UsedBefore]));
        }
        Ok(self.inner().passwords.hash(password).await?)
    }

    async fn store_password(
        &self,
        account: &Account,
        hash: &str,
        must_change: bool,
        keep: Option<sluice_domain::SignInId>,
        action: &str,
        actor: &Actor,
    ) -> Result<(), AccountsError> {
        let (org, id, now) = (account.org_id, account.id, self.now());
        let tx = self.store().begin().await?;
        tx.accounts().set_password(org, id, hash, must_change, TokenId(self.clock().uuid()), now).await?;
        tx.one_time_tokens().consume_all(org, id, Kind::ResetPassword.as_str(), now).await?;
        let ended = tx.sessions().revoke_all(org, id, keep, "password_changed", now).await?;
        let detail = json!({ "sessions_ended": ended.len() });
        self.audit(&tx, org, actor, action, ("account", id), detail).await?;
        tx.commit().await?;
        self.inner().standings.forget_account(id);
        self.sessions_ended(org, id, &ended);
        self.send(org, &account.email, account.locale.as_deref(), &Message::PasswordChanged).await
    }

    /// Sends a link to a new address; the account has it once the link was opened. A taken address gets the
    /// same answer, and its owner a mail.
    pub async fn change_email(
        &self,
        identity: &Identity,
        email: &Email,
        password: &str,
        client: &Client,
    ) -> Result<(), AccountsError> {
        let account = self.confirm_password(identity.org, identity.account, password).await?.account;
        self.limit(Limited::MailFrom, &format!("{:?}", Network::from(client.address)))?;
        self.limit(Limited::MailTo, &email.normalized())?;
        let org = account.org_id;
        if let Some(other) = self.store().accounts().by_email(email).await? {
            if other.id == account.id {
                return Ok(());
            }
            let message = Message::AlreadyRegistered;
            return self.send(other.org_id, &other.email, other.locale.as_deref(), &message).await;
        }
        let kind = Kind::ChangeEmail;
        self.store().one_time_tokens().consume_all(org, account.id, kind.as_str(), self.now()).await?;
        let payload = json!({ "email": email.as_str() });
        let token = self.new_one_time(org, Some(account.id), kind, payload, CHANGE_EMAIL_WITHIN).await?;
        let link = self.link(org, "verify-email", &token).await?;
        let message = Message::ChangeEmail { link, hours: CHANGE_EMAIL_WITHIN / HOUR };
        self.send(org, email.as_str(), account.locale.as_deref(), &message).await?;
        let actor = identity.actor(client.address);
        self.audit_alone(org, &actor, "email.change_asked", ("account", account.id), json!({})).await
    }
}
