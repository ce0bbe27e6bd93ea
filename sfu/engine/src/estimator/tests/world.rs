//! A viewer's sender on a simulated line: layers, key frames in bursts, audio, padding, and the layer
//! choice of the engine.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::super::{Estimator, PacketResult};
use super::link::{Line, Link, Random};
use crate::layer::{Chooser, LayerView, Limits};
use crate::testing::start;

pub(super) const INITIAL: u64 = 1_500_000;
const PACKET: u32 = 1_200;
const RESERVE: u64 = 80_000;

/// A row of the timeline.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) at: i64,
    pub(super) estimate: u64,
    pub(super) layer: usize,
    pub(super) wait: i64,
}

pub(super) struct World {
    pub(super) now: i64,
    pub(super) line: Line,
    pub(super) estimator: Estimator,
    pub(super) rows: Vec<Row>,
    pub(super) padded: u64,
    /// Media is sent.
    pub(super) live: bool,
    /// Of the best layer first, in bits per second.
    pub(super) layers: Vec<u64>,
    pub(super) layer: usize,
    /// Fixed layer instead of the choice.
    pub(super) pinned: bool,
    pub(super) fill: bool,
    chooser: Chooser,
    zero: Instant,
    random: Random,
    seq: u64,
    ring: VecDeque<PacketResult>,
    fell: (u64, i64),
    next_frame: i64,
    next_audio: i64,
    next_choice: i64,
    next_poll: i64,
    frames: u64,
}

impl World {
    pub(super) fn new(link: Link, seed: u64) -> Self {
        Self {
            now: 0,
            line: Line::new(link, seed),
            estimator: Estimator::new(INITIAL, 0),
            rows: Vec::new(),
            padded: 0,
            live: true,
            layers: vec![2_500_000, 800_000, 250_000],
            layer: 1,
            pinned: false,
            fill: true,
            chooser: Chooser::default(),
            zero: start(),
            random: Random(seed ^ 0xabcd),
            seq: 1_000,
            ring: VecDeque::new(),
            fell: (0, i64::MIN),
            next_frame: 0,
            next_audio: 0,
            next_choice: 0,
            next_poll: 0,
            frames: 0,
        }
    }

    pub(super) fn run(&mut self, seconds: f64) {
        let end = self.now + (seconds * 1e6) as i64;
        while self.now < end {
            self.now += 1_000;
            self.tick();
        }
    }

    /// Runs until something is true; how long that took in milliseconds.
    pub(super) fn until(&mut self, seconds: f64, done: impl Fn(&Self) -> bool) -> Option<i64> {
        let start = self.now;
        while !done(self) {
            if self.now - start > (seconds * 1e6) as i64 {
                return None;
            }
            self.now += 1_000;
            self.tick();
        }
        Some((self.now - start) / 1_000)
    }

    fn tick(&mut self) {
        let now = self.now;
        for message in self.line.tick(now) {
            let results: Vec<_> = message.into_iter().filter_map(|(seq, at)| self.result(seq, at)).collect();
            self.estimator.feedback(now, &results);
        }
        self.media();
        if now >= self.next_choice {
            self.next_choice = now + 50_000;
            self.choose();
        }
        while let Some(padding) =
            self.estimator.next().filter(|at| *at <= now).and_then(|_| self.estimator.poll_padding(now))
        {
            let mut left = padding.bytes;
            let mut bytes = 0;
            while left > 0 {
                bytes += self.packet(left.clamp(100, PACKET), padding.probe);
                left = left.saturating_sub(PACKET);
            }
            self.padded += u64::from(bytes);
            self.estimator.sent(now, bytes);
        }
        if now >= self.next_poll {
            self.next_poll = now + 50_000;
            let estimate = self.estimator.estimate();
            self.rows.push(Row { at: now, estimate, layer: self.layer, wait: self.line.wait(now) });
        }
    }

    fn result(&self, seq: u64, received: Option<i64>) -> Option<PacketResult> {
        let first = self.ring.front()?.seq;
        let packet = self.ring.get(usize::try_from(seq.checked_sub(first)?).ok()?)?;
        Some(PacketResult { received, ..*packet })
    }

    fn packet(&mut self, bytes: u32, probe: u8) -> u32 {
        self.seq += 1;
        self.ring.push_back(PacketResult { seq: self.seq, sent: self.now, received: None, bytes, probe });
        if self.ring.len() > 4_096 {
            self.ring.pop_front();
        }
        self.line.send(self.now, self.seq, bytes);
        bytes
    }

    /// 30 pictures a second, each one batch with one send time, every 60th a key frame of 48 packets.
    fn media(&mut self) {
        if !self.live {
            (self.next_frame, self.next_audio) = (self.now, self.now);
            return;
        }
        if self.now >= self.next_frame {
            self.next_frame += 33_333;
            self.frames += 1;
            let bitrate = self.layers[self.layer] as f64;
            let key = 57_600.0 * bitrate / 2.5e6;
            let delta = (bitrate / 4.0 - key) / 59.0;
            let bytes = match self.frames % 60 {
                1 => key,
                _ => delta * (0.7 + 0.6 * self.random.share()),
            };
            let mut left = bytes as u32;
            while left > 0 {
                self.packet(left.min(PACKET), 0);
                left = left.saturating_sub(PACKET);
            }
            self.estimator.sent(self.now, bytes as u32);
        }
        if self.now >= self.next_audio {
            self.next_audio += 20_000;
            let bytes = self.packet(160, 0);
            self.estimator.sent(self.now, bytes);
        }
    }

    fn choose(&mut self) {
        let estimate = self.estimator.estimate();
        if estimate < self.fell.0 - self.fell.0 / 10 {
            self.fell.1 = self.now;
        }
        self.fell.0 = estimate;
        let with_reserve = |bitrate: u64| bitrate + bitrate / 4 + RESERVE;
        if !self.live {
            return self.estimator.set_wanted(0, 0);
        }
        if !self.pinned {
            let views: Vec<_> = (0..)
                .zip(&self.layers)
                .map(|(index, &bitrate)| LayerView { index, bitrate, size: None, active: true })
                .collect();
            let at = self.zero + Duration::from_micros(self.now.unsigned_abs());
            let budget = Some(estimate.saturating_sub(RESERVE));
            self.layer = self.chooser.choose(at, &views, &Limits::default(), budget).unwrap_or(self.layer);
        }
        let calm = self.now.saturating_sub(self.fell.1) >= 700_000;
        let next = self.layer.checked_sub(1).filter(|_| calm && self.fill);
        let fill = next.map_or(0, |next| with_reserve(self.layers[next]));
        self.estimator.set_wanted(fill, with_reserve(self.layers[0]));
    }

    /// The rows from a time on, in seconds.
    pub(super) fn since(&self, seconds: f64) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.at as f64 >= seconds * 1e6)
    }

    /// How often the layer changed from a time on, in seconds.
    pub(super) fn switches(&self, seconds: f64) -> usize {
        let layers: Vec<_> = self.since(seconds).map(|row| row.layer).collect();
        layers.windows(2).filter(|pair| pair[0] != pair[1]).count()
    }

    /// Lowest and highest estimate from a time on, in seconds.
    pub(super) fn range(&self, seconds: f64) -> (u64, u64) {
        let estimates = || self.since(seconds).map(|row| row.estimate);
        (estimates().min().unwrap_or(0), estimates().max().unwrap_or(0))
    }

    /// For the message of a failed assertion.
    pub(super) fn timeline(&self) -> String {
        let mut text = String::from("\n   s      estimate  layer  queue ms\n");
        for row in &self.rows {
            let seconds = row.at as f64 / 1e6;
            let _ = writeln!(text, "{seconds:6.2} {:9} {:4} {:6}", row.estimate, row.layer, row.wait / 1_000);
        }
        text
    }
}
