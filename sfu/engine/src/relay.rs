//! What shards say to each other: a broadcast spans workers by mirrors.
//!
//! The publisher of a broadcast is on one shard, its *home*. A shard that has viewers of it and is not
//! its home holds a *mirror*: the same layers, caches and histories, made of the same packets. So joins,
//! layer switches and repairs are local to each shard.
//!
//! ```text
//!  mirror ── Subscribe (viewers), KeyFrameWanted, Unsubscribe ──▶ home
//!         ◀─ Snapshot, Stream, Packets, Changed ─────────────────
//! ```
//!
//! Messages of one shard to another arrive in order or not at all. Whoever sends learns at once that a
//! message was refused: a home then starts over with a snapshot, a mirror says it again.

use std::sync::Arc;

use sluice_domain::BroadcastId;
use sluice_domain::control::BroadcastState;

use crate::packet::{MediaPacket, SourceId};
use crate::publisher::{Layer, Publisher};

/// A worker and its shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkerId(pub u8);

/// A message of one shard to another about a broadcast.
#[derive(Debug)]
pub struct Relay {
    /// Which broadcast.
    pub broadcast: BroadcastId,
    /// What about it.
    pub news: News,
}

/// The messages.
#[derive(Debug)]
pub enum News {
    /// To the home: there are viewers here. Said again from time to time and when their number changes.
    Subscribe {
        /// Connected viewers.
        viewers: u32,
    },
    /// To the home: there are no viewers here any more.
    Unsubscribe,
    /// To the home: somebody here cannot go on without a key frame.
    KeyFrameWanted {
        /// Index of the layer.
        layer: usize,
        /// The newest key frame that the mirror has.
        seen: Option<KeyFrameId>,
    },
    /// To a mirror: everything, as it is now. What was before is void.
    Snapshot {
        /// Where the broadcast stands.
        state: BroadcastState,
        /// Connected viewers on all shards.
        viewers: u32,
        /// The publisher with its caches, if there is one.
        publisher: Option<Box<Publisher>>,
    },
    /// To a mirror: a layer is new, or its encoder started anew.
    Stream {
        /// Index of the layer.
        layer: usize,
        /// What is known of it.
        state: Box<Layer>,
    },
    /// To a mirror: what one wake-up brought.
    Packets(Vec<Arc<MediaPacket>>),
    /// To a mirror: where the broadcast stands.
    Changed {
        /// Its state.
        state: BroadcastState,
        /// Connected viewers on all shards.
        viewers: u32,
    },
}

impl Relay {
    /// Packets of media in it.
    pub const fn packets(&self) -> usize {
        match &self.news {
            News::Packets(packets) => packets.len(),
            _ => 0,
        }
    }
}

/// A key frame: the first packet of it.
pub type KeyFrameId = (SourceId, u64);

/// A mirror, as its home sees it.
#[derive(Debug)]
pub struct Mirror {
    /// Where.
    pub worker: WorkerId,
    /// Viewers that are connected there.
    pub viewers: u32,
    /// Packets that wait to go there.
    pub pending: Vec<Arc<MediaPacket>>,
    /// A message was lost: nothing goes there but a snapshot.
    pub lost: bool,
}
