//! Credentials by the clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sluice_domain::Redacted;
use sluice_turn_proto::Secret;

/// Gives out credentials that run out.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub(crate) secret: Secret,
}

impl Credentials {
    /// Made of a secret, the same for all servers that shall take them.
    pub fn new(secret: &Redacted<String>) -> Self {
        Self { secret: Secret::new(secret.expose().as_bytes()) }
    }

    /// User name and password for `user`, good for `lifetime` from now.
    pub fn issue(&self, user: &str, lifetime: Duration) -> (String, Redacted<String>) {
        let (username, password) = self.secret.issue(user, unix() + lifetime.as_secs());
        (username, Redacted::new(password))
    }
}

/// The time of day, in seconds since 1970.
pub(crate) fn unix() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
