//! What is noted of changes that the API makes itself; what `live` does it notes in the same way.

use serde_json::{Value, json};
use sluice_domain::ModerationActionId;
use sluice_domain::chat::{ModerationAction, ModerationKind};
use sluice_store::{ModerationEntry, Stream, Tx};

use crate::Api;
use crate::error::ApiError;
use crate::extract::Member;

/// Notes a change of what a chat is set up with, for its moderators and for the audit log, in the transaction
/// of the change.
pub(super) async fn note(
    api: &Api,
    tx: &Tx,
    stream: &Stream,
    member: &Member,
    action: ModerationAction,
    detail: Value,
) -> Result<(), ApiError> {
    let entry = ModerationEntry {
        id: ModerationActionId(api.accounts.clock().uuid()),
        org_id: stream.org_id,
        stream_id: Some(stream.id),
        kind: ModerationKind::ChatSettings,
        action,
        reason: String::new(),
        actor_id: Some(member.identity.account),
        actor_name: String::new(),
        account_id: None,
        target_name: String::new(),
        message_id: None,
        detail_json: detail.clone(),
        created_at: api.now(),
    };
    tx.moderation_actions().add(&[entry]).await?;
    let (action, target) = (format!("chat.{action}"), ("stream", stream.id));
    let detail = json!({ "detail": detail });
    api.accounts.audit(tx, stream.org_id, &member.actor(), &action, target, detail).await?;
    Ok(())
}
