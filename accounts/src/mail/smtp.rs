//! Handing a mail to a mail server.

use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use sluice_store::Mail;
use thiserror::Error;

use crate::config::{SmtpConfig, SmtpTls};

/// Why a mail could not be handed over.
#[derive(Debug, Error)]
pub enum SmtpError {
    /// An address or the mail cannot be written as mail.
    #[error("the mail cannot be written")]
    Malformed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The mail server cannot be used as configured.
    #[error("the mail server cannot be used as configured")]
    Config(#[source] lettre::transport::smtp::Error),
    /// The mail server did not take it; it may later.
    #[error("the mail server did not take the mail")]
    Refused(#[source] lettre::transport::smtp::Error),
    /// The mail server will never take it.
    #[error("the mail server refused the mail for good")]
    Permanent(#[source] lettre::transport::smtp::Error),
}

/// A mail server that does not answer within this time is tried again later; the worker must not hang.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A connection to a mail server, made anew where it broke.
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    pub(super) fn new(config: &SmtpConfig) -> Result<Self, SmtpError> {
        type Transport = AsyncSmtpTransport<Tokio1Executor>;
        let from = config.from.parse().map_err(|error| SmtpError::Malformed(Box::new(error)))?;
        let builder = match config.tls {
            SmtpTls::Tls => Transport::relay(&config.host).map_err(SmtpError::Config)?,
            SmtpTls::StartTls => Transport::starttls_relay(&config.host).map_err(SmtpError::Config)?,
            SmtpTls::None => Transport::builder_dangerous(&config.host),
        };
        let builder = builder.port(config.port).timeout(Some(TIMEOUT));
        let builder = match (&config.user, &config.password) {
            (Some(user), Some(password)) => {
                builder.credentials(Credentials::new(user.clone(), password.expose().clone()))
            }
            _ => builder,
        };
        Ok(Self { transport: builder.build(), from })
    }

    pub(super) async fn send(&self, mail: &Mail) -> Result<(), SmtpError> {
        let to: Mailbox = mail.recipient.parse().map_err(|error| SmtpError::Malformed(Box::new(error)))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.clone())
            // So that the server of the recipient does not send "I am on holiday" back.
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|error| SmtpError::Malformed(Box::new(error)))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(SmtpError::Permanent(error)),
            Err(error) => Err(SmtpError::Refused(error)),
        }
    }
}

/// RFC 3834 §5.
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
