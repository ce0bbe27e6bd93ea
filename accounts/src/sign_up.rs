//! Making an account, and showing that its address is one's own.

use serde_json::json;
use sluice_domain::{
    AccountId, DisplayName, DocumentId, Email, Handle, OrgId, Realm, Redacted, Role, TokenId,
};
use sluice_store::{Account, LegalAcceptance, NewAccount, OneTimeToken, Taken};

use crate::accounts::Accounts;
use crate::clock::{DAY, HOUR};
use crate::error::AccountsError;
use crate::identity::{Actor, ActorKind, Client};
use crate::mail::Message;
use crate::one_time::Kind;
use crate::password::policy::PasswordProblem;
use crate::settings::{EmailVerification, OrgSettings, SignUpMode, realm_of};
use crate::sign_in::Tokens;
use crate::throttle::{Limited, Network};

/// What somebody types to make an account.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// The address.
    pub email: Email,
    /// The password.
    pub password: Redacted<String>,
    /// The handle.
    pub handle: Handle,
    /// The name that others see.
    pub display_name: DisplayName,
    /// The language of the mails.
    pub locale: Option<String>,
    /// The terms that were accepted.
    pub terms_document: Option<DocumentId>,
    /// The token of an invitation.
    pub invite: Option<Redacted<String>>,
    /// What the device calls itself.
    pub device: String,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum SignedUp {
    /// The account is there and signed in.
    Done(Box<Tokens>),
    /// A mail was sent: to verify the address, or to say that there is an account already. The answer is
    /// the same, so that nobody learns from it who has one.
    MailSent,
    /// An administrator has to let them in.
    WaitsForApproval,
}

/// How long the link in a mail to a new address is good.
const VERIFY_WITHIN: i64 = DAY;
/// Why an account is disabled that waits for an administrator.
pub const WAITS_FOR_APPROVAL: &str = "waits_for_approval";

impl Accounts {
    /// Makes an account, as far as the organisation lets everybody.
    ///
    /// Where addresses are verified, a taken address gets the same answer after the same work. Where they
    /// are not, the new account is signed in at once, which cannot be done for somebody else's: there, and
    /// only there, a taken address is told.
    pub async fn sign_up(&self, sign_up: &SignUp, client: &Client) -> Result<SignedUp, AccountsError> {
        self.limit(Limited::SignUp, &format!("{:?}", Network::from(client.address)))?;
        let invite = self.invitation_for(sign_up).await?;
        let org = match &invite {
            Some(invite) => invite.org_id,
            None => self.home().await?.id,
        };
        let settings = self.settings(org).await?.settings;
        if matches!(settings.signup_mode, SignUpMode::Closed | SignUpMode::Invite) && invite.is_none() {
            return Err(AccountsError::SignUpClosed);
        }
        let role = invite.as_ref().map_or(Role::Viewer, role_of_invitation);
        let realm = realm_of(role);
        let password = sign_up.password.expose();
        self.check_rules(&settings, realm, password, &sign_up.email, &sign_up.handle)?;
        let terms = self.store().legal().current(org, "terms", self.now()).await?.map(|terms| terms.id);
        if terms.is_some() && terms != sign_up.terms_document {
            return Err(AccountsError::TermsRequired);
        }
        if self.store().accounts().by_handle(org, &sign_up.handle).await?.is_some() {
            return Err(AccountsError::AlreadyExists(Taken::Handle));
        }
        let hash = self.inner().passwords.hash(password).await?;
        let verification = match (&invite, settings.verification(self.has_mail())) {
            // The link came by mail, or from an administrator.
            (Some(_), _) => EmailVerification::Off,
            (None, verification) => verification,
        };
        let new = NewAccount {
            id: AccountId(self.clock().uuid()),
            email: sign_up.email.clone(),
            email_verified_at: invite.is_some().then(|| self.now()),
            handle: sign_up.handle.clone(),
            display_name: sign_up.display_name.to_string(),
            realm,
            password_hash: Some(hash),
            must_change_password: false,
            locale: sign_up.locale.clone(),
            role,
        };
        let waits = invite.is_none() && settings.signup_mode == SignUpMode::Approval;
        match self.make_account(org, &new, terms, invite.as_ref(), waits, client).await {
            Ok(()) => {}
            Err(AccountsError::AlreadyExists(Taken::Email))
                if verification == EmailVerification::Required =>
            {
                self.tell_owner(&sign_up.email).await?;
                return Ok(SignedUp::MailSent);
            }
            Err(error) => return Err(error),
        }
        if verification != EmailVerification::Off {
            let account = self.store().accounts().by_id(org, new.id).await?;
            self.send_verification(&account).await?;
        }
        if verification == EmailVerification::Required {
            return Ok(SignedUp::MailSent);
        }
        if waits {
            return Ok(SignedUp::WaitsForApproval);
        }
        let tokens = self.open_session(org, new.id, &sign_up.device, None, false, client).await?;
        Ok(SignedUp::Done(Box::new(tokens)))
    }

    async fn make_account(
        &self,
        org: OrgId,
        new: &NewAccount,
        terms: Option<DocumentId>,
        invite: Option<&OneTimeToken>,
        waits: bool,
        client: &Client,
    ) -> Result<(), AccountsError> {
        let now = self.now();
        let tx = self.store().begin().await?;
        if let Some(invite) = invite
            && !tx.one_time_tokens().consume(org, invite.id, now).await?
        {
            return Err(AccountsError::TokenUsed);
        }
        let account = tx.accounts().create_with_membership(org, new, now).await?;
        if let Some(hash) = &new.password_hash {
            tx.password_history().add(org, new.id, TokenId(self.clock().uuid()), hash, now).await?;
        }
        if let Some(terms) = terms {
            let acceptance = acceptance(org, new.id, terms, client, now);
            tx.legal().accept(&acceptance).await?;
        }
        if waits {
            let disabled = Some((now, Some(WAITS_FOR_APPROVAL)));
            let tier = (account.tier, account.tier_expires_at);
            tx.accounts().update_standing(org, new.id, account.version, disabled, tier, now).await?;
        }
        let actor = Actor::account(new.id, client.address);
        let detail = json!({ "role": new.role, "terms": terms, "invited": invite.is_some() });
        self.audit(&tx, org, &actor, "account.created", ("account", new.id), detail).await?;
        Ok(tx.commit().await?)
    }

    /// The rules for a new password, as far as they need no store.
    pub(crate) fn check_rules(
        &self,
        settings: &OrgSettings,
        realm: Realm,
        password: &str,
        email: &Email,
        handle: &Handle,
    ) -> Result<(), AccountsError> {
        let problems: Vec<PasswordProblem> =
            settings.passwords(realm).problems(password, email, handle, &self.inner().common);
        if problems.is_empty() { Ok(()) } else { Err(AccountsError::WeakPassword(problems)) }
    }

    async fn invitation_for(&self, sign_up: &SignUp) -> Result<Option<OneTimeToken>, AccountsError> {
        let Some(text) = &sign_up.invite else { return Ok(None) };
        let invite = self.find_one_time(Kind::Invite, text.expose()).await?;
        let invited = invite.payload_json["email"].as_str().unwrap_or_default();
        if invited == sign_up.email.normalized() {
            Ok(Some(invite))
        } else {
            Err(AccountsError::TokenInvalid)
        }
    }

    /// Somebody tried to sign up with the address of an account: its owner hears of it, nobody else.
    async fn tell_owner(&self, email: &Email) -> Result<(), AccountsError> {
        let Some(account) = self.store().accounts().by_email(email).await? else { return Ok(()) };
        if self.limit(Limited::MailTo, &account.email_norm).is_err() {
            return Ok(());
        }
        self.send(account.org_id, &account.email, account.locale.as_deref(), &Message::AlreadyRegistered)
            .await
    }

    async fn send_verification(&self, account: &Account) -> Result<(), AccountsError> {
        let org = account.org_id;
        self.store()
            .one_time_tokens()
            .consume_all(org, account.id, Kind::VerifyEmail.as_str(), self.now())
            .await?;
        let payload = json!({ "email": account.email_norm });
        let token =
            self.new_one_time(org, Some(account.id), Kind::VerifyEmail, payload, VERIFY_WITHIN).await?;
        let link = self.link(org, "verify-email", &token).await?;
        let message = Message::VerifyEmail { link, hours: VERIFY_WITHIN / HOUR };
        self.send(org, &account.email, account.locale.as_deref(), &message).await
    }

    /// Sends the mail again. Says the same whether there is such an account or not.
    pub async fn resend_verification(&self, email: &str, client: &Client) -> Result<(), AccountsError> {
        self.limit(Limited::MailFrom, &format!("{:?}", Network::from(client.address)))?;
        let Ok(email) = email.parse::<Email>() else { return Ok(()) };
        if self.limit(Limited::MailTo, &email.normalized()).is_err() {
            return Ok(());
        }
        match self.store().accounts().by_email(&email).await? {
            Some(account) if account.email_verified_at.is_none() && account.disabled_at.is_none() => {
                self.send_verification(&account).await
            }
            _ => Ok(()),
        }
    }

    /// Takes the token of a mail: the address is verified, or becomes the account's new one.
    pub async fn verify_email(&self, token: &str, client: &Client) -> Result<(), AccountsError> {
        self.limit(Limited::Token, &format!("{:?}", Network::from(client.address)))?;
        let (kind, found) = match self.find_one_time(Kind::VerifyEmail, token).await {
            Err(AccountsError::TokenInvalid) => {
                (Kind::ChangeEmail, self.find_one_time(Kind::ChangeEmail, token).await?)
            }
            other => (Kind::VerifyEmail, other?),
        };
        let (org, id) = (found.org_id, found.account_id.ok_or(AccountsError::TokenInvalid)?);
        let account = self.store().accounts().member(org, id).await?.account;
        let now = self.now();
        let actor = Actor { kind: ActorKind::Account(id), address: Some(client.address) };
        let tx = self.store().begin().await?;
        if !tx.one_time_tokens().consume(org, found.id, now).await? {
            return Err(AccountsError::TokenUsed);
        }
        if kind == Kind::VerifyEmail {
            // The mail was sent to an address that the account has no more.
            if found.payload_json["email"].as_str() != Some(&account.email_norm) {
                return Err(AccountsError::TokenInvalid);
            }
            tx.accounts().set_email_verified(org, id, now).await?;
            self.audit(&tx, org, &actor, "email.verified", ("account", id), json!({})).await?;
        } else {
            let email = found.payload_json["email"].as_str().and_then(|email| email.parse::<Email>().ok());
            let email = email.ok_or(AccountsError::TokenInvalid)?;
            tx.accounts().set_email(org, id, &email, now).await?;
            self.audit(&tx, org, &actor, "email.changed", ("account", id), json!({})).await?;
        }
        tx.commit().await?;
        self.inner().standings.forget_account(id);
        if kind == Kind::ChangeEmail {
            let message = Message::EmailChanged;
            self.send(org, &account.email, account.locale.as_deref(), &message).await?;
        }
        Ok(())
    }

    /// Notes that somebody accepted a version of the terms.
    pub async fn accept_terms(
        &self,
        org: OrgId,
        account: AccountId,
        document: DocumentId,
        client: &Client,
    ) -> Result<(), AccountsError> {
        let actor = Actor::account(account, client.address);
        let tx = self.store().begin().await?;
        tx.legal().by_id(org, document).await?;
        tx.legal().accept(&acceptance(org, account, document, client, self.now())).await?;
        let detail = json!({ "document": document });
        self.audit(&tx, org, &actor, "terms.accepted", ("account", account), detail).await?;
        Ok(tx.commit().await?)
    }
}

fn acceptance(
    org: OrgId,
    account: AccountId,
    document: DocumentId,
    client: &Client,
    now: i64,
) -> LegalAcceptance {
    let address = Some(client.address.to_canonical().to_string());
    LegalAcceptance { org_id: org, account_id: account, document_id: document, accepted_at: now, address }
}

fn role_of_invitation(invite: &OneTimeToken) -> Role {
    invite.payload_json["role"].as_str().and_then(|role| role.parse().ok()).unwrap_or(Role::Viewer)
}
