//! One direction of an impaired network path, as a pure value: time and a seed in, delivery times out.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};

/// What a path does to datagrams. The default does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Impairment {
    /// Bits per second of the bottleneck; absent is unlimited.
    pub rate: Option<u64>,
    /// Longest wait in front of the bottleneck in milliseconds; what would wait longer is dropped.
    pub queue_ms: u64,
    /// Share of datagrams lost at random, 0 to 1.
    pub loss: f64,
    /// One-way delay in milliseconds.
    pub delay_ms: u64,
    /// Most that is added to the delay of each datagram at random, in milliseconds. Order is kept.
    pub jitter_ms: u64,
    /// Share of datagrams that overtake nobody but are overtaken: held back by `reorder_ms`.
    pub reorder: f64,
    /// How long a reordered datagram is held back.
    pub reorder_ms: u64,
}

impl Default for Impairment {
    fn default() -> Self {
        Self {
            rate: None,
            // About what a home router holds; longer queues hide a drop in rate, shorter ones lose bursts.
            queue_ms: 200,
            loss: 0.0,
            delay_ms: 0,
            jitter_ms: 0,
            reorder: 0.0,
            reorder_ms: 20,
        }
    }
}

/// What a link did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LinkCounts {
    /// Datagrams let through.
    pub passed: u64,
    /// Bytes let through.
    pub bytes: u64,
    /// Datagrams lost at random.
    pub lost: u64,
    /// Datagrams that found the queue full.
    pub overflowed: u64,
}

/// One direction of a path.
#[derive(Debug)]
pub struct Link {
    impairment: Impairment,
    random: StdRng,
    /// When the bottleneck has sent what it holds.
    idle_at: Option<Instant>,
    /// Delivery of the datagram before, which jitter does not overtake.
    last_delivery: Option<Instant>,
    counts: LinkCounts,
}

impl Link {
    /// A link without impairment whose later randomness follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            impairment: Impairment::default(),
            random: StdRng::seed_from_u64(seed),
            idle_at: None,
            last_delivery: None,
            counts: LinkCounts::default(),
        }
    }

    /// Changes the path from now on; what is under way arrives as it would have.
    pub fn set(&mut self, impairment: Impairment) {
        self.impairment = impairment;
        // A new rate starts with an empty queue; the old backlog is already scheduled.
        self.idle_at = None;
    }

    /// What the link did so far.
    pub fn counts(&self) -> LinkCounts {
        self.counts
    }

    /// When a datagram of `bytes` that enters at `now` leaves, or nothing where it is dropped.
    pub fn admit(&mut self, now: Instant, bytes: usize) -> Option<Instant> {
        let Impairment { rate, queue_ms, loss, delay_ms, jitter_ms, reorder, reorder_ms } = self.impairment;
        if loss > 0.0 && self.random.random::<f64>() < loss {
            self.counts.lost += 1;
            return None;
        }
        let sent = match rate {
            None => now,
            Some(rate) => {
                let start = self.idle_at.map_or(now, |idle| idle.max(now));
                if start.duration_since(now) > Duration::from_millis(queue_ms) {
                    self.counts.overflowed += 1;
                    return None;
                }
                let sent = start + Duration::from_secs_f64(bytes as f64 * 8.0 / rate.max(1) as f64);
                self.idle_at = Some(sent);
                sent
            }
        };
        self.counts.passed += 1;
        self.counts.bytes += bytes as u64;
        let mut delivery = sent + Duration::from_millis(delay_ms);
        if jitter_ms > 0 {
            delivery += Duration::from_secs_f64(self.random.random::<f64>() * jitter_ms as f64 / 1000.0);
        }
        if reorder > 0.0 && self.random.random::<f64>() < reorder {
            return Some(delivery + Duration::from_millis(reorder_ms));
        }
        let delivery = self.last_delivery.map_or(delivery, |last| last.max(delivery));
        self.last_delivery = Some(delivery);
        Some(delivery)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(impairment: Impairment) -> Link {
        let mut link = Link::new(7);
        link.set(impairment);
        link
    }

    #[test]
    fn an_unimpaired_link_delivers_at_once() {
        let now = Instant::now();
        assert_eq!(link(Impairment::default()).admit(now, 1200), Some(now));
    }

    #[test]
    fn a_bottleneck_spaces_datagrams_by_their_size() {
        let now = Instant::now();
        let mut link = link(Impairment { rate: Some(960_000), ..Impairment::default() });
        assert_eq!(link.admit(now, 1200), Some(now + Duration::from_millis(10)));
        assert_eq!(link.admit(now, 1200), Some(now + Duration::from_millis(20)));
    }

    #[test]
    fn what_would_wait_longer_than_the_queue_holds_is_dropped() {
        let now = Instant::now();
        let mut link = link(Impairment { rate: Some(960_000), queue_ms: 100, ..Impairment::default() });
        let passed = (0..50).filter(|_| link.admit(now, 1200).is_some()).count();
        assert_eq!(passed, 11);
        assert_eq!(link.counts().overflowed, 39);
    }

    #[test]
    fn loss_is_about_the_share_that_was_asked_for_and_repeats_with_its_seed() {
        let now = Instant::now();
        let run = || {
            let mut link = link(Impairment { loss: 0.05, ..Impairment::default() });
            (0..10_000).filter(|_| link.admit(now, 100).is_none()).count()
        };
        assert_eq!(run(), run());
        assert!((400..600).contains(&run()), "{}", run());
    }

    #[test]
    fn jitter_keeps_the_order_and_reordering_breaks_it() {
        let now = Instant::now();
        let deliveries = |impairment| {
            let mut link = link(impairment);
            (0..200).filter_map(|i| link.admit(now + Duration::from_millis(i), 100)).collect::<Vec<_>>()
        };
        let jittered = deliveries(Impairment { jitter_ms: 30, delay_ms: 10, ..Impairment::default() });
        assert!(jittered.is_sorted());
        let reordered = deliveries(Impairment { reorder: 0.1, ..Impairment::default() });
        assert!(!reordered.is_sorted());
    }
}
