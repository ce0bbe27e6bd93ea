//! Who may do what: the one place where a credential becomes a [`Grant`].
//!
//! The database is asked for each new request and, by the watchdog, every few seconds for each Grant
//! that is in use. Everything below this file sees only the Grant.

mod chatting;
mod playback;
mod publishing;
mod replaying;
mod standing;
mod watching;

use std::time::Duration;

use serde_json::json;
use sluice_accounts::secrets::API_KEY_PREFIX;
use sluice_accounts::{Accounts, AccountsError, AccountsEvent, Actor, Identity};
use sluice_domain::{AccessLevel, Action, Basis, Grant, MediaTime, OrgId, Redacted, StreamId, StreamName};
use sluice_store::{ModerationEntry, Store, StoreError, Stream, Tx};
use tokio::sync::broadcast;

use crate::error::LiveError;
use crate::live::clock;

/// What a caller presented, if anything.
pub type Credential = Redacted<String>;

/// How long the database may take to answer for one request. A player that waits longer than this
/// for its answer has given up; a database that answers in seconds is as good as away.
const PATIENCE: Duration = Duration::from_secs(3);

/// Makes Grants, and says whether they still stand.
#[derive(Clone)]
pub(crate) struct Access {
    store: Store,
    accounts: Accounts,
}

/// A credential by its form. Nothing is known of it yet.
enum Shown<'a> {
    /// A signed token.
    Token(&'a str),
    /// An API key.
    ApiKey(&'a str),
    /// Anything else: a stream key.
    Key(&'a str),
}

impl<'a> Shown<'a> {
    fn of(text: &'a str) -> Self {
        // Every JWT begins with the base64 of `{"`.
        if text.starts_with("eyJ") && text.bytes().filter(|byte| *byte == b'.').count() == 2 {
            Self::Token(text)
        } else if text.starts_with(API_KEY_PREFIX) {
            Self::ApiKey(text)
        } else {
            Self::Key(text)
        }
    }
}

/// Whether a text could be a stream key: nothing else would take it for something else, and every
/// header carries it.
pub fn is_key_text(text: &str) -> bool {
    (MIN_KEY_LENGTH..=MAX_KEY_LENGTH).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && matches!(Shown::of(text), Shown::Key(_))
}

/// Shortest key that may be brought along. Sixteen characters of a generator resist guessing through
/// the rate limit; typed words do not become safe by a larger number here.
const MIN_KEY_LENGTH: usize = 16;

/// Longest key. Encoders have short fields.
const MAX_KEY_LENGTH: usize = 256;

impl Access {
    pub(crate) const fn new(store: Store, accounts: Accounts) -> Self {
        Self { store, accounts }
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// Writes what somebody did in a chat to the audit log; never what was said.
    pub(crate) async fn audit(
        &self,
        tx: &Tx,
        org: OrgId,
        actor: &Actor,
        entry: &ModerationEntry,
    ) -> Result<(), StoreError> {
        let stream = entry.stream_id.map(|stream| stream.to_string()).unwrap_or_default();
        let detail = json!({
            "account": entry.account_id,
            "message": entry.message_id,
            "reason": entry.reason,
            "detail": entry.detail_json,
        });
        let action = format!("chat.{}", entry.action);
        match self.accounts.audit(tx, org, actor, &action, ("stream", stream), detail).await {
            Ok(()) => Ok(()),
            Err(AccountsError::Unavailable(error) | AccountsError::StorageFull(error)) => Err(error),
            Err(error) => Err(StoreError::Refused(Box::new(error))),
        }
    }

    /// What ends rights of accounts on this node.
    pub(crate) fn revoked(&self) -> broadcast::Receiver<AccountsEvent> {
        self.accounts.events()
    }

    /// Who shows this.
    pub(crate) async fn identify(&self, credential: &Credential) -> Result<Identity, LiveError> {
        within(self.person(credential.expose())).await
    }

    /// Whether somebody still is who they were.
    pub(crate) async fn is_still(&self, identity: &Identity) -> Result<bool, LiveError> {
        let asking = async { Ok(self.accounts.still(identity).await?) };
        match within(asking).await {
            Ok(_) => Ok(true),
            Err(LiveError::Unavailable) => Err(LiveError::Unavailable),
            Err(_) => Ok(false),
        }
    }

    /// The organisation that somebody belongs to; who has not said where is at home here.
    pub(crate) async fn org(&self, identity: Option<&Identity>) -> Result<OrgId, LiveError> {
        match identity {
            Some(identity) => Ok(identity.org),
            None => within(async { Ok(self.accounts.home().await?.id) }).await,
        }
    }

    /// A stream of an organisation.
    pub(crate) async fn stream_by_id(&self, org: OrgId, id: StreamId) -> Result<Stream, LiveError> {
        within(async { Ok(self.store.streams().by_id(org, id).await?) }).await
    }

    /// The stream of this name, if it exists.
    pub(crate) async fn stream(&self, name: &StreamName) -> Result<Stream, LiveError> {
        within(async { self.store.streams().by_name(name).await?.ok_or(LiveError::UnknownStream) }).await
    }

    /// Whether a Grant would be given again.
    pub(crate) async fn still_holds(&self, grant: &Grant) -> Result<bool, LiveError> {
        let answer = within(async {
            match grant.action {
                Action::Publish => self.still_publishes(grant).await,
                Action::Watch => self.still_watches(grant).await,
                Action::Chat => self.still_chats(grant).await,
            }
        });
        match answer.await {
            Ok(()) => Ok(true),
            Err(LiveError::Unavailable) => Err(LiveError::Unavailable),
            Err(_) => Ok(false),
        }
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Access")
    }
}

/// A Grant for a stream.
fn grant(stream: &Stream, action: Action, basis: Basis, now: MediaTime) -> Grant {
    Grant {
        org: stream.org_id,
        stream: stream.id,
        name: stream.name.clone(),
        owner: stream.owner_id,
        access: stream.access,
        action,
        basis,
        max_streams: 0,
        issued: now,
        expires: None,
    }
}

/// Whether everybody may watch.
pub(crate) const fn is_open(access: AccessLevel) -> bool {
    matches!(access, AccessLevel::Public | AccessLevel::Unlisted)
}

/// What somebody is told who may not do something to a stream: that it does not exist, unless they
/// may know that it does.
fn refusal(stream: &Stream) -> LiveError {
    if stream.access == AccessLevel::Private { LiveError::UnknownStream } else { LiveError::Forbidden }
}

/// Now, and in milliseconds as the database counts.
fn now() -> (MediaTime, i64) {
    let now = clock();
    (now, now.0.div_euclid(1000))
}

/// Milliseconds of the database as media time.
fn time(ms: i64) -> MediaTime {
    MediaTime(ms.saturating_mul(1000))
}

pub(crate) async fn within<T>(asking: impl Future<Output = Result<T, LiveError>>) -> Result<T, LiveError> {
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| {
        tracing::warn!("the database did not answer within {PATIENCE:?}");
        Err(LiveError::Unavailable)
    })
}

impl From<StoreError> for LiveError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::UnknownStream,
            StoreError::Unavailable(_) | StoreError::Full(_) => {
                tracing::warn!(%error, "the database is away");
                Self::Unavailable
            }
            StoreError::Conflict(_) | StoreError::Stale | StoreError::Corrupt(_) | StoreError::Refused(_) => {
                tracing::error!(%error, "the database did not do what it was asked for");
                Self::Unavailable
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_could_be_taken_for_a_token_is_no_stream_key() {
        for good in ["e2e.0123456789abcdef", "sk_0123456789abcdef", "eyJ.0123456789abc"] {
            assert!(is_key_text(good), "{good}");
        }
        for bad in
            ["short", "with a space in it", "sl_0123456789abcdef", "eyJhbGciOi.eyJzdWIi.c2ln", "äöüäöüäöü"]
        {
            assert!(!is_key_text(bad), "{bad}");
        }
    }
}
