//! Streams and the server as the API showed them before there were accounts; the web app still reads them.

use serde::Serialize;
use sluice_domain::control::{BroadcastState, MediaIssue};
use sluice_domain::{Codec, LayerInfo, StreamName};
use sluice_live::StreamStatus;

/// A stream and its broadcast, if it has one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StreamInfo {
    /// The name in URLs.
    pub name: StreamName,
    /// The title that people see.
    pub title: String,
    /// Whether it is live.
    pub state: StreamState,
    /// First media of the running broadcast, in UTC milliseconds.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub live_since: Option<i64>,
    /// Connected viewers.
    pub viewers: u32,
    /// Of the video track.
    pub codec: Option<Codec>,
    /// Best first.
    pub layers: Vec<LayerInfo>,
    /// What is wrong with the publisher's media.
    pub issues: Vec<MediaIssue>,
}

/// Whether a stream is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum StreamState {
    /// Nobody publishes.
    Offline,
    /// A publisher was accepted, no media yet.
    Starting,
    /// Media flows.
    Live,
    /// The publisher is gone; its return is awaited.
    Gap,
}

impl From<StreamStatus> for StreamInfo {
    fn from(status: StreamStatus) -> Self {
        Self {
            name: status.name,
            title: status.title,
            state: match status.state {
                None | Some(BroadcastState::Ended) => StreamState::Offline,
                Some(BroadcastState::Starting) => StreamState::Starting,
                Some(BroadcastState::Live) => StreamState::Live,
                Some(BroadcastState::Gap) => StreamState::Gap,
            },
            live_since: status.live_since.map(|since| since.0 / 1000),
            viewers: status.viewers,
            codec: status.codec,
            layers: status.layers,
            issues: status.issues,
        }
    }
}

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
