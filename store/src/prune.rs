//! Forgetting what is no longer of use.

use crate::error::StoreError;
use crate::store::Store;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// For how many milliseconds things are kept after they have ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Sign-ins, so that their owners see what happened.
    pub sessions: i64,
    /// One-time tokens and timeouts in chats, so that who comes too late is told so.
    pub tokens: i64,
    /// Mails, sent or not.
    pub mails: i64,
    /// Keys of streams and programs.
    pub keys: i64,
    /// Keys that signed tokens. Longer than any token lives.
    pub signing_keys: i64,
    /// Accounts after they were deleted, with all that is theirs: for who was deleted by mistake.
    pub accounts: i64,
    /// Pictures that nothing shows: whoever uploads one needs a moment to use it.
    pub assets: i64,
    /// What accounts have watched; none is for ever.
    pub viewing_history: Option<i64>,
    /// Broadcasts; none is for ever.
    pub broadcasts: Option<i64>,
    /// Messages of chats; none is for ever.
    pub chat_messages: Option<i64>,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            sessions: 30 * DAY,
            tokens: 7 * DAY,
            mails: 30 * DAY,
            keys: 90 * DAY,
            signing_keys: 30 * DAY,
            accounts: 30 * DAY,
            assets: DAY,
            viewing_history: None,
            broadcasts: None,
            chat_messages: Some(180 * DAY),
        }
    }
}

impl Store {
    /// Forgets what has ended long enough ago. How many rows of each table.
    pub async fn prune(
        &self,
        retention: &Retention,
        now: i64,
    ) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let mut pruned = vec![
            ("sessions", self.sessions().prune(now - retention.sessions).await?),
            ("refresh_tokens", self.refresh_tokens().prune(now - retention.sessions).await?),
            ("one_time_tokens", self.one_time_tokens().prune(now - retention.tokens).await?),
            ("mail_outbox", self.mail_outbox().prune(now - retention.mails).await?),
            ("stream_keys", self.stream_keys().prune(now - retention.keys).await?),
            ("api_keys", self.api_keys().prune(now - retention.keys).await?),
            ("signing_keys", self.signing_keys().prune(now - retention.signing_keys).await?),
            ("chat_bans", self.chat_bans().prune(now - retention.tokens).await?),
            ("accounts", self.accounts().prune(now - retention.accounts).await?),
            ("assets", self.assets().prune(now - retention.assets).await?),
        ];
        if let Some(kept) = retention.viewing_history {
            pruned.push(("viewing_history", self.viewing_history().prune(now - kept).await?));
        }
        if let Some(kept) = retention.broadcasts {
            pruned.push(("broadcasts", self.broadcasts().prune(now - kept).await?));
        }
        if let Some(kept) = retention.chat_messages {
            pruned.push(("chat_messages", self.chat_messages().prune(now - kept).await?));
        }
        Ok(pruned)
    }
}
