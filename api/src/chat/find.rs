//! Streams whose chat somebody may read, keep order in, or run. Who is what in a chat is said here for the API.

use sluice_accounts::Identity;
use sluice_domain::Permission;
use sluice_domain::chat::Permissions;
use sluice_store::Stream;

use crate::Api;
use crate::error::ApiError;
use crate::extract::{Caller, Member};
use crate::streams::find::visible;

/// The stream of this id or name, if the caller may read its chat: who may watch may read.
pub(crate) async fn readable(api: &Api, caller: &Caller, text: &str) -> Result<Stream, ApiError> {
    let stream = visible(api, caller, text).await?;
    if !rights(api, &stream, caller.identity.as_ref()).await?.moderate {
        api.live.admits(&stream, caller.identity.as_ref()).await?;
    }
    Ok(stream)
}

/// The stream of this id or name, if the caller keeps order in its chat.
pub(super) async fn moderated(api: &Api, member: &Member, text: &str) -> Result<Stream, ApiError> {
    let stream = seen(api, member, text).await?;
    let rights = rights(api, &stream, Some(&member.identity)).await?;
    if rights.moderate { Ok(stream) } else { Err(ApiError::PermissionDenied) }
}

/// The stream of this id or name, if its chat is the caller's to run: its owner's and the staff's.
pub(super) async fn managed(api: &Api, member: &Member, text: &str) -> Result<Stream, ApiError> {
    let stream = seen(api, member, text).await?;
    if manages(&stream, &member.identity) { Ok(stream) } else { Err(ApiError::PermissionDenied) }
}

async fn seen(api: &Api, member: &Member, text: &str) -> Result<Stream, ApiError> {
    let caller = Caller { identity: Some(member.identity.clone()), client: member.client.clone() };
    visible(api, &caller, text).await
}

/// What somebody may do in a chat, whatever its modes.
pub(super) async fn rights(
    api: &Api,
    stream: &Stream,
    identity: Option<&Identity>,
) -> Result<Permissions, ApiError> {
    let Some(identity) = identity else { return Ok(Permissions::default()) };
    let manage = manages(stream, identity);
    let moderate = manage
        || identity.may(Permission::ModerateChats)
            && api.store.chat_moderators().contains(stream.org_id, stream.id, identity.account).await?;
    let write = identity.may(Permission::WriteChats);
    Ok(Permissions { write, moderate, manage, silent_until: None })
}

fn manages(stream: &Stream, identity: &Identity) -> bool {
    let own = stream.owner_id == identity.account && identity.may(Permission::ModerateChats);
    own || identity.may(Permission::ModerateAllChats)
}
