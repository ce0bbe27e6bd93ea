//! What the engine can be told to do differently.

use std::time::Duration;

/// How the server takes part in ICE (RFC 8445 §2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IceMode {
    /// Answers checks and sends none. Right for a server with a reachable address.
    #[default]
    Lite,
    /// Sends checks of its own.
    Full,
}

/// Settings of the engine; the same for every shard of a node.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Lite or full ICE.
    pub ice: IceMode,
    /// A peer that has not completed ICE and DTLS by then is closed (T25: at most 30 s).
    pub connect_timeout: Duration,
    /// A connected peer from which nothing arrives for this long is closed. Browsers send consent
    /// checks every 2.5 s or so and RTCP every second; shorter frees the stream of a vanished
    /// publisher earlier, longer survives longer outages.
    pub idle_timeout: Duration,
    /// Least playout delay asked of viewers (playout-delay extension); 0 asks for the least that
    /// the jitter buffer can do.
    pub playout_delay_min: Duration,
    /// Most playout delay asked of viewers. Bounds how far a jitter buffer grows on a bad link.
    pub playout_delay_max: Duration,
    /// How long packets of a publisher are gathered before they go to its viewers, unless a picture is
    /// complete before. Longer needs fewer system calls, shorter adds less delay; zero sends each packet
    /// at once.
    pub coalesce: Duration,
    /// Bandwidth estimate that a viewer starts with, in bits per second. Higher starts at a better
    /// layer on good links, lower spares bad links a burst.
    pub initial_estimate: u64,
    /// Least time between two key-frame requests for one layer. Shorter repairs a lost request or
    /// key frame sooner, longer spares the publisher's encoder.
    pub key_frame_interval: Duration,
    /// Most bytes of payload that the join cache of one layer holds.
    pub cache_bytes: usize,
    /// Longest span of media that the join cache of one layer holds. Must exceed the key-frame
    /// interval of publishers that ignore requests (OBS: 1 to 2 s) to let their viewers join at once.
    pub cache_span: Duration,
    /// A key frame no older than this is served from the join cache although the publisher could make a new one.
    /// Longer spares the publisher's encoder and everybody's picture, shorter has less to catch up with.
    pub cache_fresh: Duration,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            ice: IceMode::Lite,
            connect_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(8),
            playout_delay_min: Duration::ZERO,
            playout_delay_max: Duration::from_millis(200),
            coalesce: Duration::from_millis(1),
            initial_estimate: 1_500_000,
            key_frame_interval: Duration::from_millis(300),
            cache_bytes: 4 << 20,
            cache_span: Duration::from_secs(5),
            cache_fresh: Duration::from_millis(500),
        }
    }
}
