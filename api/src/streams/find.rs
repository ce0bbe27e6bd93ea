//! Streams by what stands in a path, for those who may see or change them. Others are told that there is
//! none, or where it is no secret that they may not.

use sluice_accounts::Identity;
use sluice_domain::{AccessLevel, OrgId, Permission, StreamId, StreamName};
use sluice_store::Stream;

use super::view::may_edit;
use crate::Api;
use crate::error::ApiError;
use crate::extract::{Caller, Member};

/// The stream of this id or name, if the caller may see it.
pub(crate) async fn visible(api: &Api, caller: &Caller, text: &str) -> Result<Stream, ApiError> {
    let org = api.org(caller).await?;
    seen(api, org, caller.identity.as_ref(), text).await
}

/// The stream of this id, if the caller may change it.
pub(crate) async fn editable(api: &Api, member: &Member, text: &str) -> Result<Stream, ApiError> {
    let stream = seen(api, member.identity.org, Some(&member.identity), text).await?;
    if may_edit(&member.identity, &stream) { Ok(stream) } else { Err(ApiError::PermissionDenied) }
}

/// The stream of this id, if it is the caller's own or the caller has a permission on all streams.
pub(crate) async fn own_or(
    api: &Api,
    member: &Member,
    text: &str,
    permission: Permission,
) -> Result<Stream, ApiError> {
    let stream = seen(api, member.identity.org, Some(&member.identity), text).await?;
    let own = stream.owner_id == member.identity.account;
    if own || member.identity.may(permission) { Ok(stream) } else { Err(ApiError::PermissionDenied) }
}

/// A stream by its id, for a caller who names it in a body.
pub(crate) async fn by_id(api: &Api, member: &Member, id: uuid::Uuid) -> Result<Stream, ApiError> {
    seen(api, member.identity.org, Some(&member.identity), &id.to_string()).await
}

/// A stream by its id, if somebody of this organisation, or nobody in particular, may see it.
pub(crate) async fn by_id_for(
    api: &Api,
    org: OrgId,
    identity: Option<&Identity>,
    id: StreamId,
) -> Result<Stream, ApiError> {
    seen(api, org, identity, &id.to_string()).await
}

async fn seen(api: &Api, org: OrgId, identity: Option<&Identity>, text: &str) -> Result<Stream, ApiError> {
    let stream = match text.parse::<StreamId>() {
        Ok(id) => api.store.streams().by_id(org, id).await?,
        Err(_) => {
            let name: StreamName = text.parse().map_err(|_| ApiError::NotFound)?;
            api.store.streams().by_name(&name).await?.ok_or(ApiError::NotFound)?
        }
    };
    let own = identity.is_some_and(|identity| {
        stream.owner_id == identity.account || identity.may(Permission::ReadAllStreams)
    });
    let hidden = stream.access == AccessLevel::Private && !own;
    if stream.org_id != org || hidden { Err(ApiError::NotFound) } else { Ok(stream) }
}
