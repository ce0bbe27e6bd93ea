//! What an operator configures about accounts.

use std::path::PathBuf;

use sluice_domain::{Redacted, Role};

use crate::password::HashCost;

/// Everything that `accounts` is configured with.
#[derive(Debug, Clone)]
pub struct AccountsConfig {
    /// The file of the master key; made where it is missing.
    pub master_key_file: PathBuf,
    /// The address of the web app that links in mails begin with, where the organisation has none set.
    pub public_url: String,
    /// How mail is sent; without it mails wait in the outbox for an operator.
    pub smtp: Option<SmtpConfig>,
    /// Sign-ins of viewers and creators.
    pub consumer_sessions: SessionLimits,
    /// Sign-ins of moderators (R25).
    pub moderator_sessions: SessionLimits,
    /// Sign-ins of administrators (R26).
    pub admin_sessions: SessionLimits,
    /// How long an access token is valid, in seconds. Longer makes other nodes notice a revocation later
    /// when their database is away; shorter makes clients refresh more often.
    pub access_token_seconds: i64,
    /// How long a playback token is valid, in seconds.
    pub playback_token_seconds: i64,
    /// How many streams an account may publish to at once (R24).
    pub max_concurrent_streams: u32,
    /// A file of passwords that are refused, one a line, beside those built in.
    pub common_passwords_file: Option<PathBuf>,
    /// What a password hash costs.
    pub hash_cost: HashCost,
}

/// How long sign-ins last and how many an account may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// How many at once; a further one ends the oldest. `None` is no limit.
    pub concurrent: Option<usize>,
    /// Seconds without use after which one ends.
    pub idle_seconds: i64,
    /// Seconds after which one ends in any case.
    pub absolute_seconds: i64,
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// Its host name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who signs in there, if anybody must.
    pub user: Option<String>,
    /// With which password.
    pub password: Option<Redacted<String>>,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// The sender, such as `Garden TV <tv@example.org>`.
    pub from: String,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// TLS from the first byte (port 465).
    Tls,
    /// Plain first, then TLS or nothing (port 587).
    StartTls,
    /// No protection: for a mail server on this machine.
    None,
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

impl AccountsConfig {
    /// The defaults, with the master key in a file.
    pub fn new(master_key_file: PathBuf, public_url: String) -> Self {
        Self {
            master_key_file,
            public_url,
            smtp: None,
            consumer_sessions: SessionLimits {
                concurrent: None,
                idle_seconds: 30 * DAY,
                absolute_seconds: 90 * DAY,
            },
            moderator_sessions: SessionLimits {
                concurrent: Some(2),
                idle_seconds: 2 * HOUR,
                absolute_seconds: 8 * HOUR,
            },
            admin_sessions: SessionLimits {
                concurrent: Some(5),
                idle_seconds: 4 * HOUR,
                absolute_seconds: 12 * HOUR,
            },
            access_token_seconds: 600,
            playback_token_seconds: 4 * HOUR,
            max_concurrent_streams: 3,
            common_passwords_file: None,
            hash_cost: HashCost::default(),
        }
    }

    /// The limits of a role.
    pub const fn sessions_of(&self, role: Role) -> SessionLimits {
        match role {
            Role::Viewer | Role::Creator => self.consumer_sessions,
            Role::Moderator => self.moderator_sessions,
            Role::Admin => self.admin_sessions,
        }
    }
}
