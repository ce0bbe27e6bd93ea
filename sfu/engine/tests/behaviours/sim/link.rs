//! One direction of a network path: latency, jitter, loss in bursts, reordering, a rate limit with
//! a bounded queue.

use std::time::{Duration, Instant};

use super::random::Random;

pub(crate) type Filter = Box<dyn FnMut(&[u8]) -> bool>;

pub(crate) struct Link {
    /// One way.
    pub(crate) latency: Duration,
    /// At most this much more, evenly spread, without changing the order.
    pub(crate) jitter: Duration,
    /// Share of datagrams lost.
    pub(crate) loss: f64,
    /// How many are lost in a row on average.
    pub(crate) burst: f64,
    /// Share of datagrams that are overtaken by those of the next 15 ms.
    pub(crate) reorder: f64,
    /// Bits per second.
    pub(crate) rate: Option<u64>,
    /// Longest time that a datagram waits for the rate limit.
    pub(crate) queue: Duration,
    /// Lets a datagram through where it answers true.
    pub(crate) filter: Option<Filter>,
    losing: bool,
    busy_until: Option<Instant>,
    newest: Option<Instant>,
}

const OVERTAKEN_BY: Duration = Duration::from_millis(15);

/// Bytes of IP and UDP around each datagram.
const HEADERS: usize = 28;

impl Default for Link {
    fn default() -> Self {
        Self::with_latency(10)
    }
}

impl Link {
    pub(crate) fn with_latency(millis: u64) -> Self {
        Self {
            latency: Duration::from_millis(millis),
            jitter: Duration::ZERO,
            loss: 0.0,
            burst: 1.0,
            reorder: 0.0,
            rate: None,
            queue: Duration::from_millis(200),
            filter: None,
            losing: false,
            busy_until: None,
            newest: None,
        }
    }

    /// When a datagram arrives; `None` if it does not.
    pub(crate) fn send(&mut self, now: Instant, bytes: &[u8], random: &mut Random) -> Option<Instant> {
        if self.filter.as_mut().is_some_and(|filter| !filter(bytes)) || self.loses(random) {
            return None;
        }
        let mut leaves = now;
        if let Some(rate) = self.rate {
            let begins = self.busy_until.map_or(now, |busy| busy.max(now));
            if begins - now > self.queue {
                return None;
            }
            let bits = (bytes.len() + HEADERS) as u64 * 8;
            leaves = begins + Duration::from_nanos(bits * 1_000_000_000 / rate);
            self.busy_until = Some(leaves);
        }
        let arrives = leaves + self.latency + self.jitter.mul_f64(random.share());
        if random.chance(self.reorder) {
            return Some(arrives + OVERTAKEN_BY);
        }
        let arrives = self.newest.map_or(arrives, |newest| newest.max(arrives));
        self.newest = Some(arrives);
        Some(arrives)
    }

    /// Two states after Gilbert: everything is lost in one, nothing in the other.
    fn loses(&mut self, random: &mut Random) -> bool {
        let change =
            if self.losing { 1.0 / self.burst } else { self.loss / (1.0 - self.loss).max(0.01) / self.burst };
        if random.chance(change) {
            self.losing = !self.losing;
        }
        self.losing && self.loss > 0.0
    }
}
