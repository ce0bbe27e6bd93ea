//! What a tap brings: the packets of a broadcast, for who is not a viewer.

use std::sync::Arc;

use sluice_domain::{Codec, LayerInfo, MediaTime};

/// An RTP packet of a publisher, as a recorder or another output gets it.
#[derive(Debug, Clone)]
pub struct TappedPacket {
    /// The RTP stream that it belongs to: a new one for every layer and after every reconnect.
    pub source: u32,
    /// Index of the layer in [`Tapped::Layers`]; 0 for audio. It stays that of the RID while the tap lasts,
    /// also when the publisher comes back.
    pub layer: usize,
    /// What it carries; says whether it is audio or video, too.
    pub codec: Codec,
    /// Extended sequence number of the publisher. Packets come in the order of arrival, not in this one.
    pub seq: u64,
    /// RTP timestamp of the publisher, in units of the codec's clock rate.
    pub timestamp: u32,
    /// RTP marker bit.
    pub marker: bool,
    /// The RTP payload, shared with all who get the packet.
    pub payload: Arc<[u8]>,
    /// When its picture or sound was captured, on the node's clock.
    pub captured: MediaTime,
    /// Whether `captured` rests on arrival, for want of a sender report.
    pub estimated: bool,
    /// Coordination of video orientation (3GPP TS 26.114 §7.4.5), where the publisher sent it.
    pub orientation: Option<u8>,
}

/// A message of a tap. The end of the broadcast ends the tap's queue.
#[derive(Debug, Clone)]
pub enum Tapped {
    /// The layers as they are now, by the index that packets carry. Comes first, and whenever they change.
    /// Their order is that in which the publisher offered them, which says nothing of their size. One that
    /// has sent nothing yet has no size and is not active.
    Layers(Vec<LayerInfo>),
    /// What some milliseconds brought, audio and all layers, in the order of arrival. At the start, what the
    /// join caches have: one layer after the other, each from its newest key frame on, with its parameter
    /// sets.
    Packets(Vec<TappedPacket>),
    /// Packets that are missing here because the queue was full. What follows is of use from the next key
    /// frame on, which has been asked for.
    Lost {
        /// How many.
        packets: u64,
    },
    /// The publisher is gone, or another one took over. What follows has new sources.
    Interrupted,
}
