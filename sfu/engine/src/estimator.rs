//! What a viewer's network carries, from the feedback about what was sent to it: Google congestion
//! control (draft-ietf-rmcat-gcc-02) as libwebrtc has grown it, for a sender that sends in bursts.
//!
//! ```text
//!           ┌ acked: what arrives ──────────────────────────────────────────┐
//! feedback ─┼ backlog ─▶ groups ─▶ trendline ─▶ overuse (queues grow) ──────┼▶ rate ─▶ estimate
//!           │                  └─▶ surge (the line became narrow) ──────────┤
//!           ├ loss (what congestion loses) ─────────────────────────────────┤
//!           └ probe (what a burst of padding has shown) ────────────────────┘
//! ```
//!
//! Times are microseconds since an epoch of the connection, rates are bits per second. Nothing is
//! allocated and nothing is done per packet sent.

mod acked;
mod backlog;
mod capacity;
mod fill;
mod groups;
mod loss;
mod overuse;
mod probe;
mod rate;
mod seen;
mod surge;
mod trendline;

use acked::Acked;
use backlog::Backlog;
use fill::Fill;
use groups::Groups;
use loss::{Loss, Verdict};
use overuse::{Overuse, Usage};
use probe::Probe;
use rate::Rate;
use seen::{News, Seen};
use trendline::Trendline;

use crate::prefetch::prefetch;

/// What feedback says about one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketResult {
    /// Transport sequence number on a count that does not wrap. Overlapping, repeated and late feedback
    /// is told apart by it.
    pub seq: u64,
    /// When it was sent; packets of one batch may have one time.
    pub sent: i64,
    /// When it arrived, in microseconds of the remote clock on a count that does not wrap (see
    /// [`ArrivalClock`](crate::rtcp::ArrivalClock)); `None` when it is reported as lost.
    pub received: Option<i64>,
    /// Its size on the wire.
    pub bytes: u32,
    /// The probe it belongs to as [`Padding::probe`] says it, 0 for everything else.
    pub probe: u8,
}

/// Padding that is to be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Padding {
    /// At least so many bytes on the wire, in packets as they come.
    pub bytes: u32,
    /// What [`PacketResult::probe`] of these packets is to be: a probe, or 0 for what fills the line.
    pub probe: u8,
}

/// A pause of the feedback after which delays cannot be compared, in microseconds.
const SILENCE: i64 = 3_000_000;

/// Without feedback about what was sent so many microseconds ago nothing is padded.
const DEAF: i64 = 600_000;

/// A line that was found to be full is left to drain for so long before it is probed or filled.
const PROBE_CALM: i64 = 1_200_000;
const FILL_CALM: i64 = 400_000;

/// No padding, and no climbing, while packets wait longer than usual by this, or by [`JITTERS`] times the
/// jitter.
const QUEUED: f64 = 25_000.0;
const JITTERS: f64 = 3.0;

/// Share of a new difference of delays in the jitter, and the most that it can be, in microseconds.
const JITTER_SHARE: f64 = 1.0 / 32.0;
const MOST_JITTER: f64 = 20_000.0;

/// The largest fall of the delay from group to group is forgotten with this time constant and is at most
/// that, in microseconds.
const SWING_FADES: f64 = 4_000_000.0;
const MOST_SWING: f64 = 60_000.0;

/// The usual delay is averaged over so many microseconds and is at most that. A radio delays most
/// packets a little; more takes a standing queue for usual.
const USUAL_OVER: f64 = 5_000_000.0;
const MOST_USUAL: f64 = 40_000.0;

/// A surge that was measured over fewer microseconds than this is not believed to leave less than that
/// share of what arrived before; the next message says more.
const SURE: i64 = 100_000;
const UNSURE_SHARE: f64 = 0.4;

/// From this jitter on what a probe has shown must be shown again, within so many microseconds.
const NOISY: f64 = 4_000.0;
const SHOWN_AGAIN: i64 = 1_000_000;

/// The estimator of one viewer's network.
#[derive(Debug, Clone)]
pub struct Estimator {
    rate: Rate,
    seen: Seen,
    acked: Acked,
    backlog: Backlog,
    groups: Groups,
    trendline: Trendline,
    overuse: Overuse,
    loss: Loss,
    probe: Probe,
    fill: Fill,
    /// Mean difference of the delays of groups in a row.
    jitter: f64,
    /// Mean excess of groups.
    usual: f64,
    /// Most that the delay lately fell from group to group.
    swing: f64,
    /// What the last probe has shown, and when.
    shown: Option<(f64, i64)>,
    /// Send time of the newest packet that was reported on.
    newest: i64,
    /// When feedback last came, and the first thing that was sent after that.
    heard: Option<i64>,
    unheard: Option<i64>,
    wanted: (u64, u64),
}

impl Estimator {
    /// An estimator that believes in `initial` bits per second.
    pub fn new(initial: u64, now: i64) -> Self {
        Self {
            rate: Rate::new(initial, now),
            seen: Seen::default(),
            acked: Acked::default(),
            backlog: Backlog::default(),
            groups: Groups::default(),
            trendline: Trendline::default(),
            overuse: Overuse::default(),
            loss: Loss::default(),
            probe: Probe::default(),
            fill: Fill::default(),
            jitter: 0.0,
            usual: 0.0,
            swing: 0.0,
            shown: None,
            newest: i64::MIN,
            heard: None,
            unheard: None,
            wanted: (0, 0),
        }
    }

    /// Asks the processor for what [`Self::sent`] and [`Self::next`] will read.
    pub fn prefetch(&self) {
        prefetch(&self.rate);
        prefetch(&self.probe);
        prefetch(&self.fill);
        prefetch(&self.unheard);
        prefetch(&self.wanted);
    }

    /// Results of one transport-wide feedback message, in sequence order.
    pub fn feedback(&mut self, now: i64, results: &[PacketResult]) {
        if self.heard.replace(now).is_some_and(|heard| now - heard > SILENCE) {
            self.acked.clear();
            self.loss.clear();
            self.forget_delays();
            self.backlog.clear();
        }
        self.unheard = None;
        self.backlog.set_rate(self.rate.bits());
        let (mut total, mut lost, mut queue) = (0, 0, 0.0_f64);
        for result in results {
            match self.seen.note(result.seq, result.received.is_some()) {
                News::Nothing => {}
                News::Late { was_lost } => {
                    if was_lost {
                        self.loss.found();
                    }
                    if let Some(received) = result.received {
                        self.acked.add(received, result.bytes);
                    }
                }
                News::Fresh { gap } => {
                    if gap > 0 {
                        // What arrived of these is not known, so less seems to arrive than does.
                        self.acked.clear();
                        self.groups.clear();
                    }
                    total += 1;
                    lost += u32::from(result.received.is_none());
                    queue = queue.max(self.fresh(result));
                }
            }
        }
        if total > 0 {
            self.judge(now, total, lost, queue);
        }
    }

    /// The round trip in microseconds, as report blocks give it.
    pub fn set_rtt(&mut self, micros: i64) {
        self.rate.set_rtt(micros);
    }

    /// Something was sent, media or padding; once per batch.
    pub fn sent(&mut self, now: i64, bytes: u32) {
        self.unheard.get_or_insert(now);
        self.fill.sent(bytes);
        self.probe.sent(bytes);
    }

    /// What the viewer could use, in bits per second. The line is kept filled up to `fill`, and not above
    /// the estimate; probes try to show `most`. Both 0 while nothing is wanted.
    pub const fn set_wanted(&mut self, fill: u64, most: u64) {
        self.wanted = (fill, most);
    }

    /// Bits per second that the line carries. Falls at once, climbs with care.
    pub fn estimate(&self) -> u64 {
        self.rate.bits() as u64
    }

    /// Padding that should be sent now; to be called when [`Self::next`] is due and until it returns
    /// `None`. What is sent of it is reported by [`Self::sent`] like everything else.
    pub fn poll_padding(&mut self, now: i64) -> Option<Padding> {
        let target = self.probe_target().filter(|_| self.may_pad(now));
        if let Some((bytes, probe)) = self.probe.poll(now, target, self.jitter) {
            return Some(Padding { bytes, probe });
        }
        let calm = self.rate.fell().is_none_or(|fell| now - fell >= FILL_CALM);
        if self.wanted.0 == 0 || !calm || !self.may_pad(now) || self.heard.is_none() {
            if now >= self.fill.due() {
                self.fill.rest(now);
            }
            return None;
        }
        let rate = self.rate.bits().min(self.wanted.0 as f64);
        self.fill.poll(now, rate).map(|bytes| Padding { bytes, probe: 0 })
    }

    /// When [`Self::poll_padding`] is to be called next; `None` while it would say nothing until the
    /// state changes by feedback or wishes. A time in the past means now.
    pub fn next(&self) -> Option<i64> {
        let probe = (self.probe.active() || self.probe_target().is_some()).then(|| self.probe.due());
        let fill = (self.wanted.0 > 0).then(|| self.fill.due());
        probe.into_iter().chain(fill).min()
    }

    fn probe_target(&self) -> Option<f64> {
        Probe::target(self.rate.bits(), self.wanted.1 as f64)
    }

    /// Whether padding can tell something now, and does no harm.
    fn may_pad(&self, now: i64) -> bool {
        let heard = self.unheard.is_none_or(|sent| now - sent < DEAF);
        heard && self.overuse.usage() != Usage::Over && !self.queued()
    }

    /// Whether packets wait on the way.
    fn queued(&self) -> bool {
        let excess = self.groups.newest(0).map_or(0.0, |group| group.excess);
        excess > self.usual + QUEUED.max(JITTERS * self.jitter)
    }

    /// A packet that is newer than all before. Returns how long it waited.
    fn fresh(&mut self, result: &PacketResult) -> f64 {
        self.probe.result(result);
        let wait = self.backlog.sent(result.sent, result.bytes);
        let Some(received) = result.received else {
            self.groups.lost(result.bytes);
            return 0.0;
        };
        self.acked.add(received, result.bytes);
        if result.sent < self.newest {
            // The caller's clock went back, or its numbers are not in the order of sending.
            return 0.0;
        }
        self.newest = result.sent;
        let Some(excess) = self.backlog.arrived(result.sent, received, wait) else {
            self.acked.clear();
            self.forget_delays();
            return 0.0;
        };
        let Some(group) = self.groups.arrived(result.sent, received, result.bytes, excess) else {
            return excess;
        };
        let usual = self.usual;
        if let Some(before) = self.groups.newest(2) {
            let difference = group.excess - before.excess;
            self.jitter += JITTER_SHARE * (difference.abs().min(MOST_JITTER * 4.0) - self.jitter);
            self.jitter = self.jitter.min(MOST_JITTER);
            let passed = (group.sent - before.sent) as f64;
            let faded = self.swing * (1.0 - passed / SWING_FADES).max(0.0);
            self.swing = faded.max(-difference).min(MOST_SWING);
            self.usual += (passed / USUAL_OVER).clamp(0.0, 1.0) * (group.excess - self.usual);
            self.usual = self.usual.min(MOST_USUAL);
        }
        if let Some(slope) = self.trendline.add(group.received, group.excess) {
            self.overuse.update(group.sent, slope, self.trendline.delay() - usual, self.jitter);
        }
        excess
    }

    /// What the packets of a message mean for the estimate.
    fn judge(&mut self, now: i64, total: u32, lost: u32, queue: f64) {
        let before = self.rate.bits();
        let acked = self.acked.rate();
        let verdict = self.loss.add(now, total, lost, queue - self.usual - self.swing);
        let held = verdict != Verdict::Fine || self.queued();
        self.rate.update(now, self.overuse.usage(), acked, held);
        match (verdict, acked) {
            (Verdict::Full, Some(acked)) => {
                let lately = surge::lately(&self.groups).unwrap_or(acked);
                self.rate.fall(now, acked.min(lately));
            }
            (Verdict::Policed(share), Some(acked)) => {
                self.rate.limit(now, (self.rate.bits() * (1.0 - share / 2.0)).max(acked * 0.9));
            }
            _ => {}
        }
        if let Some(surge) = surge::surge(&self.groups, self.swing) {
            let least = if surge.span < SURE { acked.unwrap_or(0.0) * UNSURE_SHARE } else { 0.0 };
            self.rate.fall(now, surge.rate.max(least));
        }
        let fell = self.rate.bits() < before;
        if fell {
            // The queue is still there. Only one that goes on growing says anything new.
            self.trendline.clear();
            self.overuse.clear();
            self.probe.wait_until(now + PROBE_CALM);
        }
        if let Some(shown) = self.probe.shown(now)
            && !fell
            && self.overuse.usage() != Usage::Over
        {
            self.believe(now, shown.rate);
        }
    }

    /// What a probe has shown. Noise makes a probe arrive faster than the line is, but seldom twice.
    fn believe(&mut self, now: i64, rate: f64) {
        let before = self.shown.replace((rate, now));
        let before = before.filter(|(_, at)| now - at < SHOWN_AGAIN).map(|(rate, _)| rate);
        if self.jitter < NOISY {
            self.rate.shown(rate);
        } else if let Some(before) = before {
            self.rate.shown(rate.min(before));
        }
    }

    fn forget_delays(&mut self) {
        self.groups.clear();
        self.trendline.clear();
        self.overuse.clear();
    }
}

#[cfg(test)]
mod tests;
