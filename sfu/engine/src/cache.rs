//! The newest key frame of a layer and what followed it, shared by all who join or switch.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::packet::MediaPacket;

/// Packets kept from before a key frame's first packet was seen. It may be the one that was lost and
/// comes again a round trip later, behind all the rest of the key frame and some pictures more.
const EARLY: usize = 256;

/// The join cache of one layer. Packets have absolute indices that are never used twice, so a
/// reader that falls behind a new key frame notices.
#[derive(Debug, Clone)]
pub struct LayerCache {
    packets: VecDeque<Arc<MediaPacket>>,
    base: u64,
    bytes: usize,
    key_timestamp: Option<u32>,
    early: VecDeque<Arc<MediaPacket>>,
    most_bytes: usize,
    longest: Duration,
    fresh: Duration,
}

impl LayerCache {
    /// A cache bounded in bytes and in time, whose key frame is fresh for a while.
    pub const fn new(most_bytes: usize, longest: Duration, fresh: Duration) -> Self {
        Self {
            packets: VecDeque::new(),
            base: 0,
            bytes: 0,
            key_timestamp: None,
            early: VecDeque::new(),
            most_bytes,
            longest,
            fresh,
        }
    }

    /// Takes the place of another cache, whose readers notice.
    pub fn follow(&mut self, other: &Self) {
        self.base = other.end() + 1;
    }

    /// Adds a packet in order of arrival. True when it began a new key frame.
    pub fn push(&mut self, packet: &Arc<MediaPacket>) -> bool {
        let first_seq = self.packets.front().map_or(0, |first| first.seq);
        let new_key = packet.info.keyframe_start
            && self.key_timestamp != Some(packet.timestamp)
            && packet.seq >= first_seq;
        if new_key {
            self.restart(packet);
        } else if self.key_timestamp.is_some() && packet.seq >= first_seq {
            self.append(Arc::clone(packet));
        }
        if self.early.len() == EARLY {
            self.early.pop_front();
        }
        self.early.push_back(Arc::clone(packet));
        let too_long = self.packets.front().is_some_and(|first| {
            packet.arrived.saturating_duration_since(first.arrived) > self.longest
                || self.bytes > self.most_bytes
        });
        if too_long {
            self.clear();
        }
        new_key
    }

    fn restart(&mut self, packet: &Arc<MediaPacket>) {
        self.clear();
        self.key_timestamp = Some(packet.timestamp);
        self.append(Arc::clone(packet));
        let early = std::mem::take(&mut self.early);
        for waiting in early.into_iter().filter(|early| early.seq > packet.seq) {
            self.append(waiting);
        }
    }

    fn append(&mut self, packet: Arc<MediaPacket>) {
        self.bytes += packet.payload.len();
        self.packets.push_back(packet);
    }

    fn clear(&mut self) {
        self.base += self.packets.len() as u64;
        self.packets.clear();
        self.bytes = 0;
        self.key_timestamp = None;
    }

    /// Index of the key frame's first packet, if there is one.
    pub fn start(&self) -> Option<u64> {
        (!self.packets.is_empty()).then_some(self.base)
    }

    /// The packet at an index; `None` behind the newest, or before the key frame.
    pub fn packet(&self, index: u64) -> Option<&Arc<MediaPacket>> {
        self.packets.get(usize::try_from(index.checked_sub(self.base)?).ok()?)
    }

    /// The packet whose sequence number ends in these 32 bits. They stand nearly in order.
    pub fn find(&self, seq: u32) -> Option<&Arc<MediaPacket>> {
        let first = self.packets.front()?.seq as u32;
        let guess = usize::try_from(seq.wrapping_sub(first)).ok()?;
        let nearby = guess.saturating_sub(EARLY)..guess.saturating_add(EARLY).min(self.packets.len());
        nearby.filter_map(|at| self.packets.get(at)).find(|packet| packet.seq as u32 == seq)
    }

    /// Index behind the newest packet.
    pub fn end(&self) -> u64 {
        self.base + self.packets.len() as u64
    }

    /// Whether a picture with this timestamp is the key frame that the cache begins with.
    pub fn is_key_frame(&self, timestamp: u32) -> bool {
        self.key_timestamp == Some(timestamp)
    }

    /// Whether the key frame is young enough to be served although the publisher could make a new one.
    pub fn is_fresh(&self, now: Instant) -> bool {
        self.age(now).is_some_and(|age| age <= self.fresh)
    }

    /// How old the key frame is.
    pub fn age(&self, now: Instant) -> Option<Duration> {
        self.packets.front().map(|first| now.saturating_duration_since(first.arrived))
    }
}

#[cfg(test)]
mod tests;
