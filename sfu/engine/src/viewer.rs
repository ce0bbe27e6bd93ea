//! One viewer: which packets are for it, and where each has its place in the viewer's stream.
//!
//! A viewer sees one SSRC for the whole session while the packets come from layer after layer and
//! publisher after publisher. Each of these is a *segment* with constant offsets:
//!
//! ```text
//!  source A   seq 100 101 102 103                      offset -90
//!  source B                        seq 7000 7001 ...   offset -6986
//!  viewer     seq  10  11  12  13        14   15
//! ```
//!
//! A segment begins with the first packet of a key frame. A late packet of the segment before
//! (a repaired loss) still finds its place; anything else of it is dropped.
//!
//! This file is what every packet passes. What happens now and then is in the files beside it.

mod catching_up;
mod choice;
mod payload_type;
mod repairs;

use std::time::Instant;

use sluice_domain::{LayerSelection, MediaTime};
use smallvec::SmallVec;

pub use self::catching_up::CATCH_UP_PAUSE;

use self::payload_type::match_payload_type;
use crate::command::WatchOptions;
use crate::egress::{Egress, Wire};
use crate::fan::{Batch, Item};
use crate::layer::Chooser;
use crate::negotiate::Track;
use crate::packet::{MediaPacket, SourceId};
use crate::publisher::Publisher;
use crate::shed::Less;
use crate::stats::ShardStats;

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

    /// Payload type of a source that is or was forwarded; others are not for this viewer.
    fn pt_of_known(&mut self, packet: &MediaPacket) -> Option<u8> {
        match self.pt {
            Some((source, pt)) if source == packet.source => pt,
            Some(_) => self.rewriter.knows(packet.source).then(|| match_payload_type(&self.track, packet))?,
            None => None,
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
    /// It began with a layer and got nothing of it yet.
    pub begins: bool,
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
            begins: false,
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

    /// Whether it gets the batch with that number as it goes round, and nothing of it from the cache.
    pub const fn gets(&self, batch: u64) -> bool {
        self.catch_up.is_none() && self.from_batch <= batch
    }

    /// Batches of the publisher's packets, all of which are in the caches of their layers already.
    pub fn give<'b>(
        &mut self,
        batches: impl Iterator<Item = &'b Batch> + Clone,
        publisher: &Publisher,
        out: &mut Out<'_>,
    ) {
        let before = out.stats.bytes_sealed;
        for batch in batches.clone() {
            let length = self.longest(batch, out.egress);
            for item in &batch.video {
                self.video(item, batch.number, length, publisher, out);
            }
        }
        // Audio comes last: it is shorter, so that it can close a send that a picture began.
        if !self.less.audio {
            batches.flat_map(|batch| &batch.audio).for_each(|packet| self.audio(packet, out));
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
            if self.start(packet.layer, publisher, out) {
                self.pump(publisher, out);
            }
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

/// What a packet looks like to one viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewritten {
    /// Extended sequence number.
    pub seq: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// VP8 and VP9 picture id.
    pub picture_id: Option<u16>,
    /// VP8 and VP9 TL0PICIDX.
    pub tl0: Option<u8>,
    /// VP8 KEYIDX.
    pub key_idx: Option<u8>,
    /// Frame number of the dependency descriptor.
    pub frame_number: Option<u16>,
    /// Whether any of the picture fields differs from the publisher's.
    pub changed: bool,
}

/// Milliseconds between pictures that are caught up faster than real time. A receiver needs
/// growing timestamps; more would make the picture lag behind for longer.
const SQUEEZED_MILLIS: u32 = 1;

/// Pictures whose squeezed timestamp is remembered, for late packets of theirs.
const REMEMBERED: usize = 16;

#[derive(Debug, Clone)]
struct Segment {
    source: SourceId,
    first: u64,
    highest: u64,
    closed: bool,
    /// Something of it was sent.
    used: bool,
    seq_offset: u64,
    timestamp_offset: u32,
    picture_offset: u16,
    tl0_offset: u8,
    key_offset: u8,
    frame_offset: u16,
    squeezing: bool,
    squeezed: SmallVec<[(u32, u32); REMEMBERED]>,
}

impl Segment {
    /// Whether a packet belongs to the segment. A source may have two: a viewer that fell behind
    /// begins anew with the next key frame.
    fn has_place(&self, packet: &MediaPacket) -> bool {
        self.source == packet.source
            && packet.seq >= self.first
            && (!self.closed || packet.seq <= self.highest)
    }
}

#[derive(Debug, Clone, Copy)]
struct Last {
    seq: u64,
    timestamp: u32,
    captured: MediaTime,
}

/// Newest picture fields sent.
#[derive(Debug, Clone, Copy, Default)]
struct Pictures {
    id: Option<u16>,
    tl0: Option<u8>,
    key_idx: Option<u8>,
    frame: Option<u16>,
}

/// Rewrites one track for one viewer.
#[derive(Debug, Clone)]
pub struct Rewriter {
    rate: u32,
    seed: u32,
    last: Option<Last>,
    pictures: Pictures,
    segments: SmallVec<[Segment; 2]>,
}

impl Rewriter {
    /// For a track with `rate` timestamp units a second. `seed` sets where its numbers begin.
    pub fn new(rate: u32, seed: u32) -> Self {
        Self { rate, seed, last: None, pictures: Pictures::default(), segments: SmallVec::new() }
    }

    /// The source whose packets are mapped now.
    pub fn source(&self) -> Option<SourceId> {
        self.segments.last().map(|segment| segment.source)
    }

    /// Whether packets of this source may still have a place.
    pub fn knows(&self, source: SourceId) -> bool {
        self.segments.iter().any(|segment| segment.source == source)
    }

    /// Begins a new segment with `packet`, the first of a key frame (or any packet of audio).
    /// Where `extra` is set, one sequence number before it is left free and returned with the
    /// timestamp for a packet of our own, parameter sets for a late joiner.
    pub fn switch(&mut self, packet: &MediaPacket, extra: bool) -> Option<(u64, u32)> {
        let (next_seq, timestamp, squeezing) = match self.last {
            // The first sequence number must leave the rollover counter at 0, since that is not on the wire.
            None => (u64::from(self.seed & 0x3fff) + 1, self.seed.wrapping_mul(0x9e37_79b9), false),
            Some(last) => {
                let units = packet.captured.micros_since(last.captured) * i64::from(self.rate) / 1_000_000;
                let natural = last.timestamp.wrapping_add(units as u32);
                (last.seq + 1, natural, !newer(natural, last.timestamp.wrapping_add(self.step())))
            }
        };
        let first_seq = next_seq + u64::from(extra);
        // Of a segment that was begun and given up nothing was sent: the next one has its numbers.
        if self.segments.last().is_some_and(|previous| !previous.used) {
            self.segments.pop();
        }
        if let Some(previous) = self.segments.last_mut() {
            previous.closed = true;
        }
        if self.segments.len() == 2 {
            self.segments.remove(0);
        }
        let after = |last: Option<u16>, first: Option<u16>| match (last, first) {
            (Some(last), Some(first)) => last.wrapping_add(1).wrapping_sub(first),
            _ => 0,
        };
        let info = &packet.info;
        let byte = |offset: u16| (offset & 0xff) as u8;
        self.segments.push(Segment {
            source: packet.source,
            first: packet.seq,
            highest: packet.seq,
            closed: false,
            used: false,
            seq_offset: first_seq.wrapping_sub(packet.seq),
            timestamp_offset: timestamp.wrapping_sub(packet.timestamp),
            picture_offset: after(self.pictures.id, info.picture_id),
            tl0_offset: byte(after(self.pictures.tl0.map(u16::from), info.tl0.map(u16::from))),
            key_offset: byte(after(self.pictures.key_idx.map(u16::from), info.key_idx.map(u16::from))),
            frame_offset: after(self.pictures.frame, packet.carried.frame_number),
            squeezing,
            squeezed: SmallVec::new(),
        });
        if !extra {
            return None;
        }
        let timestamp = self.timestamp(self.segments.len() - 1, packet.timestamp);
        self.last = Some(Last { seq: next_seq, timestamp, captured: packet.captured });
        Some((next_seq, timestamp))
    }

    /// Where a packet goes in the viewer's stream; `None` if nowhere.
    pub fn map(&mut self, packet: &MediaPacket) -> Option<Rewritten> {
        let index = self.segments.iter().rposition(|segment| segment.has_place(packet))?;
        let segment = &mut self.segments[index];
        segment.highest = segment.highest.max(packet.seq);
        segment.used = true;
        let seq = packet.seq.wrapping_add(segment.seq_offset);
        let info = &packet.info;
        let mut rewritten = Rewritten {
            seq,
            timestamp: 0,
            picture_id: info.picture_id.map(|id| id.wrapping_add(segment.picture_offset) & 0x7fff),
            tl0: info.tl0.map(|tl0| tl0.wrapping_add(segment.tl0_offset)),
            key_idx: info.key_idx.map(|key| key.wrapping_add(segment.key_offset) & 0x1f),
            frame_number: packet.carried.frame_number.map(|frame| frame.wrapping_add(segment.frame_offset)),
            changed: (segment.picture_offset & 0x7fff, segment.tl0_offset, segment.key_offset & 0x1f)
                != (0, 0, 0),
        };
        rewritten.timestamp = self.timestamp(index, packet.timestamp);
        if self.last.is_none_or(|last| seq > last.seq) {
            self.last = Some(Last { seq, timestamp: rewritten.timestamp, captured: packet.captured });
            let newest = &mut self.pictures;
            newest.id = rewritten.picture_id.or(newest.id);
            newest.tl0 = rewritten.tl0.or(newest.tl0);
            newest.key_idx = rewritten.key_idx.or(newest.key_idx);
            newest.frame = rewritten.frame_number.or(newest.frame);
        }
        Some(rewritten)
    }

    const fn step(&self) -> u32 {
        self.rate / 1000 * SQUEEZED_MILLIS
    }

    /// The viewer's timestamp: shifted by a constant, or squeezed behind the last one while the
    /// segment starts from the past.
    fn timestamp(&mut self, index: usize, timestamp: u32) -> u32 {
        let least = self.last.map(|last| last.timestamp.wrapping_add(self.step()));
        let segment = &mut self.segments[index];
        let natural = timestamp.wrapping_add(segment.timestamp_offset);
        let squeezed = &mut segment.squeezed;
        let at = squeezed.iter().position(|(source, _)| !newer(timestamp, *source));
        let (at, out) = match (at, least) {
            (Some(at), _) if squeezed[at].0 == timestamp => return squeezed[at].1,
            // A picture that was repaired meanwhile goes between its neighbours.
            (Some(at), _) => {
                let after = squeezed[at].1;
                let room = at.checked_sub(1).map_or(2, |before| after.wrapping_sub(squeezed[before].1));
                (at, after.wrapping_sub(room / 2))
            }
            (None, Some(least)) if segment.squeezing => {
                // The first picture in time is remembered too: one before it may still be missing.
                segment.squeezing = !newer(natural, least);
                (squeezed.len(), if segment.squeezing { least } else { natural })
            }
            (None, _) => return natural,
        };
        squeezed.insert(at, (timestamp, out));
        if squeezed.len() > REMEMBERED {
            squeezed.remove(0);
        }
        out
    }
}

/// Whether `a` is later than `b` in RTP timestamps, which wrap.
const fn newer(a: u32, b: u32) -> bool {
    a != b && a.wrapping_sub(b) < 0x8000_0000
}

#[cfg(test)]
mod tests;
