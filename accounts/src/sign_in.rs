//! Signing in: password, then perhaps a second factor, then a session.

use serde_json::json;
use sluice_domain::{AccountId, Email, OrgId, Redacted, SignInId, TokenId};
use sluice_store::{Account, Member, RefreshToken, Session};

use crate::accounts::Accounts;
use crate::clock::{DAY, MINUTE};
use crate::error::AccountsError;
use crate::identity::{Actor, ActorKind, Client};
use crate::one_time::Kind;
use crate::password::Checked;
use crate::secrets::{NewSecret, lookup_hash, random_bytes};
use crate::settings::{EmailVerification, realm_of_member};
use crate::throttle::{AccountKey, Limited, Network, Origin};
use crate::tokens::{AccessClaims, Audience, DeviceClaims, TokenUse};

/// What somebody types to sign in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The email address.
    pub email: String,
    /// The password.
    pub password: Redacted<String>,
    /// What the device calls itself, for the list of sessions.
    pub device: String,
    /// The device token of an earlier sign-in, if the browser kept one.
    pub device_token: Option<Redacted<String>>,
}

/// How far signing in got.
#[derive(Debug, Clone)]
pub enum SignedIn {
    /// All the way.
    Done(Box<Tokens>),
    /// The password was right; a code is needed.
    MfaRequired {
        /// What [`Accounts::second_factor`] takes.
        mfa_token: Redacted<String>,
    },
}

/// What somebody gets who has signed in.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Goes into every request.
    pub access_token: Redacted<String>,
    /// Seconds until it ends.
    pub expires_in: i64,
    /// Goes into the cookie `sluice_refresh`. `None` leaves the cookie as it is: another tab has just
    /// got the next one.
    pub refresh_token: Option<Redacted<String>>,
    /// When the cookie ends.
    pub refresh_expires_at: i64,
    /// Goes into the cookie `sluice_device`, for a year; it survives signing out. `None` leaves it.
    pub device_token: Option<Redacted<String>>,
    /// The session.
    pub session: SignInId,
    /// Who signed in.
    pub member: Member,
}

/// How long a device is known. It only makes failures of strangers not count against it.
const DEVICE_SECONDS: i64 = 365 * 24 * 3600;
/// How long a password that was right waits for its code.
const MFA_WAITS: i64 = 10 * MINUTE;
/// Longest name of a device.
const MAX_DEVICE: usize = 100;

impl Accounts {
    /// Checks email and password. Unknown accounts take as long as known ones.
    pub async fn sign_in(&self, attempt: &SignIn, client: &Client) -> Result<SignedIn, AccountsError> {
        let now = self.now();
        let account = match attempt.email.parse::<Email>() {
            Ok(email) => self.store().accounts().by_email(&email).await?,
            Err(_) => None,
        };
        let key = account.as_ref().map_or_else(
            || AccountKey::Unknown(lookup_hash(&attempt.email.to_lowercase())),
            |account| AccountKey::Known(account.id),
        );
        let network = Network::from(client.address);
        let (origin, device) = self.origin(account.as_ref(), attempt.device_token.as_ref(), network);
        let throttle = &self.inner().throttle;
        throttle
            .try_sign_in(&key, &origin, network, now)
            .map_err(|retry_after_ms| AccountsError::RateLimited { retry_after_ms })?;

        let org = account.as_ref().map(|account| account.org_id);
        let hash = account.as_ref().and_then(|account| account.password_hash.as_deref());
        let checked = self.inner().passwords.check(attempt.password.expose(), hash).await?;
        let (Some(account), Checked::Right { outdated }) = (account, checked) else {
            self.note_failure(org, &key, client).await?;
            return Err(AccountsError::InvalidCredentials);
        };
        throttle.succeeded(&key, &origin, network, now);
        self.may_sign_in(&account).await?;
        if outdated {
            self.rehash(&account, attempt.password.expose()).await?;
        }
        let name: String =
            Client::new(client.address, &attempt.device).user_agent.chars().take(MAX_DEVICE).collect();
        if self.second_factor_of(account.org_id, account.id).await? {
            let payload = json!({ "device": name, "known": device });
            let token =
                self.new_one_time(account.org_id, Some(account.id), Kind::Mfa, payload, MFA_WAITS).await?;
            return Ok(SignedIn::MfaRequired { mfa_token: token });
        }
        self.password_is_current(&self.store().accounts().member(account.org_id, account.id).await?).await?;
        let tokens = self.open_session(account.org_id, account.id, &name, device, false, client).await?;
        Ok(SignedIn::Done(Box::new(tokens)))
    }

    /// Checks the code of the authenticator app, or a backup code, after a right password.
    pub async fn second_factor(
        &self,
        mfa_token: &str,
        code: &str,
        client: &Client,
    ) -> Result<Tokens, AccountsError> {
        let token = self.find_one_time(Kind::Mfa, mfa_token).await?;
        let (org, account) = (token.org_id, token.account_id.ok_or(AccountsError::TokenInvalid)?);
        // For the token, so that a thief of a password has five tries; and for the account from this network,
        // so that he does not get five more with each new token, and does not use up those of the owner.
        self.limit(Limited::SecondFactor, &token.id.to_string())?;
        self.limit(Limited::SecondFactor, &format!("{account}@{:?}", Network::from(client.address)))?;
        let member = self.store().accounts().member(org, account).await?;
        self.may_sign_in(&member.account).await?;
        self.check_code(org, account, code, &Actor::account(account, client.address)).await?;
        self.use_one_time(&token).await?;
        self.password_is_current(&member).await?;
        let device = token.payload_json["device"].as_str().unwrap_or_default().to_owned();
        let known = token.payload_json["known"].as_str().map(str::to_owned);
        self.open_session(org, account, &device, known, true, client).await
    }

    /// Whether a password is the account's, for somebody who is signed in and does something weighty.
    pub(crate) async fn confirm_password(
        &self,
        org: OrgId,
        account: AccountId,
        password: &str,
    ) -> Result<Member, AccountsError> {
        self.limit(Limited::Confirm, &account.to_string())?;
        let member = self.store().accounts().member(org, account).await?;
        match self.inner().passwords.check(password, member.account.password_hash.as_deref()).await? {
            Checked::Right { .. } => Ok(member),
            Checked::Wrong => Err(AccountsError::InvalidCredentials),
        }
    }

    /// A device that shows that it has signed in to this account before, or the network. Also the id of
    /// such a device.
    fn origin(
        &self,
        account: Option<&Account>,
        device_token: Option<&Redacted<String>>,
        network: Network,
    ) -> (Origin, Option<String>) {
        let claims = device_token
            .and_then(|token| self.ring().verify::<DeviceClaims>(token.expose(), self.now()).ok())
            .filter(|claims| account.is_some_and(|account| account.id == claims.sub));
        match claims {
            Some(claims) => (Origin::Device(claims.jti.clone()), Some(claims.jti)),
            None => (Origin::Network(network), None),
        }
    }

    async fn may_sign_in(&self, account: &Account) -> Result<(), AccountsError> {
        if account.disabled_at.is_some() {
            return Err(AccountsError::AccountDisabled);
        }
        let settings = self.settings(account.org_id).await?.settings;
        let required = settings.verification(self.has_mail()) == EmailVerification::Required;
        if required && account.email_verified_at.is_none() {
            return Err(AccountsError::EmailUnverified);
        }
        Ok(())
    }

    /// Whoever has shown everything else, but with a password that has expired, gets a token for a new one.
    async fn password_is_current(&self, member: &Member) -> Result<(), AccountsError> {
        let account = &member.account;
        let expires_at = self.password_expires_at(member).await?;
        if !account.must_change_password && expires_at.is_none_or(|end| self.now() < end) {
            return Ok(());
        }
        let org = account.org_id;
        let token =
            self.new_one_time(org, Some(account.id), Kind::ResetPassword, json!({}), 30 * MINUTE).await?;
        Err(AccountsError::PasswordExpired { reset_token: token })
    }

    /// When the password of an account expires, if it does (R14).
    pub async fn password_expires_at(&self, member: &Member) -> Result<Option<i64>, AccountsError> {
        let settings = self.settings(member.account.org_id).await?.settings;
        let days = settings.passwords(realm_of_member(member)).expires_after_days;
        Ok(member.account.password_changed_at.zip(days).map(|(at, days)| at + i64::from(days) * DAY))
    }

    /// Written for accounts that do not exist too, so that both take as long and guessing is seen.
    async fn note_failure(
        &self,
        org: Option<OrgId>,
        key: &AccountKey,
        client: &Client,
    ) -> Result<(), AccountsError> {
        let org = match org {
            Some(org) => org,
            None => self.home().await?.id,
        };
        let actor = Actor { kind: ActorKind::System, address: Some(client.address) };
        let (kind, target) = match key {
            AccountKey::Known(id) => ("account", id.to_string()),
            AccountKey::Unknown(hash) => ("unknown_email", hash.chars().take(16).collect()),
        };
        self.audit_alone(org, &actor, "sign_in.failed", (kind, target), json!({})).await
    }

    async fn rehash(&self, account: &Account, password: &str) -> Result<(), AccountsError> {
        let Some(old) = account.password_hash.as_deref() else { return Ok(()) };
        let new = self.inner().passwords.hash(password).await?;
        self.store().accounts().rehash_password(account.org_id, account.id, old, &new).await?;
        Ok(())
    }

    /// Begins a session; ends the oldest ones where there are too many.
    pub(crate) async fn open_session(
        &self,
        org: OrgId,
        id: AccountId,
        device: &str,
        known_device: Option<String>,
        with_mfa: bool,
        client: &Client,
    ) -> Result<Tokens, AccountsError> {
        let now = self.now();
        let member = self.store().accounts().member(org, id).await?;
        let limits = self.config().sessions_of(member.role);
        let session = Session {
            id: SignInId(self.clock().uuid()),
            org_id: org,
            account_id: id,
            device: device.to_owned(),
            user_agent: client.user_agent.clone(),
            address: client.address.to_canonical().to_string(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + limits.absolute_seconds * 1000,
            idle_seconds: limits.idle_seconds,
            mfa_at: with_mfa.then_some(now),
            revoked_at: None,
            revoked_reason: None,
        };
        let secret = NewSecret::token();
        let refresh = self.refresh_record(&session, &secret);
        let actor = Actor::account(id, client.address);
        let tx = self.store().begin().await?;
        let mut ended = Vec::new();
        if let Some(most) = limits.concurrent {
            // Who was seen last comes first; those behind make room.
            for old in tx.sessions().active_of(org, id, now).await?.into_iter().skip(most.saturating_sub(1)) {
                tx.sessions().revoke(org, old.id, "too_many", now).await?;
                ended.push(old.id);
            }
        }
        tx.sessions().create(&session).await?;
        tx.refresh_tokens().create(&refresh).await?;
        tx.accounts().set_last_login(org, id, now).await?;
        let detail = json!({ "session": session.id, "mfa": with_mfa, "made_room": ended });
        self.audit(&tx, org, &actor, "sign_in.succeeded", ("account", id), detail).await?;
        tx.commit().await?;
        for old in ended {
            self.session_ended(org, id, old);
        }
        let device_token = self.device_token(id, known_device);
        Ok(Tokens {
            access_token: self.access_token(&member, session.id),
            expires_in: self.config().access_token_seconds,
            refresh_token: Some(secret.text),
            refresh_expires_at: refresh.expires_at,
            device_token: Some(device_token),
            session: session.id,
            member,
        })
    }

    pub(crate) fn refresh_record(&self, session: &Session, secret: &NewSecret) -> RefreshToken {
        RefreshToken {
            id: TokenId(self.clock().uuid()),
            org_id: session.org_id,
            session_id: session.id,
            hash: secret.hash.clone(),
            created_at: self.now(),
            expires_at: session.expires_at,
            used_at: None,
        }
    }

    pub(crate) fn access_token(&self, member: &Member, session: SignInId) -> Redacted<String> {
        let now = self.now() / 1000;
        self.ring().sign(&AccessClaims {
            sub: member.account.id,
            email: member.account.email.clone(),
            groups: vec![member.role],
            role: member.role,
            organization: member.account.org_id,
            max_concurrent_streams: self.config().max_concurrent_streams,
            iat: now,
            exp: now + self.config().access_token_seconds,
            token_use: TokenUse::Access,
            aud: Audience::Access,
            sid: session,
            epoch: member.account.token_epoch,
        })
    }

    fn device_token(&self, account: AccountId, known: Option<String>) -> Redacted<String> {
        let now = self.now() / 1000;
        self.ring().sign(&DeviceClaims {
            sub: account,
            jti: known.unwrap_or_else(|| crate::secrets::hex(&random_bytes::<16>())),
            iat: now,
            exp: now + DEVICE_SECONDS,
            aud: Audience::Device,
        })
    }
}
