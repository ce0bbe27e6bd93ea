//! A line with a rate, a drop-tail queue, a length, noise and other traffic, and a receiver behind it.

use std::collections::{BTreeMap, VecDeque};

/// SplitMix64, so that a run depends on nothing but its seed.
#[derive(Debug, Clone)]
pub(super) struct Random(pub(super) u64);

impl Random {
    /// From 0 up to but not including 1.
    pub(super) fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// What a line is like. Times in microseconds.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) rate: u64,
    pub(super) queue: i64,
    pub(super) base: i64,
    pub(super) jitter: i64,
    /// Chance in each second of a pause of 80 ms, as a radio has them.
    pub(super) pauses: f64,
    pub(super) loss: f64,
    /// Bits per second of somebody else, who does not yield.
    pub(super) others: u64,
    pub(super) feedback_every: i64,
    pub(super) feedback_loss: f64,
    /// Feedback comes twice, and every other message later than the one after it.
    pub(super) feedback_disorder: bool,
    /// What the remote clock shows at zero, and how much it is faster, in millionths.
    pub(super) epoch: i64,
    pub(super) drift: i64,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            rate: 5_000_000,
            queue: 200_000,
            base: 20_000,
            jitter: 0,
            pauses: 0.0,
            loss: 0.0,
            others: 0,
            feedback_every: 50_000,
            feedback_loss: 0.0,
            feedback_disorder: false,
            epoch: -7_000_000_000,
            drift: 0,
        }
    }
}

/// A message on its way back: arrival, and packets with their arrivals on the remote clock.
type Message = (i64, Vec<(u64, Option<i64>)>);

/// A line in use.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) link: Link,
    pub(super) dropped: u64,
    random: Random,
    free: f64,
    others_sent: i64,
    last_arrival: i64,
    paused_until: i64,
    arrivals: BTreeMap<u64, i64>,
    next_report: u64,
    reported_at: i64,
    messages: VecDeque<Message>,
    sent_messages: u64,
}

impl Line {
    pub(super) fn new(link: Link, seed: u64) -> Self {
        Self {
            link,
            dropped: 0,
            random: Random(seed),
            free: 0.0,
            others_sent: 0,
            last_arrival: 0,
            paused_until: 0,
            arrivals: BTreeMap::new(),
            next_report: 0,
            reported_at: 0,
            messages: VecDeque::new(),
            sent_messages: 0,
        }
    }

    /// How long a packet would wait now.
    pub(super) fn wait(&self, now: i64) -> i64 {
        (self.free as i64 - now).max(0)
    }

    pub(super) fn send(&mut self, now: i64, seq: u64, bytes: u32) {
        self.others(now);
        if !self.enqueue(now, bytes) {
            self.dropped += 1;
            return;
        }
        if self.random.share() < self.link.loss {
            return;
        }
        let noise = (self.random.share() * self.link.jitter as f64) as i64;
        let arrival = (self.free as i64 + self.link.base + noise).max(self.paused_until);
        // A radio link keeps the order.
        self.last_arrival = self.last_arrival.max(arrival);
        self.arrivals.insert(seq, self.last_arrival);
    }

    fn others(&mut self, now: i64) {
        while self.link.others > 0 && self.others_sent < now {
            let gap = 1_200.0 * 8e6 / self.link.others as f64 * (0.5 + self.random.share());
            self.others_sent += gap as i64;
            self.enqueue(self.others_sent, 1_200);
        }
        self.others_sent = self.others_sent.max(now);
    }

    fn enqueue(&mut self, now: i64, bytes: u32) -> bool {
        if self.wait(now) > self.link.queue {
            return false;
        }
        self.free = self.free.max(now as f64) + f64::from(bytes) * 8e6 / self.link.rate as f64;
        true
    }

    /// Lets a millisecond pass; feedback that has come back.
    pub(super) fn tick(&mut self, now: i64) -> Vec<Vec<(u64, Option<i64>)>> {
        if self.random.share() < self.link.pauses / 1_000.0 {
            self.paused_until = now + 80_000;
        }
        if now - self.reported_at >= self.link.feedback_every {
            self.report(now);
        }
        let mut due = Vec::new();
        while self.messages.front().is_some_and(|message| message.0 <= now) {
            due.extend(self.messages.pop_front().map(|message| message.1));
        }
        due
    }

    fn report(&mut self, now: i64) {
        let arrived: Vec<u64> =
            self.arrivals.iter().filter(|(_, at)| **at <= now).map(|(seq, _)| *seq).collect();
        let Some(newest) = arrived.last().copied() else { return };
        self.reported_at = now;
        let remote = |at: i64| {
            let at = at + self.link.epoch + at / 1_000_000 * self.link.drift;
            at.div_euclid(250) * 250
        };
        let first = self.next_report.min(arrived[0]);
        let mut packets = Vec::new();
        for seq in first..=newest {
            packets.push((seq, self.arrivals.get(&seq).filter(|at| **at <= now).map(|at| remote(*at))));
        }
        arrived.iter().for_each(|seq| {
            self.arrivals.remove(seq);
        });
        self.next_report = newest + 1;
        self.sent_messages += 1;
        if self.random.share() < self.link.feedback_loss {
            return;
        }
        let back = now + self.link.base;
        let late = self.link.feedback_disorder && self.sent_messages.is_multiple_of(5);
        let at = back + if late { self.link.feedback_every * 3 / 2 } else { 0 };
        if self.link.feedback_disorder {
            self.messages.push_back((back + self.link.feedback_every / 2, packets.clone()));
        }
        self.messages.push_back((at, packets));
        self.messages.make_contiguous().sort_by_key(|message| message.0);
    }
}
