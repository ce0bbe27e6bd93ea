//! Settings of `live`: the limits of sessions.

use std::time::Duration;

/// Settings that hold from start to shutdown.
#[derive(Debug, Clone)]
pub struct LiveConfig {
    /// How long a broadcast waits for its publisher to return before it ends. Longer survives
    /// longer outages with viewers kept; shorter tells viewers sooner that it is over.
    pub gap: Duration,
    /// Most sessions on this node, publishers and viewers together. A publisher that returns to
    /// its own broadcast is always let in.
    pub max_sessions: usize,
    /// Most sessions of viewers and chats that one address may have; 0 is no limit.
    pub max_sessions_per_address: u32,
    /// Most sessions of viewers and chats that one account may have; 0 is no limit.
    pub max_sessions_per_account: u32,
    /// Most sessions that have not completed ICE yet. Bounds what a flood of POSTs can occupy
    /// until the media plane reaps it (T25).
    pub max_pending: usize,
}

impl Default for LiveConfig {
    fn default() -> Self {
        Self {
            gap: Duration::from_secs(10),
            max_sessions: 10_000,
            // A large school behind one address, and every device of a household that is signed in.
            max_sessions_per_address: 2_000,
            max_sessions_per_account: 100,
            max_pending: 1_000,
        }
    }
}
