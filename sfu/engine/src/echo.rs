//! The data channel `sluice-echo` of those who measure their connection: what comes on it goes back, as long as
//! it is small and there is not too much of it.

use std::time::Instant;

use sluice_domain::echo::{ECHO_LIFETIME, ECHO_PER_SECOND, MAX_ECHO_BYTES};
use sluice_domain::{Bucket, Rate};
use str0m::channel::{ChannelConfig, Reliability};

/// A page that was held up sends what waited: two seconds of it.
const RATE: Rate = Rate::per_second(ECHO_PER_SECOND, 2 * ECHO_PER_SECOND);

/// Bytes that may wait in the channel. What goes beyond is dropped, as a network would: an echo that comes back
/// late would be taken for a slow network.
pub const MAX_WAITING_BYTES: usize = 16 * 1024;

/// What a peer may have echoed.
#[derive(Debug)]
pub struct Echo {
    messages: Bucket,
    ends: Instant,
}

impl Echo {
    /// Of a peer that was made just now.
    pub fn new(now: Instant) -> Self {
        Self { messages: Bucket::full(now), ends: now + ECHO_LIFETIME }
    }

    /// Whether a message goes back.
    pub fn answers(&mut self, length: usize, now: Instant) -> bool {
        (1..=MAX_ECHO_BYTES).contains(&length) && self.messages.take(RATE, now).is_ok()
    }

    /// Whether its time is over.
    pub fn is_over(&self, now: Instant) -> bool {
        self.ends <= now
    }
}

/// Whether a channel is one that echoes: with retransmissions it would measure itself and not the network.
pub fn is_echo(config: &ChannelConfig) -> bool {
    !config.ordered && config.reliability == Reliability::MaxRetransmits { retransmits: 0 }
}
