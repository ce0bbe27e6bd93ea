//! Forgetting what is of no use any more, and looking after the database, while the server runs.

use std::error::Error;
use std::time::Duration;

use sluice_store::{Kind, Retention};
use tokio_util::sync::CancellationToken;

use crate::accounts::Accounts;
use crate::error::AccountsError;

/// How often this is done.
const EVERY: Duration = Duration::from_secs(3600);

/// Every how many rounds a SQLite file is looked through: once a day. More often would follow more closely how
/// a new server grows, and each time reads a sample of every index.
const ROUNDS_A_LOOK: u32 = 24;

impl Accounts {
    /// Forgets what is of no use, every hour until told to stop.
    pub async fn run_chores(&self, stop: CancellationToken) {
        for round in (0..ROUNDS_A_LOOK).cycle() {
            if stop.is_cancelled() {
                return;
            }
            if round == 0
                && self.store().kind() == Kind::Sqlite
                && let Err(error) = self.store().maintain().await
            {
                tracing::warn!(error = &error as &dyn Error, "the database cannot be looked through");
            }
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
