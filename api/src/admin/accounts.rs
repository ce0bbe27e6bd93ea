//! Accounts, for those who look after them.

pub(crate) mod export;
pub(crate) mod invite;
pub(crate) mod list;
pub(crate) mod reset_link;
pub(crate) mod sessions;
pub(crate) mod show;
pub(crate) mod update;

use sluice_accounts::Identity;
use sluice_domain::{OrgId, Permission};
use sluice_store::Member;

use crate::Api;
use crate::admin::{AccountState, AdminAccount};
use crate::error::ApiError;
use crate::me::view::asset_url;

/// An account as somebody with this identity may see it.
async fn shown(api: &Api, org: OrgId, identity: &Identity, member: Member) -> Result<AdminAccount, ApiError> {
    let Member { account, role, access_level, department } = member;
    let mfa = api.store.totp().of(org, account.id).await?.is_some_and(|totp| totp.confirmed_at.is_some());
    let state = match (account.deleted_at, account.disabled_at) {
        (Some(_), _) => AccountState::Deleted,
        (None, Some(_)) => AccountState::Disabled,
        (None, None) => AccountState::Active,
    };
    Ok(AdminAccount {
        id: account.id.0,
        email: identity.may(Permission::ReadAccountEmails).then_some(account.email),
        email_verified: account.email_verified_at.is_some(),
        handle: account.handle,
        display_name: account.display_name,
        avatar_url: account.avatar_asset_id.map(asset_url),
        role,
        access_level,
        department,
        tier: account.tier,
        tier_expires_at: account.tier_expires_at,
        state,
        disabled_reason: account.disabled_reason,
        mfa,
        created_at: account.created_at,
        last_login_at: account.last_login_at,
    })
}
