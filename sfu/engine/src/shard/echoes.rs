//! Peers that measure their connection: what they send on their echo channel goes back at once.

use std::time::Instant;

use super::{Entry, Part, Shard};

impl Shard {
    /// A message on the echo channel. What is too long or too much is dropped in silence, as a network would.
    pub(super) fn echo(&mut self, key: usize, binary: bool, bytes: &[u8], now: Instant) {
        let Some(Entry { peer, part: Part::Probe(echo), .. }) = self.entries.get_mut(key) else { return };
        if echo.answers(bytes.len(), now) && peer.echo(binary, bytes, now) {
            self.stats.echoed += 1;
            self.drain(key, now);
        } else {
            self.stats.echo_dropped += 1;
        }
    }
}
