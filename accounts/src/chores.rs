//! Forgetting what is of no use any more.

use std::error::Error;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::accounts::Accounts;
use crate::clock::DAY;
use crate::error::AccountsError;

/// How long ended sessions, used tokens and revoked keys are kept: long enough for "what happened last
/// week?".
const KEPT: i64 = 30 * DAY;
/// How long mails are kept. They name people, and an operator reads them within days or never.
const MAILS_KEPT: i64 = 14 * DAY;
/// How often this is done.
const EVERY: Duration = Duration::from_secs(3600);

impl Accounts {
    /// Forgets what is of no use, every hour until told to stop.
    pub async fn run_chores(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.forget_old().await {
                tracing::warn!(error = &error as &dyn Error, "old records of accounts cannot be forgotten");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Forgets it now. How many records.
    pub async fn forget_old(&self) -> Result<u64, AccountsError> {
        let (now, store) = (self.now(), self.store());
        let before = now - KEPT;
        let refresh_tokens = store.refresh_tokens().prune(before).await?;
        let sessions = store.sessions().prune(before).await?;
        let one_time_tokens = store.one_time_tokens().prune(before).await?;
        let api_keys = store.api_keys().prune(before).await?;
        let mails = store.mail_outbox().prune(now - MAILS_KEPT).await?;
        Ok(refresh_tokens + sessions + one_time_tokens + api_keys + mails)
    }
}
