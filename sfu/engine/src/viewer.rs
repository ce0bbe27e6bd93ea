//! One viewer: which layer it gets, whether a packet is for it, and where in its stream.

use std::hint::black_box;
use std::time::{Duration, Instant};

use sluice_domain::{Codec, LayerSelection, MediaKind, MediaTime};
use smallvec::SmallVec;

use crate::command::WatchOptions;
use crate::egress::{Egress, Wire};
use crate::fan::{Batch, Item};
use crate::layer::{Chooser, LayerView, Limits};
use crate::negotiate::Track;
use crate::packet::{MediaPacket, SourceId};
use crate::publisher::Publisher;
use crate::rewrite::Rewriter;
use crate::shed::Less;
use crate::stats::ShardStats;

/// Packets that a viewer who catches up from the join cache gets at once; the next lot follows
/// after [`CATCH_UP_PAUSE`]. More shows the picture sooner, fewer spares the buffers on the way.
const CATCH_UP_PACKETS: usize = 48;

/// See [`CATCH_UP_PACKETS`]: together about 240 Mbit/s, which drains a cache of 4 MB in 140 ms.
pub const CATCH_UP_PAUSE: Duration = Duration::from_millis(2);

/// A key frame younger than this is served from the cache although the publisher could make a new
/// one: what follows it is caught up within a few pictures.
const FRESH: Duration = Duration::from_millis(500);

/// A publisher that leaves a request unanswered this long is not waited for any longer.
const PATIENCE: Duration = Duration::from_millis(400);

/// How long the estimate must not fall before the line is filled to find out whether it carries
/// more. Shorter climbs sooner, longer lets a narrow line drain.
const CALM: Duration = Duration::from_millis(700);

/// What is kept free of the estimate for audio and RTCP, in bits per second.
const RESERVE: u64 = 80_000;

#[derive(Debug)]
struct OutTrack {
    track: Track,
    rewriter: Rewriter,
    /// Payload type for the source that is forwarded.
    pt: Option<(SourceId, Option<u8>)>,
}

impl OutTrack {
    fn new(track: Track, rate: u32, seed: u32) -> Self {
        Self { track, rewriter: Rewriter::new(rate, seed), pt: None }
    }

    fn pt(&mut self, packet: &MediaPacket) -> Option<u8> {
        match self.pt {
            Some((source, pt)) if source == packet.source => pt,
            _ => {
                let pt = match_payload_type(&self.track, packet);
                self.pt = Some((packet.source, pt));
                pt
            }
        }
    }
}

/// Everything that a viewer needs to send packets.
pub struct Out<'a> {
    /// Its send path.
    pub egress: &'a mut Egress,
    /// Where datagrams go.
    pub wire: Wire<'a>,
    /// Counters.
    pub stats: &'a mut ShardStats,
    /// Number of the batch that follows what the join cache holds now.
    pub next_batch: u64,
    /// Set where a viewer has caught up: the batch that is being gathered must end here.
    pub cut: bool,
}

/// A viewer of a broadcast.
#[derive(Debug)]
pub struct Viewer {
    audio: Option<OutTrack>,
    video: Option<OutTrack>,
    chooser: Chooser,
    current: Option<usize>,
    target: Option<usize>,
    /// Next index in the cache of the current layer while catching up.
    catch_up: Option<u64>,
    /// Batches before this one hold nothing of the current layer that did not come from the cache.
    from_batch: u64,
    estimate: Option<u64>,
    desired: (u64, u64),
    /// Estimate at the last choice, and when it last fell by a tenth.
    seen: u64,
    fell_at: Option<Instant>,
    viewport: Option<(u16, u16)>,
    hidden: bool,
    selection: LayerSelection,
    most_width: Option<u16>,
    codec_refused: bool,
    /// What it does not get because the shard does not keep up.
    less: Less,
    /// Newest video packet sent: outgoing timestamp, capture time, whether that is an estimate.
    pub sent: Option<(u32, sluice_domain::MediaTime, bool)>,
    /// It has got a picture.
    pub joined: bool,
    /// The shard has it on its list of those who catch up.
    pub waits: bool,
    /// The layer switched with the last packets: tell the player's clock.
    pub switched: bool,
}

impl Viewer {
    /// A viewer with these negotiated tracks. `estimate` is what its network is trusted to carry until
    /// that is measured, in bits per second; `seed` sets where its RTP numbers begin.
    pub fn new(
        audio: Option<Track>,
        video: Option<Track>,
        options: &WatchOptions,
        estimate: u64,
        seed: u32,
    ) -> Self {
        Self {
            audio: audio.map(|track| OutTrack::new(track, 48_000, seed.wrapping_add(1))),
            video: video.map(|track| OutTrack::new(track, 90_000, seed)),
            chooser: Chooser::default(),
            current: None,
            target: None,
            catch_up: None,
            from_batch: 0,
            estimate: Some(estimate),
            desired: (0, 0),
            seen: 0,
            fell_at: None,
            viewport: None,
            hidden: false,
            selection: LayerSelection::default(),
            most_width: options.max_width,
            codec_refused: false,
            less: Less::default(),
            sent: None,
            joined: false,
            waits: false,
            switched: false,
        }
    }

    /// Layer that is forwarded now.
    pub const fn current(&self) -> Option<usize> {
        self.current
    }

    /// RID that the viewer pinned.
    pub const fn pinned(&self) -> Option<&String> {
        self.selection.rid.as_ref()
    }

    /// Estimate of the viewer's network in bits per second.
    pub const fn estimate(&self) -> Option<u64> {
        self.estimate
    }

    /// Whether it is still catching up from the cache.
    pub const fn catching_up(&self) -> bool {
        self.catch_up.is_some()
    }

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

    /// Reads what [`Self::batch`] will need, and nothing else.
    pub fn touch(&self) {
        let tracks = [&self.audio, &self.video].into_iter().flatten();
        tracks.for_each(|track| track.rewriter.touch());
        black_box((self.current, self.from_batch, self.joined));
    }

    /// A batch of the publisher's packets, all of which are in the caches of their layers already.
    pub fn batch(&mut self, batch: &Batch, publisher: &Publisher, out: &mut Out<'_>) {
        let before = out.stats.bytes_sealed;
        let length = self.longest(batch, out.egress);
        for item in &batch.video {
            self.video(item, batch.number, length, publisher, out);
        }
        // Audio comes last: it is shorter, so that it can close a send that the picture began.
        let audio = if self.less.audio { &[] } else { batch.audio.as_slice() };
        for packet in audio {
            self.audio(packet, out);
        }
        let bytes = out.stats.bytes_sealed - before;
        if bytes > 0 {
            out.egress.sent(bytes as usize, out.wire.now);
        }
    }

    /// Bytes of the longest datagram that a batch means for this viewer. The others are padded to it
    /// where they are nearly as long.
    fn longest(&self, batch: &Batch, egress: &Egress) -> usize {
        let ours = |item: &&Item| Some(item.packet.layer) == self.current;
        batch.video.iter().filter(ours).map(|item| egress.length(&item.packet)).max().unwrap_or(0)
    }

    fn audio(&mut self, packet: &MediaPacket, out: &mut Out<'_>) {
        let Some(track) = &mut self.audio else { return };
        let Some(pt) = track.pt(packet) else { return };
        if track.rewriter.source() != Some(packet.source) {
            track.rewriter.switch(packet, false);
        }
        send(track, pt, packet, 0, out);
    }

    fn video(&mut self, item: &Item, batch: u64, length: usize, publisher: &Publisher, out: &mut Out<'_>) {
        let packet = &item.packet;
        let current = self.current == Some(packet.layer);
        if current && (self.yields() || self.catch_up.is_some() || batch < self.from_batch) {
            return;
        }
        if item.key_frame && self.target == Some(packet.layer) && self.waits_for(packet) {
            self.start(packet.layer, publisher, out);
        } else if let Some(track) = &mut self.video
            && let Some(pt) = track.pt_of_known(packet)
        {
            // Also late packets of the layer before: the rewriter knows whether they have a place.
            let length = if current { length } else { 0 };
            if let Some((timestamp, captured)) = send(track, pt, packet, length, out) {
                self.sent = Some((timestamp, captured, packet.estimated));
            }
        }
    }

    /// Whether the current layer is held back: the network cannot carry it, and what is sent of it
    /// delays the key frame of the layer that it can carry.
    fn yields(&self) -> bool {
        self.chooser.congested() && self.current.is_some() && self.current != self.target
    }

    /// Whether the viewer gets another layer, or the same layer of an encoder that started anew.
    fn waits_for(&self, packet: &MediaPacket) -> bool {
        let source = self.video.as_ref().and_then(|track| track.rewriter.source());
        self.current != self.target || source != Some(packet.source)
    }

    /// Begins to forward a layer from the key frame in its cache.
    fn start(&mut self, layer: usize, publisher: &Publisher, out: &mut Out<'_>) -> bool {
        let yields = self.yields();
        let (Some(track), Some(source)) = (&mut self.video, publisher.layers().get(layer)) else {
            return false;
        };
        let Some((start, first)) = source.cache.start().and_then(|at| Some((at, source.cache.packet(at)?)))
        else {
            return false;
        };
        let Some(pt) = match_payload_type(&track.track, first) else { return false };
        track.pt = Some((first.source, Some(pt)));
        let parameters = source.missing_parameters(first);
        let free = track.rewriter.switch(first, parameters.is_some());
        if let (Some((seq, timestamp)), Some(payload)) = (free, parameters) {
            out.egress.send_own(pt, seq, timestamp, payload, first.captured, &mut out.wire);
        }
        if self.current.is_some() {
            out.stats.layer_switches += 1;
        }
        if yields {
            // Repairs of pictures that nobody will see would take the room of the key frame.
            out.egress.forget_sent();
        }
        self.current = Some(layer);
        self.target = Some(layer);
        self.catch_up = Some(start);
        self.switched = true;
        self.pump(publisher, out);
        true
    }

    /// Sends the next lot of what is in the cache.
    pub fn pump(&mut self, publisher: &Publisher, out: &mut Out<'_>) {
        let (Some(mut next), Some(layer)) = (self.catch_up, self.current) else { return };
        let (Some(track), Some(source)) = (&mut self.video, publisher.layers().get(layer)) else { return };
        for _ in 0..CATCH_UP_PACKETS {
            let Some(packet) = source.cache.packet(next) else { break };
            next += 1;
            if let Some(pt) = track.pt(packet)
                && let Some((timestamp, captured)) = send(track, pt, packet, 0, out)
            {
                self.sent = Some((timestamp, captured, packet.estimated));
            }
        }
        let lost = source.cache.start().is_none_or(|start| next < start);
        self.catch_up = (next < source.cache.end()).then_some(next);
        if self.catch_up.is_none() {
            (self.from_batch, out.cut) = (out.next_batch, true);
        }
        if lost {
            // A newer key frame, or the bound of the cache, overtook the reader: begin with that.
            self.catch_up = None;
            self.current = None;
            self.start(layer, publisher, out);
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
        let age = layer.cache.age(out.wire.now);
        let fresh = age.is_some_and(|age| age <= FRESH);
        let given_up = ignored || layer.key_frames.waiting(out.wire.now).is_some_and(|w| w >= PATIENCE);
        // A switch can wait for the next key frame, somebody without a picture cannot.
        let must_start =
            self.yields() || self.current.is_none_or(|current| !publisher.layers()[current].active());
        if fresh || must_start && given_up && age.is_some() {
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

    /// Sends packets again that the viewer misses.
    pub fn repair(&mut self, missing: &[u16], publisher: &Publisher, out: &mut Out<'_>) {
        for seq in missing {
            let repaired = match out.egress.take_again(*seq, out.wire.now) {
                Some(again) => publisher
                    .find(again.source, again.source_seq)
                    .is_some_and(|packet| out.egress.repair(packet, &again, &mut out.wire)),
                None => out.egress.repair_own(*seq, &mut out.wire),
            };
            out.stats.repairs += u64::from(repaired);
            out.stats.repairs_refused += u64::from(!repaired);
        }
    }

    /// Sends the padding that is due: what was sent last once more, which may be of use, or nothing but
    /// padding.
    pub fn pad(&mut self, publisher: Option<&Publisher>, out: &mut Out<'_>) {
        while let Some((bytes, probe)) = out.egress.padding_due(out.wire.now) {
            let again = out.egress.newest();
            let packet = again.and_then(|again| publisher?.find(again.source, again.source_seq));
            let mut left = bytes;
            while left > 0 {
                let filled =
                    packet.zip(again.as_ref()).filter(|(packet, _)| packet.payload.len() <= left.max(400));
                let sent =
                    out.egress.pad(filled.map(|(packet, again)| (&**packet, again)), probe, &mut out.wire);
                if sent == 0 {
                    return;
                }
                out.stats.padding_bytes += sent as u64;
                left = left.saturating_sub(sent);
            }
            out.egress.sent(bytes, out.wire.now);
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
}

impl Viewer {
    /// Whether the viewer negotiated this video codec.
    fn plays(&self, codec: Codec) -> bool {
        let known = self.video.iter().flat_map(|video| &video.track.payload_types);
        known.into_iter().any(|known| known.codec == codec)
    }
}

impl OutTrack {
    /// Payload type of a source that is or was forwarded; others are not for this viewer.
    fn pt_of_known(&mut self, packet: &MediaPacket) -> Option<u8> {
        match self.pt {
            Some((source, pt)) if source == packet.source => pt,
            Some(_) => self.rewriter.knows(packet.source).then(|| match_payload_type(&self.track, packet))?,
            None => None,
        }
    }
}

/// Rewrites and sends one packet, padded to a datagram of `length` bytes where it is nearly as long; the
/// outgoing timestamp and capture time where it had a place.
fn send(
    track: &mut OutTrack,
    pt: u8,
    packet: &MediaPacket,
    length: usize,
    out: &mut Out<'_>,
) -> Option<(u32, MediaTime)> {
    let rewritten = track.rewriter.map(packet)?;
    let sent = out.egress.send(packet, &rewritten, pt, length, &mut out.wire)?;
    out.stats.packets_out += 1;
    out.stats.bytes_sealed += sent as u64;
    Some((rewritten.timestamp, packet.captured))
}

/// The viewer's payload type for what the publisher sends. H.264 profiles are compared loosely
/// (T7, B-BR10): decoders play more than they announce, and what encoders announce is often not true.
fn match_payload_type(track: &Track, packet: &MediaPacket) -> Option<u8> {
    let known = track.payload_types.iter().filter(|known| known.codec == packet.codec);
    let score = |known: &crate::sdp::PayloadType| match packet.codec {
        Codec::H264 => {
            let profile =
                |format: &str0m::format::FormatParams| format.profile_level_id.unwrap_or(0x42_001f) >> 8;
            let mode = |format: &str0m::format::FormatParams| format.packetization_mode.unwrap_or(0);
            let same_mode = mode(&known.format) == mode(&packet.format);
            let same_profile = profile(&known.format) == profile(&packet.format);
            Some(2 * u8::from(same_mode) + u8::from(same_profile))
        }
        Codec::Vp9 => {
            let same = known.format.profile_id.unwrap_or(0) == packet.format.profile_id.unwrap_or(0);
            same.then_some(1)
        }
        Codec::Av1 => (known.format.profile.unwrap_or(0) == packet.format.profile.unwrap_or(0)).then_some(1),
        Codec::H265 | Codec::Vp8 | Codec::Opus => Some(1),
    };
    let mut best: Option<(u8, u8)> = None;
    for (points, pt) in known.filter_map(|known| Some((score(known)?, known.pt))) {
        // The first of equals: it is the viewer's preference.
        if best.is_none_or(|(most, _)| points > most) {
            best = Some((points, pt));
        }
    }
    debug_assert!(packet.kind == MediaKind::Video || packet.codec == Codec::Opus, "audio is Opus");
    best.map(|(_, pt)| pt)
}
