//! Records of chats as the API shows them, with the people in them.

use std::collections::HashMap;

use sluice_domain::chat::MessageState;
use sluice_domain::{AccountId, OrgId};
use sluice_store::StoredMessage;

use super::{ArchivedMessage, Ban};
use crate::Api;
use crate::error::ApiError;
use crate::me::Person;
use crate::me::follows::people;

/// People by their accounts; those whose account is gone are not among them.
pub(super) type People = HashMap<AccountId, Person>;

/// The people behind some accounts.
pub(super) async fn people_of(
    api: &Api,
    org: OrgId,
    ids: impl Iterator<Item = AccountId>,
) -> Result<People, ApiError> {
    let mut ids: Vec<AccountId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    people(api, org, &ids).await
}

/// Messages with all that moderators see of them.
pub(super) async fn archived(
    api: &Api,
    org: OrgId,
    messages: Vec<StoredMessage>,
) -> Result<Vec<ArchivedMessage>, ApiError> {
    let settlers = messages.iter().filter_map(|stored| stored.settled_by);
    let people = people_of(api, org, settlers).await?;
    let shown = messages.into_iter().map(|stored| ArchivedMessage {
        settled_by: stored.settled_by.and_then(|id| people.get(&id).cloned()),
        message: stored.message,
        state: stored.state,
        reasons: stored.reasons,
        settled_at: stored.settled_at,
    });
    Ok(shown.collect())
}

/// A message as everybody sees it.
pub(super) fn public(stored: StoredMessage) -> ArchivedMessage {
    ArchivedMessage {
        message: stored.message,
        state: MessageState::Shown,
        reasons: Vec::new(),
        settled_at: None,
        settled_by: None,
    }
}

/// Bans with the people in them. Those of accounts that are gone are left out.
pub(super) async fn bans(
    api: &Api,
    org: OrgId,
    bans: Vec<sluice_store::ChatBan>,
) -> Result<Vec<Ban>, ApiError> {
    let ids = bans.iter().flat_map(|ban| ban.created_by.into_iter().chain([ban.account_id]));
    let people = people_of(api, org, ids).await?;
    let shown = bans.into_iter().filter_map(|ban| {
        Some(Ban {
            person: people.get(&ban.account_id)?.clone(),
            kind: ban.kind,
            until: ban.until_at,
            reason: ban.reason,
            by: ban.created_by.and_then(|id| people.get(&id).cloned()),
            created_at: ban.created_at,
        })
    });
    Ok(shown.collect())
}

/// A number of the store as clients get it.
pub(super) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
