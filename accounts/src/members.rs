//! What administrators do to other people's accounts, and what people do to their own as a whole.

use serde_json::{Value, json};
use sluice_domain::{AccountId, DisplayName, Email, Handle, OrgId, Redacted, Role, Tier};
use sluice_store::{Member, Taken, Tx};

use crate::accounts::Accounts;
use crate::clock::DAY;
use crate::error::AccountsError;
use crate::event::AccountsEvent;
use crate::identity::{Actor, Client, Identity};
use crate::mail::Message;
use crate::one_time::Kind;

/// What an administrator changes about an account; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberChange {
    /// The role.
    pub role: Option<Role>,
    /// Whether the account may not be used.
    pub disabled: Option<bool>,
    /// Why.
    pub disabled_reason: Option<String>,
    /// The tier and when it ends.
    pub tier: Option<(Tier, Option<i64>)>,
    /// Where in the organisation it belongs.
    pub department: Option<Option<String>>,
    /// What it may see, in the organisation's own words.
    pub access_level: Option<Option<String>>,
}

/// Whom an administrator invites.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// To which address.
    pub email: Email,
    /// Under which name, as a suggestion.
    pub display_name: Option<DisplayName>,
    /// With which handle, as a suggestion.
    pub handle: Option<Handle>,
    /// What they will be.
    pub role: Role,
}

/// How long an invitation is good.
const INVITED_FOR: i64 = 7 * DAY;

impl Accounts {
    /// Changes an account, if nobody else did since that version.
    pub async fn change_member(
        &self,
        actor: &Actor,
        org: OrgId,
        id: AccountId,
        version: i64,
        change: &MemberChange,
    ) -> Result<Member, AccountsError> {
        let now = self.now();
        let tx = self.store().begin().await?;
        let before = tx.accounts().member(org, id).await?;
        let account = &before.account;
        let disabled = match change.disabled {
            Some(true) => Some((account.disabled_at.unwrap_or(now), change.disabled_reason.as_deref())),
            Some(false) => None,
            None => account.disabled_at.map(|at| (at, account.disabled_reason.as_deref())),
        };
        let tier = change.tier.unwrap_or((account.tier, account.tier_expires_at));
        let mut after = tx.accounts().update_standing(org, id, version, disabled, tier, now).await?;
        if let Some(role) = change.role.filter(|role| *role != before.role) {
            tx.memberships().set_role(org, id, role).await?;
            // Access tokens name the role.
            after = tx.accounts().touch(org, id, after.version, now).await?;
        }
        if change.department.is_some() || change.access_level.is_some() {
            let department = change.department.clone().unwrap_or(before.department.clone());
            let access_level = change.access_level.clone().unwrap_or(before.access_level.clone());
            tx.memberships().set_place(org, id, access_level.as_deref(), department.as_deref()).await?;
        }
        let newly_disabled = account.disabled_at.is_none() && after.disabled_at.is_some();
        let demoted = before.role == Role::Admin && change.role.is_some_and(|role| role != Role::Admin);
        if before.role == Role::Admin && (newly_disabled || demoted) {
            keeps_an_admin(&tx, org).await?;
        }
        let mut ended = Vec::new();
        if newly_disabled {
            ended = tx.sessions().revoke_all(org, id, None, "account_disabled", now).await?;
        }
        let detail = json!({
            "role": change.role,
            "disabled": change.disabled,
            "reason": change.disabled_reason,
            "tier": change.tier.map(|(tier, _)| tier),
            "department": change.department,
            "access_level": change.access_level,
        });
        self.audit(&tx, org, actor, "account.changed", ("account", id), detail).await?;
        let member = tx.accounts().member(org, id).await?;
        tx.commit().await?;
        self.inner().standings.forget_account(id);
        self.sessions_ended(org, id, &ended);
        self.announce(if newly_disabled {
            AccountsEvent::AccountDisabled { org, account: id }
        } else {
            AccountsEvent::AccountChanged { org, account: id }
        });
        Ok(member)
    }

    /// Makes a viewer a creator, where the organisation lets everybody (`POST /me/channel`).
    pub async fn become_creator(
        &self,
        identity: &Identity,
        client: &Client,
    ) -> Result<Member, AccountsError> {
        if !self.settings(identity.org).await?.settings.anyone_may_stream {
            return Err(AccountsError::PermissionDenied);
        }
        let member = self.store().accounts().member(identity.org, identity.account).await?;
        if member.role >= Role::Creator {
            return Ok(member);
        }
        let change = MemberChange { role: Some(Role::Creator), ..MemberChange::default() };
        let actor = identity.actor(client.address);
        self.change_member(&actor, identity.org, identity.account, member.account.version, &change).await
    }

    /// Invites somebody: a mail where there is a mail server, and the link for whoever invites.
    pub async fn invite(
        &self,
        actor: &Actor,
        org: OrgId,
        invitation: &Invitation,
    ) -> Result<Redacted<String>, AccountsError> {
        if self.store().accounts().by_email(&invitation.email).await?.is_some() {
            return Err(AccountsError::AlreadyExists(Taken::Email));
        }
        let payload = json!({
            "email": invitation.email.normalized(),
            "display_name": invitation.display_name,
            "handle": invitation.handle,
            "role": invitation.role,
        });
        let token = self.new_one_time(org, None, Kind::Invite, payload, INVITED_FOR).await?;
        let link = self.link(org, "sign-up", &token).await?;
        let organisation = self.settings(org).await?.name;
        let message = Message::Invite { link: link.clone(), organisation, days: INVITED_FOR / DAY };
        self.send(org, invitation.email.as_str(), None, &message).await?;
        let detail = json!({ "email": invitation.email.masked(), "role": invitation.role });
        self.audit_alone(org, actor, "account.invited", ("organisation", org), detail).await?;
        Ok(link)
    }

    /// What an invitation suggests: email, display_name, handle and role, as JSON.
    pub async fn invitation(&self, token: &str) -> Result<Value, AccountsError> {
        Ok(self.find_one_time(Kind::Invite, token).await?.payload_json)
    }

    /// Deletes somebody's own account (R30). It is marked as deleted at once; nobody finds it any more.
    pub async fn delete_own_account(
        &self,
        identity: &Identity,
        password: &str,
        client: &Client,
    ) -> Result<(), AccountsError> {
        self.confirm_password(identity.org, identity.account, password).await?;
        self.delete_account(&identity.actor(client.address), identity.org, identity.account).await
    }

    /// Deletes an account; for operators.
    pub async fn delete_account(
        &self,
        actor: &Actor,
        org: OrgId,
        id: AccountId,
    ) -> Result<(), AccountsError> {
        let now = self.now();
        let tx = self.store().begin().await?;
        let role = tx.accounts().member(org, id).await?.role;
        let ended = tx.sessions().revoke_all(org, id, None, "account_deleted", now).await?;
        tx.accounts().delete(org, id, now).await?;
        if role == Role::Admin {
            keeps_an_admin(&tx, org).await?;
        }
        self.audit(&tx, org, actor, "account.deleted", ("account", id), json!({})).await?;
        tx.commit().await?;
        self.inner().standings.forget_account(id);
        self.inner().standings.forget_api_keys();
        self.sessions_ended(org, id, &ended);
        self.announce(AccountsEvent::AccountDisabled { org, account: id });
        Ok(())
    }

    /// Everything that `accounts` knows of somebody, as JSON (R31). What they watched and streamed is added
    /// by whoever asks.
    pub async fn export(&self, org: OrgId, id: AccountId) -> Result<Value, AccountsError> {
        let member = self.store().accounts().member(org, id).await?;
        let account = member.account;
        let sessions = self.sessions(org, id).await?;
        let keys = self.store().api_keys().of(org, id).await?;
        let accepted = self.store().legal().accepted(org, id).await?;
        Ok(json!({
            "account": {
                "id": account.id,
                "email": account.email,
                "email_verified_at": account.email_verified_at,
                "handle": account.handle,
                "display_name": account.display_name,
                "given_name": account.given_name,
                "family_name": account.family_name,
                "role": member.role,
                "department": member.department,
                "access_level": member.access_level,
                "tier": account.tier,
                "tier_expires_at": account.tier_expires_at,
                "locale": account.locale,
                "region": account.region,
                "bio": account.bio,
                "links": account.links_json,
                "preferences": account.preferences_json,
                "privacy": account.privacy_json,
                "notifications": account.notifications_json,
                "created_at": account.created_at,
                "last_login_at": account.last_login_at,
            },
            "sessions": sessions.iter().map(|session| json!({
                "device": session.device,
                "user_agent": session.user_agent,
                "address": session.address,
                "created_at": session.created_at,
                "last_seen_at": session.last_seen_at,
            })).collect::<Vec<_>>(),
            "api_keys": keys.iter().map(|key| json!({
                "name": key.name,
                "last4": key.last4,
                "scopes": key.scopes_json,
                "created_at": key.created_at,
                "last_used_at": key.last_used_at,
                "revoked_at": key.revoked_at,
            })).collect::<Vec<_>>(),
            "terms_accepted": accepted.iter().map(|accepted| json!({
                "document": accepted.document_id,
                "accepted_at": accepted.accepted_at,
                "address": accepted.address,
            })).collect::<Vec<_>>(),
        }))
    }
}

/// Whether there is still an administrator who can sign in. Looks inside the transaction of the change.
async fn keeps_an_admin(tx: &Tx, org: OrgId) -> Result<(), AccountsError> {
    if tx.memberships().any(org, Role::Admin).await? { Ok(()) } else { Err(AccountsError::LastAdmin) }
}
