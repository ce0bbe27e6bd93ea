//! What peers and `live` are told, and what pages say on their control channel.

use std::time::Instant;

use sluice_domain::BroadcastId;
use sluice_domain::control::{ControlEvent, ControlRequest, ReconnectReason};

use super::{Entry, Part, Shard};
use crate::control;
use crate::event::SfuEvent;
use crate::publisher::Publisher;
use crate::viewer::Viewer;

impl Shard {
    /// Sends a control message to everyone of a broadcast who listens.
    pub(super) fn tell(&mut self, id: BroadcastId, event: &ControlEvent, now: Instant) {
        for key in self.keys_of(id) {
            if self.entries[key].peer.has_control() {
                control::send(&mut self.entries[key].peer, event, &mut self.stats);
                self.drain(key, now);
            }
        }
    }

    /// The control channel of a peer opened: what it missed.
    pub(super) fn greet(&mut self, key: usize, now: Instant) {
        let broadcast = self.entries[key].peer.broadcast.and_then(|id| self.broadcasts.get(&id));
        let Some(broadcast) = broadcast else { return };
        let id = broadcast.id;
        let state = ControlEvent::State { state: broadcast.state };
        control::send(&mut self.entries[key].peer, &state, &mut self.stats);
        let audience = ControlEvent::Audience { viewers: self.audience(id) };
        control::send(&mut self.entries[key].peer, &audience, &mut self.stats);
        self.report_layers(id, &[key]);
        self.report_clock(key, now);
        self.drain(key, now);
    }

    pub(super) fn handle_control(&mut self, key: usize, bytes: &[u8], now: Instant) {
        let Some(request) = control::decode(bytes) else {
            self.stats.control_invalid += 1;
            return;
        };
        let server_time = self.clock.utc(now);
        let Some(entry) = self.entries.get_mut(key) else { return };
        match (request, &mut entry.part) {
            (ControlRequest::Ping { id, sent }, _) => {
                control::send(&mut entry.peer, &control::pong(id, sent, server_time), &mut self.stats);
            }
            (ControlRequest::Viewport { width, height, visible }, Part::Viewer(viewer)) => {
                viewer.set_viewport(width, height, visible);
            }
            (ControlRequest::Select { rid }, Part::Viewer(viewer)) => {
                viewer.pin(rid);
                self.with_viewer(key, now, Viewer::choose);
                if let Some(id) = self.entries[key].peer.broadcast {
                    self.report_layers(id, &[key]);
                }
            }
            (
                ControlRequest::Viewport { .. } | ControlRequest::Select { .. },
                Part::Publisher | Part::Member | Part::Probe(_),
            ) => {
                self.stats.control_invalid += 1;
            }
        }
        self.drain(key, now);
    }

    /// Tells the player of a viewer what its switch means; tells `live` where it cannot go on.
    pub(super) fn after_choice(&mut self, key: usize, now: Instant) {
        let Some(Entry { part: Part::Viewer(viewer), peer, .. }) = self.entries.get_mut(key) else { return };
        let Some(id) = peer.broadcast else { return };
        let Some(publisher) = self.broadcasts.get(&id).and_then(|b| b.publisher.as_ref()) else { return };
        if viewer.take_codec_refused(publisher) {
            let reconnect = ControlEvent::Reconnect { reason: ReconnectReason::CodecChanged, url: None };
            control::send(peer, &reconnect, &mut self.stats);
            self.events.push_back(SfuEvent::CodecChanged { peer: peer.id });
            self.drain(key, now);
        } else if std::mem::take(&mut viewer.switched) {
            self.report_layers(id, &[key]);
            self.report_clock(key, now);
            self.drain(key, now);
        }
    }

    pub(super) fn tell_changes(&mut self, id: BroadcastId, now: Instant) {
        let viewers = self.audience(id);
        let Some(broadcast) = self.broadcasts.get_mut(&id) else { return };
        let layers = broadcast.layers_to_tell(now);
        let audience = broadcast.audience_to_tell(now, viewers);
        let issues = broadcast.issues_to_tell(now);
        let publisher = broadcast.publisher.as_ref().and_then(|publisher| publisher.key);
        let at_home = broadcast.home.is_none();
        if let Some(layers) = layers {
            let codec = broadcast.publisher.as_ref().and_then(Publisher::codec);
            if at_home {
                self.events.push_back(SfuEvent::Layers { broadcast: id, layers, codec });
                self.tap_layers(id, None);
            }
            let keys = self.keys_of(id);
            self.report_layers(id, &keys);
            keys.into_iter().for_each(|key| self.drain(key, now));
        }
        if audience {
            if at_home {
                self.events.push_back(SfuEvent::Audience { broadcast: id, viewers });
                self.relay_change(id);
            }
            self.tell(id, &ControlEvent::Audience { viewers }, now);
        }
        if let Some(issues) = issues.filter(|_| at_home) {
            if let Some(key) = publisher {
                let event = ControlEvent::Issues { issues: issues.clone() };
                control::send(&mut self.entries[key].peer, &event, &mut self.stats);
                self.drain(key, now);
            }
            self.events.push_back(SfuEvent::Issues { broadcast: id, issues });
        }
    }

    pub(super) fn audience(&self, id: BroadcastId) -> u32 {
        match self.broadcasts.get(&id) {
            Some(broadcast) if broadcast.home.is_some() => broadcast.elsewhere,
            Some(broadcast) => {
                let mirrors: u32 = broadcast.mirrors.iter().map(|mirror| mirror.viewers).sum();
                mirrors.saturating_add(self.connected_viewers(id))
            }
            None => 0,
        }
    }

    pub(super) fn report_layers(&mut self, id: BroadcastId, keys: &[usize]) {
        let Some(publisher) = self.broadcasts.get(&id).and_then(|b| b.publisher.as_ref()) else { return };
        let (layers, codec) = (publisher.infos(), publisher.codec());
        for key in keys {
            let Some(entry) = self.entries.get_mut(*key).filter(|entry| entry.peer.has_control()) else {
                continue;
            };
            let (current, pinned, estimate) = match &entry.part {
                Part::Publisher | Part::Member | Part::Probe(_) => (None, None, None),
                Part::Viewer(viewer) => {
                    let current =
                        viewer.current().and_then(|index| publisher.layers().get(index)?.rid.clone());
                    let estimate = viewer.estimate().map(|bits| u32::try_from(bits).unwrap_or(u32::MAX));
                    (current, viewer.pinned().cloned(), estimate)
                }
            };
            let event = ControlEvent::Layers { layers: layers.clone(), current, pinned, codec, estimate };
            control::send(&mut entry.peer, &event, &mut self.stats);
        }
    }

    pub(super) fn report_clock(&mut self, key: usize, now: Instant) {
        let Some(Entry { part: Part::Viewer(viewer), peer, .. }) = self.entries.get_mut(key) else { return };
        if let Some((rtp, captured, estimated)) = viewer.sent.filter(|_| peer.has_control()) {
            control::send(peer, &ControlEvent::MediaClock { rtp, captured, estimated }, &mut self.stats);
            self.drain(key, now);
        }
    }

    pub(super) fn report_uplink(&mut self, id: BroadcastId, now: Instant) {
        let Some(publisher) = self.broadcasts.get_mut(&id).and_then(|b| b.publisher.as_mut()) else { return };
        let Some(key) = publisher.key else { return };
        let (bitrate, loss, key_frame_requests) = publisher.take_uplink(now);
        let event = ControlEvent::Uplink { bitrate, loss, key_frame_requests };
        control::send(&mut self.entries[key].peer, &event, &mut self.stats);
        self.drain(key, now);
    }
}
