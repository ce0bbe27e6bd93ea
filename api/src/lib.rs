//! The REST API: one file per verb.
//!
//! ```text
//!  request ─▶ request id ─▶ headers ─▶ guard (rates, who, may) ─▶ extract ─▶ noun::verb ─▶ accounts, store, live
//!                                        └─ access: one table       └─ error: the only place with status codes
//! ```
//!
//! It knows no media. What it takes and answers is in the OpenAPI document, from which clients are made.

pub mod access;
pub mod admin;
pub mod auth;
pub mod channels;
pub mod chat;
mod csv;
pub mod docs;
mod error;
mod extract;
mod field;
mod guard;
mod headers;
mod input;
pub mod keys;
pub mod library;
mod limit;
pub mod me;
pub mod openapi;
pub mod page;
pub mod recordings;
pub mod reports;
mod router;
pub mod server;
pub mod setup;
pub mod streams;
pub mod viewing;
pub mod words;

use std::sync::Arc;

use axum::http::HeaderValue;
use sluice_accounts::Accounts;
use sluice_domain::{OrgId, Redacted, StreamName};
use sluice_http::PublicUrl;
use sluice_live::Live;
use sluice_store::Store;

pub use admin::HostDoctor;
pub use limit::RateLimits;
pub use router::router;

use crate::error::ApiError;
use crate::extract::Caller;
use crate::limit::Limits;

/// Settings of the API.
#[derive(Debug, Clone, Default)]
pub struct ApiConfig {
    /// Our public address; without it absolute URLs repeat what the caller used.
    pub public_url: Option<PublicUrl>,
    /// The account and stream of `--demo`, shown to callers on this machine only.
    pub demo: Option<Demo>,
    /// Sites whose pages may use the API, such as `https://app.example`.
    pub cors_origins: Vec<HeaderValue>,
    /// How often callers may ask.
    pub rate_limits: RateLimits,
    /// Looks at the machine.
    pub host_doctor: HostDoctor,
}

/// An account and a stream that are ready to try things out with.
#[derive(Debug, Clone)]
pub struct Demo {
    /// Whom to sign in as.
    pub email: String,
    /// With which password.
    pub password: Redacted<String>,
    /// The stream.
    pub stream: StreamName,
    /// Its key.
    pub key: Redacted<String>,
}

struct Api {
    store: Store,
    accounts: Accounts,
    live: Live,
    config: ApiConfig,
    limits: Limits,
    /// When this process began, in UTC milliseconds.
    started_at: i64,
}

type Shared = Arc<Api>;

impl Api {
    fn now(&self) -> i64 {
        self.accounts.clock().now_ms()
    }

    /// Where a caller is: their own organisation, or the one that receives strangers.
    async fn org(&self, caller: &Caller) -> Result<OrgId, ApiError> {
        match &caller.identity {
            Some(identity) => Ok(identity.org),
            None => Ok(self.accounts.home().await?.id),
        }
    }
}
