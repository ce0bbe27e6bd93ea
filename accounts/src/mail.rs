//! Mails about accounts: written into the outbox with what they are about, sent from there by a worker.
//!
//! Without a mail server they stay in the outbox, where an operator reads their one-time links.

mod smtp;
mod template;
mod worker;

use sluice_domain::{MailId, OrgId, Redacted};
use sluice_store::Mail;

pub use smtp::SmtpError;
pub use template::Locale;

use crate::accounts::Accounts;
use crate::error::AccountsError;

/// What a mail says.
#[derive(Debug, Clone)]
pub(crate) enum Message {
    VerifyEmail { link: Redacted<String>, hours: i64 },
    ChangeEmail { link: Redacted<String>, hours: i64 },
    EmailChanged,
    AlreadyRegistered,
    ResetPassword { link: Redacted<String>, minutes: i64 },
    PasswordChanged,
    Invite { link: Redacted<String>, organisation: String, days: i64 },
}

impl Accounts {
    /// Puts a mail into the outbox.
    pub(crate) async fn send(
        &self,
        org: OrgId,
        recipient: &str,
        locale: Option<&str>,
        message: &Message,
    ) -> Result<(), AccountsError> {
        let now = self.now();
        let sender = self.settings(org).await?.name;
        let written = template::write(message, Locale::of(locale), &sender);
        let mail = Mail {
            id: MailId(self.clock().uuid()),
            org_id: org,
            recipient: recipient.to_owned(),
            kind: message.kind().to_owned(),
            subject: written.subject,
            text: written.text,
            html: written.html,
            created_at: now,
            next_attempt_at: now,
            attempts: 0,
            sent_at: None,
            last_error: None,
        };
        self.store().mail_outbox().create(&mail).await?;
        self.inner().mail.notify_one();
        Ok(())
    }
}

impl Message {
    const fn kind(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "verify_email",
            Self::ChangeEmail { .. } => "change_email",
            Self::EmailChanged => "email_changed",
            Self::AlreadyRegistered => "already_registered",
            Self::ResetPassword { .. } => "reset_password",
            Self::PasswordChanged => "password_changed",
            Self::Invite { .. } => "invite",
        }
    }
}
