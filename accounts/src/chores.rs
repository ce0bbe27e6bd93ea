//! Forgetting what is of no use any more, while the server runs.

use std::error::Error;
use std::time::Duration;

use sluice_store::Retention;
use tokio_util::sync::CancellationToken;

use crate::accounts::Accounts;
use crate::error::AccountsError;

/// How often this is done.
const EVERY: Duration = Duration::from_secs(3600);

impl Accounts {
    /// Forgets what is of no use, every hour until told to stop.
    pub async fn run_chores(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.forget_old().await {
                tracing::warn!(error = &error as &dyn Error, "what has ended long ago cannot be forgotten");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Forgets it now. How many records.
    pub async fn forget_old(&self) -> Result<u64, AccountsError> {
        let forgotten = self.store().prune(&Retention::default(), self.now()).await?;
        Ok(forgotten.iter().map(|(_, count)| count).sum())
    }
}
