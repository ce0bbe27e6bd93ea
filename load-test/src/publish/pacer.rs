//! Sends the packets of a frame over some milliseconds, as browsers do, instead of in one burst.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Between two bursts. libwebrtc sends what five milliseconds allow in one go; less would cost
/// timers, more would be the burst again.
const INTERVAL: Duration = Duration::from_millis(5);
/// How much faster than the bit rate a frame leaves, as libwebrtc does it.
const HEADROOM: f64 = 2.5;

/// A packet that waits, not yet encrypted.
pub(crate) struct Waiting {
    pub(crate) packet: Vec<u8>,
    /// Where its send time belongs, if it carries one.
    pub(crate) stamp_at: Option<usize>,
    pub(crate) key: bool,
    pub(crate) ssrc: u32,
}

/// The queue of one connection.
pub(crate) struct Pacer {
    queue: VecDeque<Waiting>,
    bytes_per_burst: f64,
    credit: f64,
    next: Option<Instant>,
    /// Packets that have been sent, for their memory.
    spare: Vec<Vec<u8>>,
}

impl Pacer {
    /// A queue for media of this many bits per second.
    pub(crate) fn new(bits_per_second: f64) -> Self {
        let bytes_per_burst = bits_per_second / 8.0 * HEADROOM * INTERVAL.as_secs_f64();
        Self { queue: VecDeque::new(), bytes_per_burst, credit: 0.0, next: None, spare: Vec::new() }
    }

    /// A copy of the packet waits for its turn.
    pub(crate) fn push(
        &mut self,
        now: Instant,
        packet: &[u8],
        ssrc: u32,
        stamp_at: Option<usize>,
        key: bool,
    ) {
        let mut copy = self.spare.pop().unwrap_or_default();
        copy.clear();
        copy.extend_from_slice(packet);
        self.queue.push_back(Waiting { packet: copy, stamp_at, key, ssrc });
        if self.next.is_none() {
            self.next = Some(now);
            self.credit = 0.0;
        }
    }

    /// When the next burst is due.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        self.next
    }

    /// The next packet that may leave now.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<Waiting> {
        while let Some(next) = self.next.filter(|next| *next <= now) {
            if self.queue.is_empty() {
                self.next = None;
                return None;
            }
            if self.credit > 0.0 {
                let waiting = self.queue.pop_front()?;
                self.credit -= waiting.packet.len() as f64;
                if self.credit <= 0.0 {
                    self.next = Some(next + INTERVAL);
                }
                return Some(waiting);
            }
            self.credit += self.bytes_per_burst;
            if self.credit <= 0.0 {
                self.next = Some(next + INTERVAL);
            }
        }
        None
    }

    /// Takes the memory of a packet back.
    pub(crate) fn recycle(&mut self, packet: Vec<u8>) {
        self.spare.push(packet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_leaves_in_bursts_of_two_and_a_half_times_the_rate() {
        let start = Instant::now();
        // 2 Mbit/s: 3125 bytes in a burst.
        let mut pacer = Pacer::new(2_000_000.0);
        for _ in 0..9 {
            pacer.push(start, &[0; 1200], 1, None, false);
        }
        let mut bursts = Vec::new();
        for millis in 0..40 {
            let now = start + Duration::from_millis(millis);
            let sent = std::iter::from_fn(|| pacer.pop(now)).count();
            if sent > 0 {
                bursts.push((millis, sent));
            }
        }
        assert_eq!(bursts, [(0, 3), (5, 3), (10, 2), (15, 1)]);
        assert_eq!(pacer.next_timeout(), None);
    }
}
