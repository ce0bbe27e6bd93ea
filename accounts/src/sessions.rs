//! Sessions: refreshing them, ending them, and noticing when their token was stolen.

use serde_json::json;
use sluice_domain::{AccountId, OrgId, SignInId};
use sluice_store::{Member, Refreshed, Session, StoreError};

use crate::accounts::Accounts;
use crate::clock::SECOND;
use crate::error::AccountsError;
use crate::event::AccountsEvent;
use crate::identity::{Actor, Client, Identity};
use crate::secrets::{NewSecret, lookup_hash};
use crate::sign_in::Tokens;
use crate::throttle::{Limited, Network};

/// Two tabs that wake up together send the same token; the second one is no thief. More would give a real
/// thief longer for one access token; less would end sessions on slow connections.
const GRACE: i64 = 10 * SECOND;

impl Accounts {
    /// A new access token for a refresh token, and the next refresh token. A token that comes back after it
    /// was used is in two hands: its session ends, whoever presented it.
    pub async fn refresh(&self, refresh_token: &str, client: &Client) -> Result<Tokens, AccountsError> {
        self.limit(Limited::Token, &format!("{:?}", Network::from(client.address)))?;
        let now = self.now();
        let found = self.store().refresh_tokens().by_hash(&lookup_hash(refresh_token)).await?;
        let (token, session) = found.ok_or(AccountsError::SessionEnded)?;
        if !session.is_active(now) {
            return Err(AccountsError::SessionEnded);
        }
        let (org, account) = (session.org_id, session.account_id);
        let member = match self.store().accounts().member(org, account).await {
            Err(StoreError::NotFound) => return Err(AccountsError::SessionEnded),
            other => other?,
        };
        if member.account.disabled_at.is_some() {
            return Err(AccountsError::AccountDisabled);
        }
        // The limits of the role now: a session that began as a viewer's is not an administrator's for weeks.
        let limits = self.config().sessions_of(member.role);
        if now >= session.created_at.saturating_add(limits.absolute_seconds.saturating_mul(1000))
            || now >= session.last_seen_at.saturating_add(limits.idle_seconds.saturating_mul(1000))
        {
            return Err(AccountsError::SessionEnded);
        }
        if let Some(used_at) = token.used_at {
            return self.used_again(used_at, member, session, client).await;
        }
        let secret = NewSecret::token();
        let next = self.refresh_record(&session, &secret);
        match self.store().refresh_tokens().rotate(org, token.id, &next, now).await {
            Ok(Refreshed::Rotated) => {}
            Ok(Refreshed::UsedAt(used_at)) => return self.used_again(used_at, member, session, client).await,
            // The session ended between the two statements.
            Err(StoreError::NotFound) => return Err(AccountsError::SessionEnded),
            Err(error) => return Err(error.into()),
        }
        let address = client.address.to_canonical().to_string();
        self.store().sessions().touch(org, session.id, &address, &client.user_agent, now).await?;
        let tokens = self.tokens_of(member, &session);
        Ok(Tokens { refresh_token: Some(secret.text), ..tokens })
    }

    async fn used_again(
        &self,
        used_at: i64,
        member: Member,
        session: Session,
        client: &Client,
    ) -> Result<Tokens, AccountsError> {
        let now = self.now();
        if now - used_at <= GRACE {
            return Ok(self.tokens_of(member, &session));
        }
        let (org, account) = (session.org_id, session.account_id);
        let actor = Actor { kind: crate::identity::ActorKind::System, address: Some(client.address) };
        let tx = self.store().begin().await?;
        tx.sessions().revoke(org, session.id, "token_reused", now).await?;
        let detail = json!({ "session": session.id, "used_ms_ago": now - used_at });
        self.audit(&tx, org, &actor, "refresh_token.reused", ("account", account), detail).await?;
        tx.commit().await?;
        self.session_ended(org, account, session.id);
        Err(AccountsError::SessionEnded)
    }

    fn tokens_of(&self, member: Member, session: &Session) -> Tokens {
        Tokens {
            access_token: self.access_token(&member, session.id),
            expires_in: self.config().access_token_seconds,
            refresh_token: None,
            refresh_expires_at: session.expires_at,
            device_token: None,
            session: session.id,
            member,
        }
    }

    /// Ends the session of a refresh token. A token that is not known is no error: what was wanted is so.
    pub async fn sign_out(&self, refresh_token: &str, client: &Client) -> Result<(), AccountsError> {
        self.limit(Limited::Token, &format!("{:?}", Network::from(client.address)))?;
        let found = self.store().refresh_tokens().by_hash(&lookup_hash(refresh_token)).await?;
        let Some((_, session)) = found else { return Ok(()) };
        let actor = Actor::account(session.account_id, client.address);
        self.end_session(&actor, session.org_id, session.account_id, session.id, "signed_out").await.map(drop)
    }

    /// The sessions of an account that hold, most recent first.
    pub async fn sessions(&self, org: OrgId, account: AccountId) -> Result<Vec<Session>, AccountsError> {
        Ok(self.store().sessions().active_of(org, account, self.now()).await?)
    }

    /// Ends one of somebody's own sessions.
    pub async fn revoke_session(
        &self,
        identity: &Identity,
        session: SignInId,
        actor: &Actor,
    ) -> Result<(), AccountsError> {
        let found = self.store().sessions().by_id(identity.org, session).await?;
        if found.account_id != identity.account {
            return Err(AccountsError::NotFound);
        }
        let ended = self.end_session(actor, identity.org, identity.account, session, "revoked").await?;
        if ended { Ok(()) } else { Err(AccountsError::NotFound) }
    }

    /// Ends all sessions of an account but one. How many.
    pub async fn revoke_sessions(
        &self,
        org: OrgId,
        account: AccountId,
        except: Option<SignInId>,
        actor: &Actor,
    ) -> Result<usize, AccountsError> {
        let tx = self.store().begin().await?;
        let ended = tx.sessions().revoke_all(org, account, except, "revoked", self.now()).await?;
        let detail = json!({ "count": ended.len() });
        self.audit(&tx, org, actor, "sessions.revoked", ("account", account), detail).await?;
        tx.commit().await?;
        self.sessions_ended(org, account, &ended);
        Ok(ended.len())
    }

    async fn end_session(
        &self,
        actor: &Actor,
        org: OrgId,
        account: AccountId,
        session: SignInId,
        reason: &str,
    ) -> Result<bool, AccountsError> {
        let tx = self.store().begin().await?;
        let ended = tx.sessions().revoke(org, session, reason, self.now()).await?;
        if ended {
            let detail = json!({ "reason": reason, "account": account });
            self.audit(&tx, org, actor, "session.ended", ("session", session), detail).await?;
        }
        tx.commit().await?;
        self.session_ended(org, account, session);
        Ok(ended)
    }

    /// Access tokens of these sessions are worthless on this node from now on.
    pub(crate) fn sessions_ended(&self, org: OrgId, account: AccountId, sessions: &[SignInId]) {
        for session in sessions {
            self.session_ended(org, account, *session);
        }
    }

    pub(crate) fn session_ended(&self, org: OrgId, account: AccountId, session: SignInId) {
        self.inner().standings.put_session(session, false, self.now());
        self.announce(AccountsEvent::SessionRevoked { org, account, session });
    }
}
