//! The way of a packet through a shard: whose it is, to whom it goes, and out to each of them.

use std::collections::HashMap;
use std::time::Instant;

use sluice_domain::control::BroadcastState;
use sluice_domain::{BroadcastId, MediaKind};
use smallvec::SmallVec;
use str0m::rtp::RtpPacket;

use super::{Entry, LARGEST, LARGEST_MEDIA, Output, Part, Shard};
use crate::config::IceMode;
use crate::egress::Wire;
use crate::event::CloseReason;
use crate::extension::Descriptor;
use crate::path::{End, Path};
use crate::peer::PeerEvent;
use crate::prefetch::prefetch;
use crate::publisher::{Arrival, Publisher};
use crate::stun;
use crate::viewer::{CATCH_UP_PAUSE, Out, Viewer};

/// What a datagram is, by its first byte (RFC 7983 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// RFC 8489.
    Stun,
    /// RFC 9147 and RFC 6347.
    Dtls,
    /// RTP or RTCP under SRTP.
    Rtp,
}

/// Tells what a datagram is; `None` is garbage.
pub fn kind(bytes: &[u8]) -> Option<Kind> {
    match bytes.first()? {
        0..=3 if bytes.len() >= 20 && bytes.get(4..8) == Some(&[0x21, 0x12, 0xa4, 0x42]) => Some(Kind::Stun),
        20..=63 if bytes.len() >= 13 => Some(Kind::Dtls),
        128..=191 if bytes.len() >= 12 => Some(Kind::Rtp),
        _ => None,
    }
}

/// Whether a datagram of [`Kind::Rtp`] is RTCP, which has packet types 192 to 223 (RFC 5761 §4).
pub fn is_rtcp(bytes: &[u8]) -> bool {
    bytes.get(1).is_some_and(|kind| (192..=223).contains(kind))
}

/// Finds peers by where they are, and by ICE user name where they were not seen before.
#[derive(Debug)]
pub struct Demux<K> {
    by_end: HashMap<End, K>,
    by_ufrag: HashMap<String, K>,
}

impl<K> Default for Demux<K> {
    fn default() -> Self {
        Self { by_end: HashMap::new(), by_ufrag: HashMap::new() }
    }
}

impl<K: Copy + PartialEq> Demux<K> {
    /// The peer at that end.
    pub fn by_end(&self, end: End) -> Option<K> {
        self.by_end.get(&end).copied()
    }

    /// The peer with this local user name.
    pub fn by_ufrag(&self, ufrag: &str) -> Option<K> {
        self.by_ufrag.get(ufrag).copied()
    }

    /// A peer's user name, new or after an ICE restart (the old one stays until the peer ends:
    /// checks that were under way may still use it).
    pub fn add_ufrag(&mut self, ufrag: String, peer: K) {
        self.by_ufrag.insert(ufrag, peer);
    }

    /// A peer proved by an authenticated STUN request that it is at that end.
    pub fn add_end(&mut self, end: End, peer: K) {
        self.by_end.insert(end, peer);
    }

    /// Nobody is at that end any more: its connection is closed, its relayed address is given up.
    pub fn remove_end(&mut self, end: End) {
        self.by_end.remove(&end);
    }

    /// Forgets a peer.
    pub fn remove(&mut self, peer: K) {
        self.by_end.retain(|_, owner| *owner != peer);
        self.by_ufrag.retain(|_, owner| *owner != peer);
    }
}

/// Turns of what goes round between two lots of what viewers catch up with, where there is enough of both. Fewer
/// lets viewers join sooner at the cost of those who watch, more the other way round.
const TURNS_A_LOT: u32 = 8;

/// Datagrams that are received at once, usually at most.
const EXPECTED: usize = 32;

impl Shard {
    /// Datagrams from these ends are next: asks the processor for the memory of their viewers.
    pub fn expect(&self, ends: impl Iterator<Item = End>) {
        let keys: SmallVec<[usize; EXPECTED]> = ends.filter_map(|end| self.demux.by_end(end)).collect();
        let peers = || keys.iter().filter_map(|key| self.entries.get(*key)).map(|entry| &entry.peer);
        peers().for_each(|peer| peer.prefetch());
        let viewers = || peers().filter_map(|peer| peer.egress.as_ref());
        viewers().for_each(|egress| egress.prefetch_reading());
        viewers().for_each(|egress| egress.prefetch_key());
    }

    /// A datagram that arrived over `path`. False where it is of no peer of this shard.
    pub fn handle_datagram(&mut self, now: Instant, path: Path, bytes: &[u8]) -> bool {
        self.stats.datagrams_in += 1;
        self.stats.bytes_in += bytes.len() as u64;
        let Some((key, completed)) = self.owner(now, path, bytes) else {
            return self.heed_stranger(path, bytes, now);
        };
        let entry = &mut self.entries[key];
        if matches!(entry.part, Part::Viewer(_)) && kind(bytes) == Some(Kind::Rtp) {
            self.heed(key, path, bytes, now, true);
        } else if entry.peer.receive(now, path, completed.as_deref().unwrap_or(bytes)) {
            entry.peer.last_seen = now;
            self.drain(key, now);
            self.settle(now);
        } else {
            self.stats.dropped_garbage += 1;
        }
        true
    }

    /// The peer that a datagram belongs to, and the datagram where it had to be completed. Counts STUN and
    /// garbage that belong to nobody.
    fn owner(&mut self, now: Instant, path: Path, bytes: &[u8]) -> Option<(usize, Option<Vec<u8>>)> {
        let Some(kind) = kind(bytes).filter(|_| bytes.len() <= LARGEST) else {
            self.stats.dropped_garbage += 1;
            return None;
        };
        let known = self.demux.by_end(path.end());
        if kind != Kind::Stun {
            return known.map(|key| (key, None));
        }
        let named = stun::local_ufrag(bytes).map(|ufrag| self.demux.by_ufrag(ufrag));
        let key = match named {
            Some(Some(key)) => key,
            Some(None) => {
                self.stats.dropped_unknown_user += 1;
                return None;
            }
            // An answer to a check of ours has no user name: the address tells.
            None => match known {
                Some(key) => key,
                None => {
                    self.stats.dropped_unknown_address += 1;
                    return None;
                }
            },
        };
        if known != Some(key) && !self.strangers.may_check(path.end(), now) {
            self.stats.dropped_over_budget += 1;
            return None;
        }
        let peer = &mut self.entries[key].peer;
        let completed = peer.complete_stun(bytes);
        if !peer.accepts(now, path, completed.as_deref().unwrap_or(bytes)) {
            self.stats.dropped_bad_integrity += 1;
            return None;
        }
        if let Some(egress) = &mut peer.egress {
            egress.confirm(path);
        }
        if known != Some(key) {
            self.strangers.proved(path.end());
            self.demux.add_end(path.end(), key);
        }
        Some((key, completed))
    }

    pub(super) fn drain(&mut self, key: usize, now: Instant) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let before = self.transmits.len();
        entry.peer.drain(now, &mut self.transmits);
        if self.config.ice == IceMode::Full && !entry.peer.connected {
            // Answers to checks of ours name no user: remember where the checks went.
            for to in self.transmits.destinations(before.saturating_sub(1)) {
                if self.demux.by_end(to).is_none() {
                    self.demux.add_end(to, key);
                }
            }
        }
        if !entry.peer.events.is_empty() {
            self.ready.push(key);
        }
        self.schedule(key);
    }

    /// Handles everything that happened on peers.
    pub(super) fn settle(&mut self, now: Instant) {
        while let Some(key) = self.ready.pop() {
            while let Some(event) = self.entries.get_mut(key).and_then(|entry| entry.peer.events.pop_front())
            {
                self.handle_event(key, event, now);
            }
        }
    }

    fn handle_event(&mut self, key: usize, event: PeerEvent, now: Instant) {
        match event {
            PeerEvent::Rtp(packet) => self.forward(key, *packet, now),
            PeerEvent::Connected => self.connected(key, now),
            PeerEvent::Closed { failed } => {
                let reason = if failed { CloseReason::Failed } else { CloseReason::Remote };
                self.close(key, reason, now);
            }
            PeerEvent::SenderReport { ssrc, ntp, rtp, arrived } => {
                let arrived = self.clock.utc(arrived);
                if let Some(publisher) = self.publisher_of(key) {
                    publisher.sender_report(ssrc, ntp, rtp, arrived);
                }
            }
            PeerEvent::Uplink { loss, rtt } => {
                if let Some(publisher) = self.publisher_of(key) {
                    publisher.uplink(loss, rtt);
                }
            }
            PeerEvent::ControlOpen => self.greet(key, now),
            PeerEvent::Control(bytes) => self.handle_control(key, &bytes, now),
            PeerEvent::ChatOpen => self.chat_opened(key, now),
            PeerEvent::Chat { binary, bytes } => self.heard(key, binary, bytes, now),
            PeerEvent::ChatClosed => self.chat_closed(key, false),
            PeerEvent::Echo { binary, bytes } => self.echo(key, binary, &bytes, now),
            PeerEvent::StrangeChannel => {
                self.stats.channels_refused += 1;
                self.drain(key, now);
            }
        }
    }

    /// A packet of a publisher goes to everyone who is to get it.
    fn forward(&mut self, key: usize, packet: RtpPacket, now: Instant) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let Some(broadcast) = entry.peer.broadcast.and_then(|id| self.broadcasts.get_mut(&id)) else {
            return;
        };
        if broadcast.publisher.as_ref().is_none_or(|publisher| publisher.key != Some(key)) {
            return;
        }
        let descriptor = packet.header.ext_vals.user_values.get::<Descriptor>();
        if packet.payload.len() + descriptor.map_or(0, |descriptor| descriptor.0.len()) > LARGEST_MEDIA {
            self.stats.dropped_too_large += 1;
            return;
        }
        let Some(format) = entry.peer.payload_type(packet.header.payload_type) else {
            self.stats.dropped_unknown_codec += 1;
            return;
        };
        let ssrc = packet.header.ssrc;
        let known = broadcast.publisher.as_ref().is_some_and(|publisher| publisher.knows(ssrc));
        let source = if known { None } else { Some(broadcast.next_source()) };
        let Some(publisher) = &mut broadcast.publisher else { return };
        let mut new_layer = None;
        if let Some(source) = source {
            let Some(track) = entry.peer.identify(ssrc) else { return };
            new_layer = publisher.add_stream(ssrc, source, track, format.0, &self.config, now);
            entry.peer.drain(now, &mut self.transmits);
        }
        let Some(arrival) = publisher.accept(packet, format, &self.clock) else { return };
        self.stats.packets_in += 1;
        self.stats.key_frames_in += u64::from(arrival.key_frame && arrival.packet.kind == MediaKind::Video);
        let (id, relayed) = (broadcast.id, !broadcast.mirrors.is_empty());
        if let Some(layer) = new_layer {
            self.relay_stream(id, layer);
        }
        if relayed {
            self.relay_packet(id, &arrival.packet);
        }
        if self.taps.any() {
            self.tap_packet(id, &arrival.packet, new_layer.is_some() || arrival.layers_changed);
        }
        self.gather(id, arrival, now);
        self.enter(id, BroadcastState::Live, now);
    }

    /// Ends the batches that were gathered for long enough.
    pub(super) fn end_batches(&mut self, now: Instant) {
        let coalesce = self.config.coalesce;
        while let Some(id) = self.gathering.iter().copied().find(|id| {
            self.broadcasts.get(id).is_none_or(|b| b.gathering.due(coalesce).is_none_or(|due| due <= now))
        }) {
            self.end_batch(id, now);
        }
    }

    fn end_batch(&mut self, id: BroadcastId, now: Instant) {
        self.gathering.retain(|gathering| *gathering != id);
        self.bound_queue(id, now);
        if let Some(broadcast) = self.broadcasts.get_mut(&id) {
            self.fan.begin(id, &mut broadcast.gathering, now);
        }
    }

    /// A packet whose layer has it in its cache goes to the viewers of this shard.
    pub(super) fn gather(&mut self, id: BroadcastId, arrival: Arrival, now: Instant) {
        let Some(broadcast) = self.broadcasts.get_mut(&id) else { return };
        if broadcast.gathering.due(std::time::Duration::ZERO).is_none() {
            self.gathering.push(id);
        }
        let complete = broadcast.gathering.add(arrival.packet, arrival.key_frame);
        if complete || self.config.coalesce.is_zero() {
            self.end_batch(id, now);
        }
        if arrival.layers_changed {
            self.start_waiting(id, now);
            self.ask_for_key_frames(id, now);
        }
    }

    /// What is to be sent or told; `None` when there is nothing more. One viewer after the other gets its
    /// packets while this is called, so that what is sealed leaves before the next is touched.
    pub fn poll_output(&mut self, now: Instant) -> Option<Output> {
        // First what gives other cores something to do.
        if let Some((to, relay)) = self.next_relay() {
            return Some(Output::Relay(to, relay));
        }
        if let Some(tapped) = self.next_tapped() {
            return Some(tapped);
        }
        loop {
            if let Some(transmit) = self.transmits.pop() {
                self.stats.datagrams_out += transmit.count() as u64;
                self.stats.bytes_out += transmit.bytes.len() as u64;
                return Some(Output::Transmit(transmit));
            }
            if let Some(since) = self.turn.take() {
                self.stats.forward.add_span(now.saturating_duration_since(since));
            }
            // What happened is told between turns, too: there may always be one more.
            if self.turns_in_a_row == 0
                && let Some(event) = self.events.pop_front()
            {
                return Some(Output::Event(event));
            }
            if (self.chats.is_late() && self.chat_turn(now)) || self.media_turn(now) {
                continue;
            }
            if let Some(event) = self.events.pop_front() {
                return Some(Output::Event(event));
            }
            // Last of all, unless it waited for too long: media does not wait for what is said.
            if !self.chat_turn(now) {
                return None;
            }
        }
    }

    /// Gives a viewer of what goes round, or of what it has to catch up with. False when there is nothing for now.
    fn media_turn(&mut self, now: Instant) -> bool {
        if self.turns_in_a_row < TURNS_A_LOT && self.fan_out(now) {
            self.turns_in_a_row += 1;
            return true;
        }
        self.turns_in_a_row = 0;
        self.catch_up(now) || self.fan_out(now)
    }

    /// Gives the next viewer in turn what it is to get. False when nobody is left for now.
    fn fan_out(&mut self, now: Instant) -> bool {
        let Some(mut round) = self.fan.take(now) else { return false };
        let viewers = self.broadcasts.get(&round.broadcast).map_or(&[][..], |broadcast| &broadcast.viewers);
        let count = viewers.len();
        let viewer = round.turn(count, now).and_then(|at| viewers.get(at).copied());
        self.look_ahead(|ahead| viewers.get(round.ahead(ahead, count)?).copied());
        if let Some(key) = viewer {
            self.use_viewer(key, now, |viewer, publisher, out| {
                if let Some(publisher) = publisher {
                    viewer.give(round.batches(), publisher, out);
                }
            });
            self.stats.turns += 1;
            self.turn = round.since();
        }
        self.stats.rounds += self.fan.put_back(round, count) as u64;
        true
    }

    /// Looks at viewers that come next, so that their memory is on its way into the cache while others are
    /// served: `next` gives the key of the one that has its turn so many turns after the next one. Each look follows one
    /// pointer less far than the one before: a processor waits for an address, but not for what stands there.
    pub(super) fn look_ahead(&self, next: impl Fn(usize) -> Option<usize>) {
        let entry = |ahead: usize| self.entries.get(next(ahead)?);
        if let Some(Entry { part: Part::Viewer(viewer), peer, .. }) = entry(2) {
            peer.prefetch();
            prefetch(&**viewer);
        }
        if let Some(Entry { part: Part::Viewer(_), peer, .. }) = entry(1) {
            peer.egress.iter().for_each(|egress| egress.prefetch());
        }
        if let Some(Entry { part: Part::Viewer(_), peer, .. }) = entry(0) {
            peer.egress.iter().for_each(|egress| egress.prefetch_behind());
        }
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
            let due = if viewer.begins { now } else { now + CATCH_UP_PAUSE };
            let place = self.catching_up.partition_point(|(other, _)| *other <= due);
            self.catching_up.insert(place, (due, key));
        }
        if cut {
            self.end_batch(id, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_is_told_by_its_first_byte() {
        assert_eq!(kind(&[]), None);
        assert_eq!(kind(&[0; 20]), None, "no magic cookie");
        assert_eq!(kind(&[0x16; 13]), Some(Kind::Dtls));
        assert_eq!(kind(&[0x80; 12]), Some(Kind::Rtp));
        assert_eq!(kind(&[0xff; 100]), None);
    }

    #[test]
    fn garbage_after_the_magic_cookie_has_no_user() {
        let mut bytes = vec![0_u8; 28];
        bytes[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
        bytes[3] = 8;
        assert_eq!(kind(&bytes), Some(Kind::Stun));
        assert_eq!(stun::local_ufrag(&bytes), None);
    }
}
