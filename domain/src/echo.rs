//! The data channel `sluice-echo`, which sends back what it gets: with it somebody measures loss, delay and
//! jitter on the very way that media takes.

use std::time::Duration;

/// Label of the channel. It is unordered, and nothing on it is sent again.
pub const ECHO_LABEL: &str = "sluice-echo";

/// Longest message that comes back, in bytes. It fits into one packet, as media does; longer ones are dropped.
pub const MAX_ECHO_BYTES: usize = 1200;

/// Messages that come back in a second. Fifty tell a loss of 2 % within some seconds; with twice as many one
/// address cannot keep a core busy, or send others a flood.
pub const ECHO_PER_SECOND: u32 = 100;

/// How long a peer lives that has this channel and nothing else, from its offer on. Longer would let it be used
/// as a tunnel, shorter does not measure the jitter of a mobile network.
pub const ECHO_LIFETIME: Duration = Duration::from_secs(30);
