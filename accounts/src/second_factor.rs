//! The second factor of an account: setting it up, using it, taking it away.

use serde_json::json;
use sluice_domain::{AccountId, OrgId, Realm, Redacted, TokenId};
use sluice_store::Member;

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::identity::{Actor, Client, Identity};
use crate::seal::Place;
use crate::settings::realm_of_member;
use crate::throttle::Limited;
use crate::totp::{TotpSecret, backup_code_hash, backup_codes};

/// What an authenticator app needs.
#[derive(Debug, Clone)]
pub struct TotpSetUp {
    /// The secret, to type in.
    pub secret: Redacted<String>,
    /// The URL, to draw as a QR code.
    pub otpauth_url: Redacted<String>,
}

/// How the second factor of an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MfaState {
    /// Whether a code is asked for.
    pub totp: bool,
    /// How many backup codes are left.
    pub backup_codes_left: usize,
    /// Whether the organisation asks this account to have one.
    pub required: bool,
}

fn place(account: AccountId) -> Place {
    Place::new("totp", "sealed_secret", account)
}

impl Accounts {
    /// How the second factor of an account stands.
    pub async fn mfa_state(&self, org: OrgId, account: AccountId) -> Result<MfaState, AccountsError> {
        let member = self.store().accounts().member(org, account).await?;
        Ok(MfaState {
            totp: self.second_factor_of(org, account).await?,
            backup_codes_left: self.store().backup_codes().unused(org, account).await?.len(),
            required: self.needs_mfa(&member).await?,
        })
    }

    /// Whether the organisation asks an account for a second factor (R16).
    async fn needs_mfa(&self, member: &Member) -> Result<bool, AccountsError> {
        if realm_of_member(member) != Realm::Staff {
            return Ok(false);
        }
        Ok(self.settings(member.account.org_id).await?.settings.staff_mfa_required)
    }

    /// Whether an account must set one up before it does anything else.
    pub(crate) async fn lacks_mfa(&self, member: &Member) -> Result<bool, AccountsError> {
        let account = &member.account;
        Ok(self.needs_mfa(member).await? && !self.second_factor_of(account.org_id, account.id).await?)
    }

    /// Begins a set-up. It counts once a code was shown.
    pub async fn begin_totp(&self, identity: &Identity) -> Result<TotpSetUp, AccountsError> {
        let (org, id) = (identity.org, identity.account);
        let account = self.store().accounts().member(org, id).await?.account;
        let issuer = self.settings(org).await?.name;
        let secret = TotpSecret::generate();
        let sealed = self.master_keys().seal(&place(id), secret.as_bytes());
        self.store().totp().begin(org, id, &sealed).await?;
        Ok(TotpSetUp { secret: secret.to_base32(), otpauth_url: secret.otpauth_url(&issuer, &account.email) })
    }

    /// Ends a set-up with a code of the app. From now on a code is asked for; the backup codes are shown once.
    pub async fn confirm_totp(
        &self,
        identity: &Identity,
        code: &str,
        client: &Client,
    ) -> Result<Vec<Redacted<String>>, AccountsError> {
        let (org, id) = (identity.org, identity.account);
        self.limit(Limited::Confirm, &id.to_string())?;
        let totp = self.store().totp().of(org, id).await?.ok_or(AccountsError::NotFound)?;
        if totp.confirmed_at.is_some() {
            return Err(AccountsError::NotFound);
        }
        let step = self.open_totp(id, &totp.sealed_secret)?.step_of(code, self.now(), totp.last_step);
        let step = step.ok_or(AccountsError::MfaWrong)?;
        let (codes, records) = self.new_backup_codes();
        let tx = self.store().begin().await?;
        if !tx.totp().use_step(org, id, step).await? {
            return Err(AccountsError::MfaWrong);
        }
        tx.totp().confirm(org, id, self.now()).await?;
        tx.backup_codes().replace(org, id, &records).await?;
        let actor = identity.actor(client.address);
        self.audit(&tx, org, &actor, "mfa.enabled", ("account", id), json!({})).await?;
        if let Some(session) = identity.session() {
            tx.sessions().set_mfa(org, session, self.now()).await?;
        }
        tx.commit().await?;
        self.inner().standings.forget_account(id);
        Ok(codes)
    }

    /// Takes the second factor away, for somebody who knows the password and has a code.
    pub async fn disable_totp(
        &self,
        identity: &Identity,
        password: &str,
        code: &str,
        client: &Client,
    ) -> Result<(), AccountsError> {
        let (org, id) = (identity.org, identity.account);
        let actor = identity.actor(client.address);
        self.confirm_password(org, id, password).await?;
        self.check_code(org, id, code, &actor).await?;
        self.remove_second_factor(&actor, org, id).await
    }

    /// Takes the second factor of somebody away who has lost it; for operators.
    pub async fn remove_second_factor(
        &self,
        actor: &Actor,
        org: OrgId,
        account: AccountId,
    ) -> Result<(), AccountsError> {
        let tx = self.store().begin().await?;
        if !tx.totp().remove(org, account).await? {
            return Err(AccountsError::NotFound);
        }
        tx.backup_codes().remove(org, account).await?;
        self.audit(&tx, org, actor, "mfa.disabled", ("account", account), json!({})).await?;
        tx.commit().await?;
        self.inner().standings.forget_account(account);
        Ok(())
    }

    /// New backup codes in place of the old ones.
    pub async fn replace_backup_codes(
        &self,
        identity: &Identity,
        password: &str,
        client: &Client,
    ) -> Result<Vec<Redacted<String>>, AccountsError> {
        let (org, id) = (identity.org, identity.account);
        self.confirm_password(org, id, password).await?;
        if !self.second_factor_of(org, id).await? {
            return Err(AccountsError::NotFound);
        }
        let (codes, records) = self.new_backup_codes();
        let tx = self.store().begin().await?;
        tx.backup_codes().replace(org, id, &records).await?;
        let actor = identity.actor(client.address);
        self.audit(&tx, org, &actor, "mfa.backup_codes_replaced", ("account", id), json!({})).await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// Whether an account has a second factor that counts.
    pub(crate) async fn second_factor_of(
        &self,
        org: OrgId,
        account: AccountId,
    ) -> Result<bool, AccountsError> {
        let totp = self.store().totp().of(org, account).await?;
        Ok(totp.is_some_and(|totp| totp.confirmed_at.is_some()))
    }

    /// Takes a code of the app, or a backup code; each once.
    pub(crate) async fn check_code(
        &self,
        org: OrgId,
        account: AccountId,
        code: &str,
        actor: &Actor,
    ) -> Result<(), AccountsError> {
        let totp = self.store().totp().of(org, account).await?.ok_or(AccountsError::MfaWrong)?;
        let secret = self.open_totp(account, &totp.sealed_secret)?;
        if let Some(step) = secret.step_of(code, self.now(), totp.last_step)
            && self.store().totp().use_step(org, account, step).await?
        {
            return Ok(());
        }
        let hash = backup_code_hash(code);
        let unused = self.store().backup_codes().unused(org, account).await?;
        let found = unused.iter().find(|found| found.hash == hash);
        if let Some(found) = found
            && self.store().backup_codes().consume(org, found.id, self.now()).await?
        {
            let detail = json!({ "left": unused.len() - 1 });
            return self.audit_alone(org, actor, "mfa.backup_code_used", ("account", account), detail).await;
        }
        self.audit_alone(org, actor, "mfa.failed", ("account", account), json!({})).await?;
        Err(AccountsError::MfaWrong)
    }

    fn open_totp(&self, account: AccountId, sealed: &str) -> Result<TotpSecret, AccountsError> {
        let bytes = self.master_keys().open(&place(account), sealed)?;
        TotpSecret::from_bytes(bytes.expose()).ok_or_else(|| crate::seal::SealError::Refused.into())
    }

    fn new_backup_codes(&self) -> (Vec<Redacted<String>>, Vec<(TokenId, String)>) {
        let codes = backup_codes();
        let record =
            |code: &Redacted<String>| (TokenId(self.clock().uuid()), backup_code_hash(code.expose()));
        let records = codes.iter().map(record).collect();
        (codes, records)
    }
}
