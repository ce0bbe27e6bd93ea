//! Viewers of a shard: what they send, and what they get, one after the other.

use std::hint::black_box;
use std::time::Instant;

use sluice_domain::BroadcastId;

use super::{Entry, Part, Shard};
use crate::egress::Wire;
use crate::fan::Round;
use crate::path::Path;
use crate::publisher::Publisher;
use crate::viewer::{CATCH_UP_PAUSE, Out, Viewer};

impl Shard {
    /// RTCP of a viewer, from where it has `proved` to be or from elsewhere. False where it is not the viewer's.
    pub(super) fn heed(&mut self, key: usize, path: Path, bytes: &[u8], now: Instant, proved: bool) -> bool {
        let Some(Entry { peer, .. }) = self.entries.get_mut(key) else { return false };
        let Some(egress) = &mut peer.egress else { return false };
        let (utc, reading) = (self.clock.utc(now), &mut self.reading);
        let asked = if proved {
            egress.receive(bytes, path, now, utc, reading)
        } else {
            egress.receive_moved(bytes, path, now, utc, reading)
        };
        let Some(asked) = asked else {
            self.stats.dropped_forged += u64::from(proved);
            return false;
        };
        let settled = (!egress.is_moving()).then(|| egress.path());
        let estimate = egress.estimate().filter(|_| asked.estimated);
        peer.last_seen = now;
        settled.into_iter().for_each(|path| peer.follow(path));
        if !asked.again.is_empty() {
            self.with_viewer(key, now, |viewer, publisher, out| viewer.repair(&asked.again, publisher, out));
        }
        if asked.key_frame {
            self.stats.key_frames_asked += 1;
            self.with_viewer(key, now, |viewer, publisher, _| viewer.key_frame_wanted(publisher));
        }
        if let Some(estimate) = estimate
            && let Some(Entry { part: Part::Viewer(viewer), .. }) = self.entries.get_mut(key)
        {
            let falls = viewer.estimate().is_some_and(|before| estimate < before - before / 50);
            viewer.set_estimate(estimate);
            if falls {
                self.with_viewer(key, now, Viewer::choose);
            }
        }
        self.schedule(key);
        true
    }

    /// Gives the next viewer in turn what it is to get. False when nobody is left for now.
    pub(super) fn fan_out(&mut self, now: Instant) -> bool {
        let Some(mut round) = self.fan.take(now) else { return false };
        let viewers = self.broadcasts.get(&round.broadcast).map_or(&[][..], |broadcast| &broadcast.viewers);
        let viewer = round.turn(viewers.len()).and_then(|at| viewers.get(at).copied());
        self.look_ahead(&round, viewers);
        match viewer {
            Some(key) => {
                self.use_viewer(key, now, |viewer, publisher, out| {
                    if let Some(publisher) = publisher {
                        viewer.batch(&round.batch, publisher, out);
                    }
                });
                self.stats.turns += 1;
                self.turn = Some(round.since);
                self.fan.put_back(round);
            }
            None => {
                self.stats.rounds += 1;
                self.fan.finish(round);
            }
        }
        true
    }

    /// Looks at the viewers that come next, so that their memory is on its way into the cache while this
    /// one is served. Each look follows one pointer less far than the one before, since a processor waits for
    /// an address but not for what stands there.
    fn look_ahead(&self, round: &Round, viewers: &[usize]) {
        let entry = |ahead: usize| {
            let key = viewers.get(round.ahead(ahead, viewers.len())?)?;
            self.entries.get(*key)
        };
        if let Some(entry) = entry(2) {
            black_box((entry.peer.egress.is_some(), matches!(entry.part, Part::Viewer(_))));
        }
        if let Some(Entry { part: Part::Viewer(viewer), peer, .. }) = entry(1) {
            viewer.touch();
            peer.egress.iter().for_each(|egress| egress.touch());
        }
        if let Some(Entry { part: Part::Viewer(_), peer, .. }) = entry(0) {
            peer.egress.iter().for_each(|egress| egress.touch_rings());
        }
    }

    /// What is due on the send path of a viewer: reports and padding.
    pub(super) fn report(&mut self, key: usize, now: Instant) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let Some(egress) = &mut entry.peer.egress else { return };
        egress.reports(now, &self.clock, &mut self.transmits);
        self.use_viewer(key, now, |viewer, publisher, out| viewer.pad(publisher.as_deref(), out));
    }

    /// Runs `act` for a connected viewer and its publisher, if it has one, and keeps the books.
    pub(super) fn use_viewer(
        &mut self,
        key: usize,
        now: Instant,
        act: impl FnOnce(&mut Viewer, Option<&mut Publisher>, &mut Out<'_>),
    ) {
        let Some(Entry { part: Part::Viewer(viewer), peer, .. }) = self.entries.get_mut(key) else { return };
        let (Some(id), Some(egress)) = (peer.broadcast, &mut peer.egress) else { return };
        let Some(broadcast) = self.broadcasts.get_mut(&id) else { return };
        let (transmits, scratch, playout) = (&mut self.transmits, &mut self.scratch, self.playout);
        let wire = Wire { transmits, scratch, now, playout };
        let next_batch = broadcast.gathering.next();
        let mut out = Out { egress, wire, stats: &mut self.stats, next_batch, cut: false };
        act(viewer, broadcast.publisher.as_mut(), &mut out);
        let cut = out.cut;
        if viewer.sent.is_some() && !std::mem::replace(&mut viewer.joined, true) {
            self.stats.joins.add_span(now.saturating_duration_since(peer.created));
        }
        if viewer.catching_up() && !viewer.waits {
            viewer.waits = true;
            self.catching_up.push(key);
            self.next_pump.get_or_insert(now + CATCH_UP_PAUSE);
        }
        if cut {
            self.end_batch(id, now);
        }
    }

    /// Runs `act` for a viewer and its publisher, then sends the requests that it caused.
    pub(super) fn with_viewer(
        &mut self,
        key: usize,
        now: Instant,
        act: impl FnOnce(&mut Viewer, &mut Publisher, &mut Out<'_>),
    ) {
        self.use_viewer(key, now, |viewer, publisher, out| {
            if let Some(publisher) = publisher {
                act(viewer, publisher, out);
            }
        });
        self.schedule(key);
        if let Some(id) = self.entries.get(key).and_then(|entry| entry.peer.broadcast) {
            self.ask_for_key_frames(id, now);
        }
    }

    pub(super) fn pump(&mut self, now: Instant) {
        self.next_pump = None;
        for key in std::mem::take(&mut self.catching_up) {
            self.with_viewer(key, now, |viewer, publisher, out| {
                viewer.waits = false;
                viewer.pump(publisher, out);
            });
        }
    }

    pub(super) fn tick_viewer(&mut self, id: BroadcastId, at: usize, report: bool, now: Instant) {
        let Some(key) = self.broadcasts.get(&id).and_then(|broadcast| broadcast.viewers.get(at)).copied()
        else {
            return;
        };
        self.use_viewer(key, now, |viewer, publisher, out| {
            if let Some(publisher) = publisher {
                viewer.choose(publisher, out);
            }
        });
        self.after_choice(key, now);
        if report {
            self.report_clock(key, now);
            let egress = self.entries.get(key).and_then(|entry| entry.peer.egress.as_ref());
            if let Some(estimate) = egress.and_then(|egress| egress.estimate()) {
                self.stats.estimates.add(estimate / 1000);
            }
        }
        self.schedule(key);
    }
}
