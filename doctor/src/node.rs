//! What goes over the routes under `/doctor`, besides facts and findings.

use serde::{Deserialize, Serialize};

use crate::facts::NodeFacts;

/// The answer to `GET /doctor/node`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DoctorNode {
    /// What the node says of itself; goes back unchanged as [`Facts::node`](crate::Facts::node).
    pub node: NodeFacts,
    /// The relays with credentials that are good for some minutes. They are nobody else's business.
    pub relays: Vec<RelayServer>,
    /// What the routes and the echo channel allow.
    pub limits: DoctorLimits,
}

/// A relay, or a STUN server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct RelayServer {
    /// Such as `turn:live.example.org:3478?transport=udp`.
    pub url: String,
    /// User name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// A password is never printed.
impl std::fmt::Debug for RelayServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelayServer").field("url", &self.url).finish_non_exhaustive()
    }
}

/// What the routes and the echo channel allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DoctorLimits {
    /// How long a session lives, in seconds.
    pub session_seconds: u32,
    /// Longest message of the echo channel, in bytes.
    pub echo_bytes: u32,
    /// Messages of the echo channel that are answered in a second; more of them are not.
    pub echo_per_second: u32,
    /// Most bytes of a download.
    pub download_bytes: u32,
    /// Most bytes of an upload.
    pub upload_bytes: u32,
    /// Bytes that one address may have sent and fetched in a minute, all together.
    pub bytes_per_minute: u32,
}

/// The answer to `POST /doctor/upload`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Uploaded {
    /// How much arrived.
    pub bytes: u32,
    /// From the first byte to the last, in milliseconds.
    pub millis: f64,
}
