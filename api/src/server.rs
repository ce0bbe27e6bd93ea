//! This server, as the API shows it.

pub(crate) mod show;

use serde::Serialize;
use sluice_domain::StreamName;

/// What this server is and how to reach it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServerInfo {
    /// Version of the program.
    pub version: String,
    /// WHIP endpoint that finds the stream by its key; `/{stream}` may follow.
    pub whip_url: String,
    /// WHEP endpoint with `{stream}` in place of the name.
    pub whep_url_template: String,
    /// Stream and key of `--demo`, for callers on this machine only.
    pub demo: Option<DemoInfo>,
}

/// A stream that is ready to publish to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DemoInfo {
    /// The stream.
    pub stream: StreamName,
    /// Its key.
    pub key: String,
}
