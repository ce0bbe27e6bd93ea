//! Viewers of a shard: what they send, and what is due for each of them.

use std::time::Instant;

use sluice_domain::BroadcastId;

use super::{Entry, PARTS, Part, Shard};
use crate::path::Path;
use crate::publisher::Publisher;
use crate::viewer::{Out, Viewer};

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

    /// Does something with every viewer of a broadcast on this shard, connected or not.
    pub(super) fn each_viewer(&mut self, id: BroadcastId, mut act: impl FnMut(&mut Viewer)) {
        let Some(broadcast) = self.broadcasts.get(&id) else { return };
        for key in &broadcast.viewers {
            if let Some(Entry { part: Part::Viewer(viewer), .. }) = self.entries.get_mut(*key) {
                act(viewer);
            }
        }
    }

    /// What is due on the send path of a viewer: reports and padding.
    pub(super) fn report(&mut self, key: usize, now: Instant) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let Some(egress) = &mut entry.peer.egress else { return };
        egress.reports(now, &self.clock, &mut self.transmits);
        self.use_viewer(key, now, |viewer, publisher, out| viewer.pad(publisher.as_deref(), out));
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

    /// A viewer that catches up gets its next lot. False when none is due.
    pub(super) fn catch_up(&mut self, now: Instant) -> bool {
        let Some((_, key)) = self.catching_up.pop_front_if(|(due, _)| *due <= now) else { return false };
        if let Some(Entry { part: Part::Viewer(viewer), .. }) = self.entries.get_mut(key) {
            // It is off the list, whether or not there still is something to catch up with.
            viewer.waits = false;
        }
        self.with_viewer(key, now, |viewer, publisher, out| viewer.pump(publisher, out));
        true
    }

    pub(super) fn tick_viewer(&mut self, id: BroadcastId, at: usize, report: bool, now: Instant) {
        let Some(viewers) = self.broadcasts.get(&id).map(|broadcast| &broadcast.viewers) else { return };
        let Some(key) = viewers.get(at).copied() else { return };
        // A tick sends nothing, so it wants no keys.
        let after = |ahead: usize| viewers.get(at + ahead * PARTS as usize).copied();
        self.look_ahead(|ahead| after(ahead).filter(|_| ahead > 0));
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
