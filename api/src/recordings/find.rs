//! Recordings by what stands in a path, for those who may see or change them. Others are told that there is
//! none, or where it is no secret that they may not.

use sluice_accounts::Identity;
use sluice_domain::{OrgId, Permission, RecordingId};
use sluice_store::{Recording, StoreError, Stream};

use crate::Api;
use crate::error::ApiError;
use crate::extract::{Caller, Member};
use crate::streams::find::by_id_for;
use crate::streams::view::may_edit;

/// The recording of this id with its stream, if the caller may see it.
pub(crate) async fn visible(
    api: &Api,
    caller: &Caller,
    id: RecordingId,
) -> Result<(Recording, Stream), ApiError> {
    let org = api.org(caller).await?;
    let recording = api.store.recordings().by_id(org, id).await;
    seen(api, org, caller.identity.as_ref(), recording).await
}

/// The recording of this id with its stream, if the caller may change it, or has a permission on those of others.
pub(super) async fn editable_or(
    api: &Api,
    member: &Member,
    id: RecordingId,
    permission: Option<Permission>,
) -> Result<(Recording, Stream), ApiError> {
    let org = member.identity.org;
    let recording = api.store.recordings().by_id(org, id).await;
    let found = seen(api, org, Some(&member.identity), recording).await?;
    let other = permission.is_some_and(|permission| member.identity.may(permission));
    if other || may_edit(&member.identity, &found.1) { Ok(found) } else { Err(ApiError::PermissionDenied) }
}

/// The recording of this id with its stream, deleted or not, if the caller may change it.
pub(super) async fn restorable(
    api: &Api,
    member: &Member,
    id: RecordingId,
) -> Result<(Recording, Stream), ApiError> {
    let org = member.identity.org;
    let recording = api.store.recordings().by_id_or_deleted(org, id).await;
    let found = seen(api, org, Some(&member.identity), recording).await?;
    let editable = may_edit(&member.identity, &found.1);
    match (editable, found.0.deleted_at) {
        (true, _) => Ok(found),
        // What is gone is no secret to those who may see it while it is there, and nothing to others.
        (false, None) => Err(ApiError::PermissionDenied),
        (false, Some(_)) => Err(ApiError::RecordingUnknown),
    }
}

async fn seen(
    api: &Api,
    org: OrgId,
    identity: Option<&Identity>,
    found: Result<Recording, StoreError>,
) -> Result<(Recording, Stream), ApiError> {
    let recording = match found {
        Ok(recording) => recording,
        Err(StoreError::NotFound) => return Err(ApiError::RecordingUnknown),
        Err(error) => return Err(error.into()),
    };
    let stream = match by_id_for(api, org, identity, recording.stream_id).await {
        Ok(stream) => stream,
        Err(ApiError::NotFound) => return Err(ApiError::RecordingUnknown),
        Err(error) => return Err(error),
    };
    if sluice_live::sees_recording(&recording, &stream, identity) {
        Ok((recording, stream))
    } else {
        Err(ApiError::RecordingUnknown)
    }
}
