//! An account, as its holder sees it.

use serde::de::DeserializeOwned;
use serde_json::Value;
use sluice_accounts::Identity;
use sluice_domain::{AccountId, AssetId, OrgId, Permission, Role, Tier};
use sluice_store::{Account, Member};

use super::{Link, Me, MfaState, Organisation, Person};
use crate::Api;
use crate::error::ApiError;
use crate::server::LegalDocumentInfo;

/// The newest version of the caller's account.
pub(crate) async fn current(api: &Api, identity: &Identity) -> Result<(i64, Me), ApiError> {
    let member = api.store.accounts().member(identity.org, identity.account).await?;
    view(api, member).await
}

/// The version and the account.
pub(crate) async fn view(api: &Api, member: Member) -> Result<(i64, Me), ApiError> {
    let password_expires_at = api.accounts.password_expires_at(&member).await?;
    let Member { account, role, .. } = member;
    let org = account.org_id;
    let settings = api.accounts.settings(org).await?;
    let mfa = api.accounts.mfa_state(org, account.id).await?;
    let must_accept_terms = unaccepted(api, org, account.id).await?;
    let tier_holds = account.tier_expires_at.is_none_or(|end| api.now() < end);
    let mut permissions = Permission::of_role(role);
    if !settings.settings.anyone_may_stream || role >= Role::Creator {
        permissions.retain(|permission| *permission != Permission::BecomeCreator);
    }
    let me = Me {
        id: account.id.0,
        email: account.email,
        email_verified: account.email_verified_at.is_some(),
        handle: account.handle,
        display_name: account.display_name,
        given_name: account.given_name,
        family_name: account.family_name,
        role,
        organisation: Organisation { id: org.0, name: settings.name },
        tier: if tier_holds { account.tier } else { Tier::Free },
        tier_expires_at: account.tier_expires_at,
        region: account.region,
        locale: account.locale,
        bio: account.bio,
        links: links(account.links_json),
        avatar_url: account.avatar_asset_id.map(asset_url),
        member_since: account.created_at,
        has_channel: role >= Role::Creator,
        mfa: MfaState {
            totp: mfa.totp,
            backup_codes_left: u32::try_from(mfa.backup_codes_left).unwrap_or(u32::MAX),
            required: mfa.required,
        },
        must_accept_terms,
        password_expires_at,
        permissions,
        preferences: remembered(account.preferences_json),
        privacy: remembered(account.privacy_json),
        notifications: remembered(account.notifications_json),
    };
    Ok((account.version, me))
}

/// The terms that hold now, if the account has not accepted them.
async fn unaccepted(api: &Api, org: OrgId, id: AccountId) -> Result<Option<LegalDocumentInfo>, ApiError> {
    let Some(terms) = api.store.legal().current(org, "terms", api.now()).await? else { return Ok(None) };
    let accepted = api.store.legal().has_accepted(org, id, terms.id).await?;
    Ok((!accepted).then(|| terms.into()))
}

/// What was stored, or the defaults: a version of ours that knows less must not lock somebody out.
pub(crate) fn remembered<T: DeserializeOwned + Default>(json: Value) -> T {
    serde_json::from_value(json).unwrap_or_default()
}

/// The pages elsewhere of an account.
pub(crate) fn links(json: Value) -> Vec<Link> {
    remembered(json)
}

/// Somebody, as everybody may see them.
pub(crate) fn person(account: &Account) -> Person {
    Person {
        id: account.id.0,
        handle: account.handle.clone(),
        display_name: account.display_name.clone(),
        avatar_url: account.avatar_asset_id.map(asset_url),
    }
}

/// Where a picture is.
pub(crate) fn asset_url(id: AssetId) -> String {
    format!("/api/v1/assets/{id}")
}
