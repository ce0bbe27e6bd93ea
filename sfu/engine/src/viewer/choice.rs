//! What a viewer wants, and which layer it gets. On a timer and where something changed, never per packet.

use std::time::Duration;

use sluice_domain::{Codec, LayerSelection};
use smallvec::SmallVec;

use super::{Out, Viewer};
use crate::layer::{LayerView, Limits};
use crate::publisher::Publisher;
use crate::shed::Less;

/// A publisher that leaves a request unanswered this long is not waited for any longer.
const PATIENCE: Duration = Duration::from_millis(400);

/// How long the estimate must not fall before the line is filled to find out whether it carries
/// more. Shorter climbs sooner, longer lets a narrow line drain.
const CALM: Duration = Duration::from_millis(700);

/// What is kept free of the estimate for audio and RTCP, in bits per second.
const RESERVE: u64 = 80_000;

impl Viewer {
    /// A new estimate.
    pub const fn set_estimate(&mut self, estimate: u64) {
        self.estimate = Some(estimate);
    }

    /// What the player's element can show.
    pub const fn set_viewport(&mut self, width: u16, height: u16, visible: bool) {
        self.viewport = if width > 0 && height > 0 { Some((width, height)) } else { None };
        self.hidden = !visible;
    }

    /// What the viewer wants to get.
    pub fn select(&mut self, selection: LayerSelection) {
        self.selection = selection;
    }

    /// Pins a layer and leaves other wishes as they are.
    pub fn pin(&mut self, rid: Option<String>) {
        self.selection.rid = rid;
    }

    /// Another publisher has come, or the publisher is gone: what was chosen means nothing now.
    pub fn publisher_changed(&mut self) {
        (self.current, self.target, self.catch_up) = (None, None, None);
        self.chooser.reset();
        self.codec_refused = false;
    }

    /// What it does not get from now on; what it did not get until now.
    pub fn leave_out(&mut self, less: Less) -> Less {
        if less.video && !self.less.video {
            self.interrupted();
        }
        std::mem::replace(&mut self.less, less)
    }

    /// Packets were lost on the way from another shard: there is no picture until the next key frame.
    pub fn interrupted(&mut self) {
        self.publisher_changed();
        if let Some(video) = &mut self.video {
            video.pt = None;
        }
    }

    /// Chooses the layer, asks for what the choice needs. To be called on a timer and whenever
    /// something that matters to the choice has changed.
    pub fn choose(&mut self, publisher: &mut Publisher, out: &mut Out<'_>) {
        if self.less.video || !publisher.codec().is_some_and(|codec| self.plays(codec)) {
            return;
        }
        let mut views: SmallVec<[LayerView; 4]> = publisher.views().into();
        let active = views.iter().filter(|view| view.active).count();
        for _ in 0..self.less.layers.min(active.saturating_sub(1)) {
            let best = views.iter().position(|view| view.active);
            best.map(|best| views.remove(best));
        }
        let limits = self.limits(publisher);
        let budget = self.estimate.map(|estimate| estimate.saturating_sub(RESERVE));
        let Some(target) = self.chooser.choose(out.wire.now, &views, &limits, budget) else { return };
        self.target = Some(target);
        let wished = |view: &&LayerView| limits.pinned.is_none_or(|pinned| pinned == view.index);
        let best = views.iter().filter(|view| view.active).filter(wished).map(|view| view.bitrate).max();
        self.tell_estimator(best.unwrap_or(0), &views, out);
        if self.current == self.target {
            return;
        }
        let ignored = publisher.ignores_requests();
        let Some(layer) = publisher.layer_mut(target) else { return };
        let (cached, fresh) = (layer.cache.start().is_some(), layer.cache.is_fresh(out.wire.now));
        let given_up = ignored || layer.key_frames.waiting(out.wire.now).is_some_and(|w| w >= PATIENCE);
        // A switch can wait for the next key frame, somebody without a picture cannot.
        let must_start =
            self.yields() || self.current.is_none_or(|current| !publisher.layers()[current].active());
        if fresh || must_start && given_up && cached {
            if self.start(target, publisher, out) {
                out.stats.cache_joins += 1;
            }
        } else if let Some(layer) = publisher.layer_mut(target) {
            layer.key_frames.want();
        }
    }

    fn limits(&self, publisher: &Publisher) -> Limits {
        let most = |side: Option<u16>| side.unwrap_or(u16::MAX);
        let width = match (self.selection.max_width, self.most_width) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let bounded = width.is_some() || self.selection.max_height.is_some();
        Limits {
            pinned: self.selection.rid.as_ref().and_then(|rid| publisher.layer_by_rid(rid)),
            at_most: bounded.then(|| (most(width), most(self.selection.max_height))),
            viewport: self.viewport,
            hidden: self.hidden,
        }
    }

    /// The estimator probes for what the best layer needs, and keeps the line filled up to the next
    /// better layer once it knows that there is room.
    fn tell_estimator(&mut self, best: u64, views: &[LayerView], out: &mut Out<'_>) {
        let with_reserve = |bitrate: u64| bitrate + bitrate / 4 + RESERVE;
        let current = self.current.and_then(|current| views.iter().position(|view| view.index == current));
        let next = current.and_then(|at| views[..at].iter().rev().find(|view| view.active));
        // Padding is the last thing that a busy shard should send.
        let idle = self.less == Less::default();
        let wants_more = idle && !self.hidden && self.selection.rid.is_none() && self.viewport.is_none();
        let estimate = self.estimate.unwrap_or(0);
        if estimate < self.seen - self.seen / 10 {
            self.fell_at = Some(out.wire.now);
        }
        self.seen = estimate;
        // What fills the line while it is too narrow already would only keep it too narrow.
        let calm = self.fell_at.is_none_or(|at| out.wire.now.saturating_duration_since(at) >= CALM);
        let least = next.filter(|_| wants_more && calm).map_or(0, |next| with_reserve(next.bitrate));
        let wanted = (least, with_reserve(best));
        let far = |a: u64, b: u64| a.abs_diff(b) > b / 8;
        if far(wanted.0, self.desired.0) || far(wanted.1, self.desired.1) {
            self.desired = wanted;
            out.egress.set_wanted(wanted.0, wanted.1);
        }
    }

    /// The viewer cannot go on: it asks for a key frame of what it gets.
    pub fn key_frame_wanted(&self, publisher: &mut Publisher) {
        if let Some(layer) = self.current.or(self.target).and_then(|index| publisher.layer_mut(index)) {
            layer.key_frames.want();
        }
    }

    /// True once when the publisher sends a codec that was not negotiated.
    pub fn take_codec_refused(&mut self, publisher: &Publisher) -> bool {
        let refused = self.video.is_some() && publisher.codec().is_some_and(|codec| !self.plays(codec));
        refused && !std::mem::replace(&mut self.codec_refused, true)
    }

    /// Whether the viewer negotiated this video codec.
    fn plays(&self, codec: Codec) -> bool {
        let known = self.video.iter().flat_map(|video| &video.track.payload_types);
        known.into_iter().any(|known| known.codec == codec)
    }
}
