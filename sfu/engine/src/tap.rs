//! A tap: the packets of a broadcast for who is not a viewer, such as a recorder.
//!
//! It is at the home of its broadcast and goes to a queue that may be full. What it missed then is counted
//! and told once there is room again; nothing ever waits for it.

use std::sync::Arc;

use sluice_domain::{LayerInfo, MediaKind};
use sluice_media::tapped::{Tapped, TappedPacket};
use smallvec::SmallVec;

use crate::packet::MediaPacket;
use crate::publisher::{Layer, Publisher};

/// A tap of this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TapId(pub u64);

/// A packet on its way to a tap.
#[derive(Debug, Clone)]
pub struct TapPacket {
    /// Index of the layer in the tap; 0 for audio.
    pub layer: usize,
    /// The packet, shared with viewers.
    pub packet: Arc<MediaPacket>,
}

impl From<TapPacket> for TappedPacket {
    fn from(TapPacket { layer, packet }: TapPacket) -> Self {
        Self {
            source: packet.source.0,
            layer,
            codec: packet.codec,
            seq: packet.seq,
            timestamp: packet.timestamp,
            marker: packet.marker,
            payload: Arc::clone(&packet.payload),
            captured: packet.captured,
            estimated: packet.estimated,
            orientation: packet.carried.orientation,
        }
    }
}

/// A message to a tap. Its reader makes [`Tapped`] of it, so that a media worker need not.
#[derive(Debug, Clone)]
pub enum TapNews {
    /// See [`Tapped::Layers`].
    Layers(Vec<LayerInfo>),
    /// See [`Tapped::Packets`].
    Packets(Vec<TapPacket>),
    /// See [`Tapped::Lost`].
    Lost {
        /// How many packets.
        packets: u64,
    },
    /// See [`Tapped::Interrupted`].
    Interrupted,
}

impl TapNews {
    /// Packets in it.
    pub const fn packets(&self) -> usize {
        match self {
            Self::Packets(packets) => packets.len(),
            Self::Layers(_) | Self::Lost { .. } | Self::Interrupted => 0,
        }
    }

    /// Packets that are missing because of it, where it does not arrive.
    pub(crate) const fn missing(&self) -> u64 {
        match self {
            Self::Packets(packets) => packets.len() as u64,
            Self::Lost { packets } => *packets,
            Self::Layers(_) | Self::Interrupted => 0,
        }
    }
}

impl From<TapNews> for Tapped {
    fn from(news: TapNews) -> Self {
        match news {
            TapNews::Layers(layers) => Self::Layers(layers),
            TapNews::Packets(packets) => Self::Packets(packets.into_iter().map(TappedPacket::from).collect()),
            TapNews::Lost { packets } => Self::Lost { packets },
            TapNews::Interrupted => Self::Interrupted,
        }
    }
}

/// What a tap missed since its queue was full.
#[derive(Debug, Clone, Copy, Default)]
pub struct Missed {
    /// Packets.
    pub packets: u64,
    /// The publisher went away, or another one came.
    pub interrupted: bool,
}

/// A tap, as the home of its broadcast sees it.
#[derive(Debug)]
pub struct Tap {
    /// Its name.
    pub id: TapId,
    /// The RID that each index stands for.
    rids: Vec<Option<String>>,
    /// Index of each of the publisher's layers.
    indices: SmallVec<[usize; 4]>,
    /// Packets that wait to be handed over.
    pending: Vec<TapPacket>,
    /// Set while its queue has no room.
    missed: Option<Missed>,
}

impl Tap {
    /// A tap of a broadcast with this publisher.
    pub fn new(id: TapId, publisher: Option<&Publisher>) -> Self {
        let mut tap =
            Self { id, rids: Vec::new(), indices: SmallVec::new(), pending: Vec::new(), missed: None };
        tap.follow(publisher);
        tap
    }

    /// The publisher is another one, or has one layer more: each layer gets its index. What was a layer of
    /// publishers before keeps its index as long as nobody else needs it.
    pub fn follow(&mut self, publisher: Option<&Publisher>) {
        self.indices.clear();
        let Some(publisher) = publisher else { return };
        let offered = publisher.offered().iter().map(|rid| Some(rid.clone()));
        let sent = publisher.layers().iter().map(|layer| layer.rid.clone());
        let known: SmallVec<[Option<String>; 4]> = offered.chain(sent).collect();
        for rid in &known {
            if self.index_of(rid).is_some() {
                continue;
            }
            match self.rids.iter_mut().find(|taken| !known.contains(taken)) {
                Some(free) => free.clone_from(rid),
                None => self.rids.push(rid.clone()),
            }
        }
        let indices = publisher.layers().iter().filter_map(|layer| self.index_of(&layer.rid));
        self.indices = indices.collect();
    }

    fn index_of(&self, rid: &Option<String>) -> Option<usize> {
        self.rids.iter().position(|known| known == rid)
    }

    /// The publisher's index of a layer.
    pub fn layer_of(&self, index: usize) -> Option<usize> {
        self.indices.iter().position(|known| *known == index)
    }

    /// The layers by their index here.
    pub fn layers(&self, publisher: Option<&Publisher>) -> Vec<LayerInfo> {
        let layers = publisher.map(Publisher::layers).unwrap_or_default();
        let info = |rid: &Option<String>| {
            let sent = layers.iter().find(|layer| layer.rid == *rid).map(Layer::info);
            sent.unwrap_or_else(|| silent(rid.clone()))
        };
        self.rids.iter().map(info).collect()
    }

    /// What the join caches have: each layer from its newest key frame on, with its parameter sets.
    pub fn cached(&self, publisher: &Publisher) -> Vec<TapPacket> {
        let mut packets = Vec::new();
        for (layer, index) in publisher.layers().iter().zip(self.indices.iter().copied()) {
            let Some(start) = layer.cache.start() else { continue };
            let parameters = layer.cache.packet(start).and_then(|first| parameters(layer, first));
            let kept = (start..layer.cache.end()).filter_map(|at| layer.cache.packet(at));
            let all = parameters.into_iter().chain(kept.map(Arc::clone));
            packets.extend(all.map(|packet| TapPacket { layer: index, packet }));
        }
        packets
    }

    /// A packet of the publisher. False where it is missed.
    pub fn push(&mut self, packet: &Arc<MediaPacket>) -> bool {
        if let Some(missed) = &mut self.missed {
            missed.packets += 1;
            return false;
        }
        let layer = match packet.kind {
            MediaKind::Audio => Some(0),
            MediaKind::Video => self.indices.get(packet.layer).copied(),
        };
        if let Some(layer) = layer {
            self.pending.push(TapPacket { layer, packet: Arc::clone(packet) });
        }
        true
    }

    /// The packets that wait to be handed over.
    pub fn take_pending(&mut self) -> Option<TapNews> {
        if self.pending.is_empty() {
            return None;
        }
        // The next lot is about as large as this one.
        let room = Vec::with_capacity(self.pending.len());
        Some(TapNews::Packets(std::mem::replace(&mut self.pending, room)))
    }

    /// Whether its queue had no room.
    pub const fn is_full(&self) -> bool {
        self.missed.is_some()
    }

    /// Its queue has no room. Says how many packets that waited here are missed with it.
    pub fn miss(&mut self, missed: Missed) -> u64 {
        let waiting = self.pending.len() as u64;
        self.pending.clear();
        let all = self.missed.get_or_insert_default();
        all.packets += missed.packets + waiting;
        all.interrupted |= missed.interrupted;
        waiting
    }

    /// Its queue has room again. Says what it missed.
    pub const fn resume(&mut self) -> Option<Missed> {
        self.missed.take()
    }
}

/// A layer that nothing comes of.
const fn silent(rid: Option<String>) -> LayerInfo {
    LayerInfo { rid, width: None, height: None, bitrate: 0, fps: 0.0, active: false }
}

/// The parameter sets that a key frame lacks, as the packet before its first one: what came there before
/// belongs to a picture that the tap does not get.
fn parameters(layer: &Layer, first: &Arc<MediaPacket>) -> Option<Arc<MediaPacket>> {
    let payload = layer.missing_parameters(first)?;
    let seq = first.seq.checked_sub(1)?;
    Some(Arc::new(MediaPacket { seq, marker: false, payload: payload.into(), ..MediaPacket::clone(first) }))
}
