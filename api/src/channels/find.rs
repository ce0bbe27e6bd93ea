//! Channels by their handle, for those whom their owner shows them to.

use sluice_domain::{Handle, OrgId, Permission};
use sluice_store::Account;

use crate::Api;
use crate::error::ApiError;
use crate::extract::Caller;
use crate::me::view::remembered;
use crate::me::{Privacy, Visibility};

/// The account of this handle, if the caller may see its channel, and whether it is the caller's to look into.
pub(crate) async fn shown_channel(
    api: &Api,
    org: OrgId,
    caller: &Caller,
    handle: &Handle,
) -> Result<(Account, bool), ApiError> {
    let account = api.store.accounts().by_handle(org, handle).await?.ok_or(ApiError::NotFound)?;
    let identity = caller.identity.as_ref();
    let own = identity
        .is_some_and(|identity| identity.account == account.id || identity.may(Permission::ReadAccounts));
    let shown = match remembered::<Privacy>(account.privacy_json.clone()).profile_visibility {
        Visibility::Public => true,
        Visibility::Members => identity.is_some(),
        Visibility::Private => false,
    };
    if !(own || shown) || account.disabled_at.is_some() {
        return Err(ApiError::NotFound);
    }
    Ok((account, own))
}
