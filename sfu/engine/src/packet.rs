//! One received RTP packet, shared by reference with everyone who gets it.

use std::sync::Arc;
use std::time::Instant;

use sluice_domain::{Codec, MediaKind, MediaTime};
use sluice_media::PacketInfo;
use smallvec::SmallVec;
use str0m::format::FormatParams;

/// One RTP stream of one publisher: a new one for every layer and after every reconnect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourceId(pub u32);

/// A packet of a publisher.
#[derive(Debug, Clone)]
pub struct MediaPacket {
    /// The RTP stream that it belongs to.
    pub source: SourceId,
    /// Audio or video.
    pub kind: MediaKind,
    /// Index of the layer among the publisher's layers; 0 for audio.
    pub layer: usize,
    /// What it carries.
    pub codec: Codec,
    /// How it is packetised, to find the viewer's payload type.
    pub format: FormatParams,
    /// Extended sequence number of the publisher.
    pub seq: u64,
    /// RTP timestamp of the publisher.
    pub timestamp: u32,
    /// RTP marker bit.
    pub marker: bool,
    /// The RTP payload, never copied for a viewer.
    pub payload: Arc<[u8]>,
    /// When it arrived.
    pub arrived: Instant,
    /// When its picture or sound was captured, on the node's clock.
    pub captured: MediaTime,
    /// Whether `captured` rests on arrival, for want of a sender report.
    pub estimated: bool,
    /// What its payload says.
    pub info: PacketInfo,
    /// Header extensions that are carried through.
    pub carried: Carried,
}

/// Header extensions that mean the same to a viewer as to the server, as bytes of the wire.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    /// RFC 6464: voice activity and level.
    pub level: Option<u8>,
    /// 3GPP TS 26.114: coordination of video orientation.
    pub orientation: Option<u8>,
    /// abs-capture-time with its offset rewritten to the node's clock: 8 or 16 bytes.
    pub capture: Option<SmallVec<[u8; 16]>>,
    /// AV1 dependency descriptor.
    pub descriptor: Option<Arc<[u8]>>,
    /// Frame number in the descriptor.
    pub frame_number: Option<u16>,
}
