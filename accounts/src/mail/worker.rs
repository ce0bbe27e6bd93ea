//! The worker that empties the outbox.

use std::error::Error;
use std::time::Duration;

use sluice_store::Mail;
use tokio_util::sync::CancellationToken;

use super::smtp::{Smtp, SmtpError};
use crate::accounts::Accounts;
use crate::clock::{HOUR, MINUTE};
use crate::error::AccountsError;

/// How many mails are taken at a time.
const BATCH: u32 = 20;
/// A mail that was taken and neither sent nor failed within this time belonged to a node that is gone.
const LEASE: i64 = 10 * MINUTE;
/// How often a mail is tried: with growing pauses about two days. A link in it is long dead by then.
const MOST_TRIES: i64 = 12;
/// Longest pause between two tries.
const LONGEST_PAUSE: i64 = 6 * HOUR;
/// How often the outbox is looked into when nobody rings: for mails whose next try is due.
const LOOK_EVERY: Duration = Duration::from_secs(15);

impl Accounts {
    /// Sends mail until told to stop. Without a mail server there is nothing to do.
    pub async fn run_mail(&self, stop: CancellationToken) -> Result<(), SmtpError> {
        let Some(config) = &self.config().smtp else { return Ok(()) };
        let smtp = Smtp::new(config)?;
        while !stop.is_cancelled() {
            match self.send_due(&smtp).await {
                // More may be waiting.
                Ok(sent) if sent >= BATCH as usize => continue,
                Ok(_) => {}
                Err(error) => tracing::warn!(error = &error as &dyn Error, "the outbox cannot be read"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.inner().mail.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
        Ok(())
    }

    /// Sends what is due now, once. How many were tried.
    pub async fn send_mail_once(&self) -> Result<usize, AccountsError> {
        let Some(config) = &self.config().smtp else { return Ok(0) };
        let smtp = Smtp::new(config).map_err(|error| AccountsError::Internal(error.into()))?;
        self.send_due(&smtp).await
    }

    async fn send_due(&self, smtp: &Smtp) -> Result<usize, AccountsError> {
        let now = self.now();
        let mails = self.store().mail_outbox().claim(now, now + LEASE, MOST_TRIES, BATCH).await?;
        for mail in &mails {
            self.send_one(smtp, mail).await?;
        }
        Ok(mails.len())
    }

    async fn send_one(&self, smtp: &Smtp, mail: &Mail) -> Result<(), AccountsError> {
        let outbox = self.store().mail_outbox();
        let Err(error) = smtp.send(mail).await else {
            return Ok(outbox.set_sent(mail.org_id, mail.id, self.now()).await?);
        };
        let permanent = matches!(error, SmtpError::Permanent(_) | SmtpError::Malformed(_));
        let next = if permanent { i64::MAX } else { self.now() + pause(mail.attempts) };
        tracing::warn!(mail = %mail.id, kind = mail.kind, attempts = mail.attempts, permanent,
            error = &error as &dyn Error, "a mail could not be sent");
        Ok(outbox.set_failed(mail.org_id, mail.id, &chain(&error), next).await?)
    }
}

/// One minute after the first try, then twice as long each time.
fn pause(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or_default().min(16);
    (MINUTE << doublings).min(LONGEST_PAUSE)
}

/// An error with its causes, for the operator who looks into the outbox.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text.chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_hours_and_not_beyond() {
        let pauses: Vec<_> = (1..=12).map(|attempts| pause(attempts) / MINUTE).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
        assert_eq!(pause(0) / MINUTE, 1);
    }
}
