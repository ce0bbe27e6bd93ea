//! A broadcast on several shards: the home tells, the mirrors follow.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use sluice_domain::BroadcastId;
use sluice_domain::control::BroadcastState;

use super::{Part, Shard};
use crate::broadcast::Broadcast;
use crate::packet::MediaPacket;
use crate::publisher::Publisher;
use crate::relay::{KeyFrameId, Mirror, News, Relay, WorkerId};
use crate::viewer::Viewer;

/// What waits to be told to other shards.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    messages: VecDeque<(WorkerId, Relay)>,
    /// Broadcasts with packets that wait for the end of the wake-up.
    pending: Vec<BroadcastId>,
}

impl Shard {
    /// A message of another shard.
    pub fn handle_relay(&mut self, now: Instant, from: WorkerId, relay: Relay) {
        let Relay { broadcast: id, news } = relay;
        match news {
            News::Subscribe { viewers } => self.subscribed(id, from, viewers),
            News::Unsubscribe => self.unsubscribed(id, from),
            News::KeyFrameWanted { layer, seen } => self.key_frame_wanted(id, layer, seen, now),
            News::Snapshot { state, viewers, publisher } => {
                if let Some(broadcast) = self.mirror_of(id, from) {
                    broadcast.subscribed = true;
                    broadcast.publisher = publisher.map(|publisher| *publisher);
                    self.each_viewer(id, Viewer::interrupted);
                    self.changed(id, state, viewers, now);
                    self.start_waiting(id, now);
                }
            }
            News::Stream { layer, state } => {
                if let Some(publisher) = self.mirror_of(id, from).and_then(|b| b.publisher.as_mut()) {
                    publisher.set_layer(layer, *state);
                }
            }
            News::Packets(packets) => self.mirrored(id, from, packets, now),
            News::Changed { state, viewers } => {
                if self.mirror_of(id, from).is_some() {
                    self.changed(id, state, viewers, now);
                }
            }
        }
        self.settle(now);
    }

    /// A message that [`Output::Relay`](super::Output::Relay) gave out could not be delivered.
    pub fn relay_refused(&mut self, to: WorkerId, relay: &Relay) {
        self.stats.relay_refused += 1;
        self.stats.relay_dropped += relay.packets() as u64;
        let Some(broadcast) = self.broadcasts.get_mut(&relay.broadcast) else { return };
        if broadcast.home == Some(to) {
            broadcast.subscribed = false;
        } else if let Some(mirror) = broadcast.mirrors.iter_mut().find(|mirror| mirror.worker == to) {
            mirror.lost = true;
        }
    }

    /// The next message to another shard.
    pub(super) fn next_relay(&mut self) -> Option<(WorkerId, Relay)> {
        while let Some(id) = self.outbox.pending.pop() {
            self.flush_packets(id);
        }
        self.outbox.messages.pop_front()
    }

    /// Puts the packets that wait for mirrors into messages.
    fn flush_packets(&mut self, id: BroadcastId) {
        let Some(broadcast) = self.broadcasts.get_mut(&id) else { return };
        for mirror in &mut broadcast.mirrors {
            if !mirror.pending.is_empty() {
                let packets = std::mem::take(&mut mirror.pending);
                self.stats.relay_out += packets.len() as u64;
                let relay = Relay { broadcast: id, news: News::Packets(packets) };
                self.outbox.messages.push_back((mirror.worker, relay));
            }
        }
    }

    /// A packet of a publisher of this shard, for the mirrors of its broadcast.
    pub(super) fn relay_packet(&mut self, id: BroadcastId, packet: &Arc<MediaPacket>) {
        let Some(broadcast) = self.broadcasts.get_mut(&id) else { return };
        let mut any = false;
        for mirror in &mut broadcast.mirrors {
            if mirror.lost {
                self.stats.relay_dropped += 1;
            } else {
                mirror.pending.push(Arc::clone(packet));
                any = true;
            }
        }
        if any && !self.outbox.pending.contains(&id) {
            self.outbox.pending.push(id);
        }
    }

    /// Tells all mirrors of a broadcast.
    fn relay_to_mirrors(&mut self, id: BroadcastId, news: impl Fn(&Broadcast) -> News) {
        self.flush_packets(id);
        let Some(broadcast) = self.broadcasts.get(&id) else { return };
        for mirror in broadcast.mirrors.iter().filter(|mirror| !mirror.lost) {
            self.outbox.messages.push_back((mirror.worker, Relay { broadcast: id, news: news(broadcast) }));
        }
    }

    fn relay_home(&mut self, id: BroadcastId, home: WorkerId, news: News) {
        self.outbox.messages.push_back((home, Relay { broadcast: id, news }));
    }

    /// The publisher of this shard is another one, or none.
    pub(super) fn relay_publisher(&mut self, id: BroadcastId) {
        let viewers = self.audience(id);
        self.relay_to_mirrors(id, |broadcast| snapshot(broadcast, viewers));
    }

    /// A layer of a publisher of this shard is new.
    pub(super) fn relay_stream(&mut self, id: BroadcastId, layer: usize) {
        let layers = self.broadcasts.get(&id).and_then(|broadcast| broadcast.publisher.as_ref());
        let Some(state) = layers.and_then(|publisher| publisher.layers().get(layer)).cloned() else { return };
        self.relay_to_mirrors(id, |_| News::Stream { layer, state: Box::new(state.clone()) });
    }

    /// The state of a broadcast or its audience changed.
    pub(super) fn relay_change(&mut self, id: BroadcastId) {
        let viewers = self.audience(id);
        self.relay_to_mirrors(id, |broadcast| News::Changed { state: broadcast.state, viewers });
    }

    fn subscribed(&mut self, id: BroadcastId, worker: WorkerId, viewers: u32) {
        let broadcast = self.broadcasts.entry(id).or_insert_with(|| Broadcast::new(id));
        if let Some(mirror) = broadcast.mirrors.iter_mut().find(|mirror| mirror.worker == worker) {
            mirror.viewers = viewers;
        } else if broadcast.home.is_none() {
            // Lost until it gets its first snapshot.
            broadcast.mirrors.push(Mirror { worker, viewers, pending: Vec::new(), lost: true });
            self.renew_mirrors(id);
        }
    }

    /// Starts over with the mirrors that lost a message.
    fn renew_mirrors(&mut self, id: BroadcastId) {
        let viewers = self.audience(id);
        let Some(broadcast) = self.broadcasts.get_mut(&id) else { return };
        let mut lost = Vec::new();
        for mirror in broadcast.mirrors.iter_mut().filter(|mirror| mirror.lost) {
            mirror.lost = false;
            mirror.pending.clear();
            lost.push(mirror.worker);
        }
        for worker in lost {
            let relay = Relay { broadcast: id, news: snapshot(broadcast, viewers) };
            self.outbox.messages.push_back((worker, relay));
        }
    }

    fn unsubscribed(&mut self, id: BroadcastId, worker: WorkerId) {
        let Some(broadcast) = self.broadcasts.get_mut(&id) else { return };
        broadcast.mirrors.retain(|mirror| mirror.worker != worker);
        // A subscription that was under way when the broadcast ended has made it anew.
        let unused = broadcast.mirrors.is_empty()
            && broadcast.taps.is_empty()
            && broadcast.state == BroadcastState::Starting;
        if unused && self.keys_of(id).is_empty() {
            self.broadcasts.remove(&id);
        }
    }

    /// A mirror asks for a key frame. It may not have seen yet that there is one.
    fn key_frame_wanted(&mut self, id: BroadcastId, layer: usize, seen: Option<KeyFrameId>, now: Instant) {
        let interval = self.config.key_frame_interval;
        let publisher = self.broadcasts.get_mut(&id).and_then(|broadcast| broadcast.publisher.as_mut());
        let Some(layer) = publisher.and_then(|publisher| publisher.layer_mut(layer)) else { return };
        if layer.newest_key() == seen || layer.since_key_frame(now).is_none_or(|age| age >= interval) {
            layer.key_frames.want();
            self.ask_for_key_frames(id, now);
        }
    }

    fn mirror_of(&mut self, id: BroadcastId, home: WorkerId) -> Option<&mut Broadcast> {
        let mirror = self.broadcasts.get_mut(&id).filter(|broadcast| broadcast.home == Some(home));
        if mirror.is_none() {
            self.relay_home(id, home, News::Unsubscribe);
        }
        self.broadcasts.get_mut(&id).filter(|broadcast| broadcast.home == Some(home))
    }

    fn changed(&mut self, id: BroadcastId, state: BroadcastState, viewers: u32, now: Instant) {
        if let Some(broadcast) = self.broadcasts.get_mut(&id) {
            broadcast.elsewhere = viewers;
        }
        self.enter(id, state, now);
    }

    /// Packets of a publisher on another shard.
    fn mirrored(&mut self, id: BroadcastId, from: WorkerId, packets: Vec<Arc<MediaPacket>>, now: Instant) {
        self.stats.relay_in += packets.len() as u64;
        for packet in packets {
            let Some(publisher) = self.mirror_of(id, from).and_then(|b| b.publisher.as_mut()) else { return };
            let arrival = publisher.observe(packet);
            self.gather(id, arrival, now);
        }
    }

    /// Viewers without a picture may get one now.
    pub(super) fn start_waiting(&mut self, id: BroadcastId, now: Instant) {
        let Some(broadcast) = self.broadcasts.get(&id) else { return };
        let waits = |key: &usize| matches!(&self.entries[*key].part, Part::Viewer(viewer) if viewer.current().is_none());
        let waiting: Vec<usize> = broadcast.viewers.iter().copied().filter(waits).collect();
        for key in waiting {
            self.with_viewer(key, now, Viewer::choose);
        }
    }

    /// A viewer came to a shard that is not the home of its broadcast.
    pub(super) fn follow(&mut self, id: BroadcastId) {
        let Some(broadcast) = self.broadcasts.get(&id) else { return };
        if let Some(home) = broadcast.home
            && !broadcast.subscribed
        {
            self.subscribe(id, home);
        }
    }

    fn subscribe(&mut self, id: BroadcastId, home: WorkerId) {
        let viewers = self.connected_viewers(id);
        if let Some(broadcast) = self.broadcasts.get_mut(&id) {
            broadcast.told_home = Some(viewers);
        }
        self.relay_home(id, home, News::Subscribe { viewers });
    }

    /// A viewer has gone: a mirror without viewers is of no use.
    pub(super) fn unfollow(&mut self, id: BroadcastId) {
        let Some(broadcast) = self.broadcasts.get(&id) else { return };
        if let Some(home) = broadcast.home
            && broadcast.viewers.is_empty()
        {
            self.broadcasts.remove(&id);
            self.relay_home(id, home, News::Unsubscribe);
        }
    }

    /// On a timer: what was lost is said again. `report` is set once a second.
    pub(super) fn keep_mirrors(&mut self, id: BroadcastId, report: bool) {
        let viewers = self.connected_viewers(id);
        let Some(broadcast) = self.broadcasts.get(&id) else { return };
        if let Some(home) = broadcast.home {
            if report || !broadcast.subscribed || broadcast.told_home != Some(viewers) {
                self.subscribe(id, home);
            }
        } else if broadcast.mirrors.iter().any(|mirror| mirror.lost) {
            self.renew_mirrors(id);
        }
    }

    /// Connected viewers of a broadcast on this shard.
    pub(super) fn connected_viewers(&self, id: BroadcastId) -> u32 {
        let viewers =
            self.broadcasts.get(&id).map(|broadcast| broadcast.viewers.as_slice()).unwrap_or_default();
        let connected = viewers.iter().filter(|key| self.entries[**key].peer.connected).count();
        u32::try_from(connected).unwrap_or(u32::MAX)
    }

    /// Asks the home for what a publisher here would be asked for.
    pub(super) fn ask_home(&mut self, id: BroadcastId, layers: &[usize]) {
        let Some(home) = self.broadcasts.get(&id).and_then(|broadcast| broadcast.home) else { return };
        for layer in layers.iter().copied() {
            let publisher = self.broadcasts.get(&id).and_then(|broadcast| broadcast.publisher.as_ref());
            let seen = publisher.and_then(|publisher| publisher.layers().get(layer)?.newest_key());
            self.relay_home(id, home, News::KeyFrameWanted { layer, seen });
        }
    }
}

fn snapshot(broadcast: &Broadcast, viewers: u32) -> News {
    let publisher = broadcast.publisher.as_ref().map(Publisher::mirror).map(Box::new);
    News::Snapshot { state: broadcast.state, viewers, publisher }
}
