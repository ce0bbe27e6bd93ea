//! What a shard does when it does not keep up.

use std::time::Instant;

use sluice_domain::{BroadcastId, PeerId};

use super::{Entry, Part, Shard};
use crate::shed::{LONGEST_AUDIO_QUEUE, LONGEST_QUEUE};

impl Shard {
    /// On every tick: leaves out more or less. `report` is set once a second, for viewers that came since.
    pub(super) fn shed(&mut self, now: Instant, report: bool) {
        let changed = self.shedder.tick(self.fan.lag(now));
        if !changed && (!report || !self.sheds()) {
            return;
        }
        let viewers = self.entries.iter().filter(|(_, entry)| matches!(entry.part, Part::Viewer(_)));
        let mut viewers: Vec<(PeerId, usize)> = viewers.map(|(key, entry)| (entry.peer.id, key)).collect();
        viewers.sort_unstable_by(|a, b| b.cmp(a));
        for (age, (_, key)) in viewers.iter().enumerate() {
            let less = self.shedder.less(age, viewers.len());
            if let Some(Entry { part: Part::Viewer(viewer), .. }) = self.entries.get_mut(*key) {
                let before = viewer.leave_out(less);
                self.stats.shed_layers += u64::from(less.layers > before.layers);
                self.stats.shed_video += u64::from(less.video && !before.video);
                self.stats.shed_audio += u64::from(less.audio && !before.audio);
            }
        }
    }

    /// Before a batch is queued: a queue that is too old takes no more of it.
    pub(super) fn bound_queue(&mut self, id: BroadcastId, now: Instant) {
        let lag = self.fan.lag(now);
        if lag <= LONGEST_QUEUE {
            return;
        }
        let Some(broadcast) = self.broadcasts.get_mut(&id) else { return };
        let number = broadcast.gathering.number();
        let (video, audio) = broadcast.gathering.discard(lag > LONGEST_AUDIO_QUEUE);
        self.stats.dropped_late += (video + audio) as u64 * broadcast.viewers.len() as u64;
        if video > 0 {
            // Who gets it from the cache misses nothing.
            self.each_viewer(id, |viewer| {
                if viewer.gets(number) {
                    viewer.interrupted();
                }
            });
        }
    }
}
