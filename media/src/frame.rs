//! One question for every codec: what does this packet mean to someone who forwards it?

use sluice_domain::Codec;

use crate::{Resolution, av1, h264, h265, vp8, vp9};

/// What a forwarder needs to know about one RTP payload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PacketInfo {
    /// A viewer may be switched to this layer with this packet. Several packets of one key frame
    /// may say so (H.264 and H.265 parameter sets and the slice behind them); they share one RTP
    /// timestamp.
    pub keyframe_start: bool,
    /// The packet may be the first of a picture. Best effort: RTP timestamps decide.
    pub frame_start: bool,
    /// Picture size, where the packet tells it; of the highest spatial layer.
    pub resolution: Option<Resolution>,
    /// Pictures are shown in another order than they are sent, which costs every viewer delay.
    pub b_frame: bool,
    /// Picture id of VP8 and VP9.
    pub picture_id: Option<u16>,
    /// Running number of base layer pictures of VP8 and VP9.
    pub tl0: Option<u8>,
    /// Running number of key frames of VP8.
    pub key_idx: Option<u8>,
    /// Spatial layer, 0 the base.
    pub spatial: u8,
    /// Temporal layer, 0 the base.
    pub temporal: u8,
}

/// Looks into one RTP payload. Any bytes are allowed; what cannot be read is left at its default.
pub fn inspect(codec: Codec, payload: &[u8]) -> PacketInfo {
    match codec {
        Codec::H264 => h264::inspect(payload).into(),
        Codec::H265 => h265::inspect(payload).into(),
        Codec::Vp8 => vp8::inspect(payload).into(),
        Codec::Vp9 => vp9::inspect(payload).into(),
        Codec::Av1 => av1::inspect(payload).into(),
        // Each Opus packet stands for itself: a viewer may start with any of them.
        Codec::Opus => {
            let whole = !payload.is_empty();
            PacketInfo { keyframe_start: whole, frame_start: whole, ..PacketInfo::default() }
        }
    }
}

impl From<h264::H264Packet> for PacketInfo {
    fn from(packet: h264::H264Packet) -> Self {
        Self {
            keyframe_start: packet.keyframe_start,
            frame_start: packet.frame_start,
            resolution: packet.resolution,
            b_frame: packet.has_b_slice,
            ..Self::default()
        }
    }
}

impl From<h265::H265Packet> for PacketInfo {
    fn from(packet: h265::H265Packet) -> Self {
        Self {
            keyframe_start: packet.keyframe_start,
            frame_start: packet.frame_start,
            resolution: packet.resolution,
            b_frame: packet.reorders,
            temporal: packet.temporal,
            ..Self::default()
        }
    }
}

impl From<vp8::Vp8Packet> for PacketInfo {
    fn from(packet: vp8::Vp8Packet) -> Self {
        let descriptor = packet.descriptor;
        Self {
            keyframe_start: packet.keyframe_start,
            frame_start: descriptor.frame_start(),
            resolution: packet.resolution,
            picture_id: descriptor.picture_id,
            tl0: descriptor.tl0,
            key_idx: descriptor.key_idx,
            temporal: descriptor.temporal.unwrap_or(0),
            ..Self::default()
        }
    }
}

impl From<vp9::Vp9Packet> for PacketInfo {
    fn from(packet: vp9::Vp9Packet) -> Self {
        let descriptor = packet.descriptor;
        let layer = descriptor.layer.unwrap_or_default();
        Self {
            keyframe_start: packet.keyframe_start,
            frame_start: descriptor.frame_start,
            resolution: packet.resolution,
            picture_id: descriptor.picture_id,
            tl0: descriptor.tl0,
            spatial: layer.spatial,
            temporal: layer.temporal,
            ..Self::default()
        }
    }
}

impl From<av1::Av1Packet> for PacketInfo {
    fn from(packet: av1::Av1Packet) -> Self {
        Self {
            keyframe_start: packet.keyframe_start,
            frame_start: packet.frame_start,
            resolution: packet.resolution,
            spatial: packet.spatial,
            temporal: packet.temporal,
            ..Self::default()
        }
    }
}
