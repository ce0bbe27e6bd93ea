//! Acts of moderators that come over HTTP: the chat carries them out, as those that come on its channel.

use axum::http::StatusCode;
use sluice_domain::chat::ModerationRequest;
use sluice_store::Stream;

use crate::Api;
use crate::error::ApiError;
use crate::extract::Member;

/// Does it in the name of the caller, who was seen to keep order there.
pub(super) async fn act(
    api: &Api,
    member: &Member,
    stream: &Stream,
    act: ModerationRequest,
) -> Result<StatusCode, ApiError> {
    api.live.chats().moderate(stream, &member.identity, member.client.address, act).await?;
    Ok(StatusCode::NO_CONTENT)
}
