//! The taps of the broadcasts that are at home on this shard.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use sluice_domain::BroadcastId;

use super::{Output, Shard};
use crate::broadcast::Broadcast;
use crate::command::Reply;
use crate::error::SfuError;
use crate::packet::MediaPacket;
use crate::tap::{Missed, Tap, TapId, TapNews};

/// Who taps what, and what waits to be told to them.
#[derive(Debug, Default)]
pub(super) struct Taps {
    by_id: HashMap<TapId, BroadcastId>,
    /// Nothing to be told is the end of the tap.
    messages: VecDeque<(TapId, Option<TapNews>)>,
}

impl Taps {
    /// Whether there is any.
    pub(super) fn any(&self) -> bool {
        !self.by_id.is_empty()
    }
}

impl Shard {
    /// The queue of a tap took no message: what this and those that follow have is missed.
    pub fn tap_refused(&mut self, id: TapId, news: &TapNews) {
        let mut dropped = news.packets() as u64;
        let mut missed =
            Missed { packets: news.missing(), interrupted: matches!(news, TapNews::Interrupted) };
        self.taps.messages.retain(|(of, news)| match news {
            Some(news) if *of == id => {
                dropped += news.packets() as u64;
                missed.packets += news.missing();
                missed.interrupted |= matches!(news, TapNews::Interrupted);
                false
            }
            _ => true,
        });
        if let Some((_, tap)) = self.tap_mut(id) {
            dropped += tap.miss(missed);
        }
        self.stats.tap_dropped += dropped;
        self.stats.tap_packets -= news.packets() as u64;
    }

    /// The queue of a tap that refused a message has room again: it is told what it missed, and goes on
    /// with the next packets. Their key frames are asked for.
    pub fn resume_tap(&mut self, now: Instant, id: TapId) {
        let Some((broadcast, tap)) = self.tap_mut(id) else { return };
        let Some(missed) = tap.resume() else { return };
        if missed.packets > 0 {
            self.tell_tap(id, TapNews::Lost { packets: missed.packets });
        }
        if missed.interrupted {
            self.tell_tap(id, TapNews::Interrupted);
        }
        self.tap_layers(broadcast, Some(id));
        self.want_key_frames(broadcast, |_| true, now);
    }

    /// The next message to a tap.
    pub(super) fn next_tapped(&mut self) -> Option<Output> {
        let (id, news) = self.taps.messages.pop_front()?;
        self.stats.tap_packets += news.as_ref().map_or(0, |news| news.packets() as u64);
        Some(Output::Tap(id, news))
    }

    /// Begins a tap, with what the join caches have.
    pub(super) fn add_tap(&mut self, broadcast: BroadcastId, id: TapId, now: Instant) -> Reply {
        let Some(tapped) = self.broadcasts.get_mut(&broadcast).filter(|broadcast| broadcast.home.is_none())
        else {
            return Reply::Refused(SfuError::UnknownBroadcast);
        };
        let tap = Tap::new(id, tapped.publisher.as_ref());
        let cached = tapped.publisher.as_ref().map(|publisher| tap.cached(publisher)).unwrap_or_default();
        tapped.taps.push(tap);
        self.taps.by_id.insert(id, broadcast);
        self.stats.taps = self.taps.by_id.len() as u64;
        self.tap_layers(broadcast, Some(id));
        if !cached.is_empty() {
            self.tell_tap(id, TapNews::Packets(cached));
        }
        self.want_key_frames(broadcast, |cached| !cached, now);
        Reply::Done
    }

    /// Ends a tap.
    pub(super) fn remove_tap(&mut self, id: TapId) -> Reply {
        if let Some((broadcast, _)) = self.tap_mut(id)
            && let Some(broadcast) = self.broadcasts.get_mut(&broadcast)
        {
            broadcast.taps.retain(|tap| tap.id != id);
            self.taps.messages.retain(|(of, _)| *of != id);
            self.forget_tap(id);
        }
        Reply::Done
    }

    /// Ends the taps of a broadcast that has ended.
    pub(super) fn end_taps(&mut self, mut broadcast: Broadcast) {
        for tap in &mut broadcast.taps {
            if let Some(news) = tap.take_pending() {
                self.tell_tap(tap.id, news);
            }
            self.forget_tap(tap.id);
        }
    }

    fn forget_tap(&mut self, id: TapId) {
        self.taps.by_id.remove(&id);
        self.taps.messages.push_back((id, None));
        self.stats.taps = self.taps.by_id.len() as u64;
    }

    /// A tap cannot go on without a key frame of this layer.
    pub(super) fn tap_wants_key_frame(&mut self, id: TapId, index: usize, now: Instant) -> Reply {
        self.stats.tap_key_frames_asked += 1;
        if let Some((broadcast, tap)) = self.tap_mut(id)
            && let Some(layer) = tap.layer_of(index)
            && let Some(broadcast) = self.broadcasts.get_mut(&broadcast)
            && let Some(layer) = broadcast.publisher.as_mut().and_then(|known| known.layer_mut(layer))
        {
            layer.key_frames.want();
            let broadcast = broadcast.id;
            self.ask_for_key_frames(broadcast, now);
        }
        Reply::Done
    }

    /// A packet of a publisher of this shard. `layers_changed` is set where the tap should know more of the
    /// layers before it gets it.
    pub(super) fn tap_packet(&mut self, id: BroadcastId, packet: &Arc<MediaPacket>, layers_changed: bool) {
        if layers_changed {
            self.tap_layers(id, None);
        }
        let Some(broadcast) = self.broadcasts.get_mut(&id) else { return };
        for tap in &mut broadcast.taps {
            self.stats.tap_dropped += u64::from(!tap.push(packet));
        }
    }

    /// The publisher of this shard is gone, or another one took over.
    pub(super) fn interrupt_taps(&mut self, id: BroadcastId) {
        self.flush_taps(id);
        let Some(broadcast) = self.broadcasts.get_mut(&id) else { return };
        for tap in &mut broadcast.taps {
            if tap.is_full() {
                tap.miss(Missed { packets: 0, interrupted: true });
            } else {
                self.taps.messages.push_back((tap.id, Some(TapNews::Interrupted)));
            }
        }
    }

    /// Tells the layers as they are now: to one tap, or to all of a broadcast.
    pub(super) fn tap_layers(&mut self, id: BroadcastId, only: Option<TapId>) {
        self.flush_taps(id);
        let Some(broadcast) = self.broadcasts.get_mut(&id) else { return };
        for tap in &mut broadcast.taps {
            tap.follow(broadcast.publisher.as_ref());
            if !tap.is_full() && only.is_none_or(|only| only == tap.id) {
                let layers = tap.layers(broadcast.publisher.as_ref());
                self.taps.messages.push_back((tap.id, Some(TapNews::Layers(layers))));
            }
        }
    }

    /// Puts the packets that wait for taps into messages.
    pub(super) fn flush_taps(&mut self, id: BroadcastId) {
        let Some(broadcast) = self.broadcasts.get_mut(&id) else { return };
        for tap in &mut broadcast.taps {
            if let Some(news) = tap.take_pending() {
                self.taps.messages.push_back((tap.id, Some(news)));
            }
        }
    }

    fn tell_tap(&mut self, id: TapId, news: TapNews) {
        self.taps.messages.push_back((id, Some(news)));
    }

    /// Asks for key frames of those layers whose cache has one, or has none, as `needs` says.
    fn want_key_frames(&mut self, id: BroadcastId, needs: impl Fn(bool) -> bool, now: Instant) {
        let publisher = self.broadcasts.get_mut(&id).and_then(|broadcast| broadcast.publisher.as_mut());
        let Some(publisher) = publisher else { return };
        for index in 0..publisher.layers().len() {
            if let Some(layer) = publisher.layer_mut(index)
                && needs(layer.cache.start().is_some())
            {
                layer.key_frames.want();
            }
        }
        self.ask_for_key_frames(id, now);
    }

    fn tap_mut(&mut self, id: TapId) -> Option<(BroadcastId, &mut Tap)> {
        let broadcast = *self.taps.by_id.get(&id)?;
        let taps = &mut self.broadcasts.get_mut(&broadcast)?.taps;
        Some((broadcast, taps.iter_mut().find(|tap| tap.id == id)?))
    }
}
