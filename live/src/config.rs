//! Settings of `live`: the streams of this node and the limits of their sessions.

use std::time::Duration;

use sluice_domain::{Redacted, StreamName};
use thiserror::Error;

/// Settings that hold from start to shutdown.
#[derive(Debug, Clone)]
pub struct LiveConfig {
    /// How long a broadcast waits for its publisher to return before it ends. Longer survives
    /// longer outages with viewers kept; shorter tells viewers sooner that it is over.
    pub gap: Duration,
    /// Most sessions on this node, publishers and viewers together. A publisher that returns to
    /// its own broadcast is always let in.
    pub max_sessions: usize,
    /// Most sessions that have not completed ICE yet. Bounds what a flood of POSTs can occupy
    /// until the media plane reaps it (T25).
    pub max_pending: usize,
}

impl Default for LiveConfig {
    fn default() -> Self {
        Self { gap: Duration::from_secs(10), max_sessions: 10_000, max_pending: 1_000 }
    }
}

/// A stream and who may publish to it.
#[derive(Debug, Clone)]
pub struct StreamConfig {
    /// The name in URLs.
    pub name: StreamName,
    /// The title that people see.
    pub title: String,
    /// Keys that may publish. Each key is one holder: a broadcast is taken over at once by the
    /// key that started it, and by no other.
    pub keys: Vec<Redacted<String>>,
}

/// Why a list of streams cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StreamsError {
    /// A name is there twice.
    #[error("the stream {0} is configured twice")]
    DuplicateName(StreamName),
    /// A key is there twice, so `POST /whip` could not tell which stream is meant.
    #[error("the streams {0} and {1} share a key; every key must belong to one stream")]
    SharedKey(StreamName, StreamName),
    /// A key that anybody could guess or that no header could carry.
    #[error("a key of the stream {0} is too short or has spaces; use 8 or more visible ASCII characters")]
    WeakKey(StreamName),
}
