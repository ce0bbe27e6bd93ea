//! Reads the recorded packets under `tests/data`; the format is in the README there.

use sluice_domain::Codec;
use sluice_media::{PacketInfo, frame};

/// One RTP packet without its header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packet<'a> {
    pub(crate) marker: bool,
    pub(crate) timestamp: u32,
    pub(crate) descriptor: &'a [u8],
    pub(crate) payload: &'a [u8],
}

pub(crate) fn packets(mut bytes: &[u8]) -> Vec<Packet<'_>> {
    let mut packets = Vec::new();
    while let Some((header, rest)) = bytes.split_first_chunk::<8>() {
        let size = usize::from(u16::from_be_bytes([header[0], header[1]]));
        let (descriptor, rest) = rest.split_at(usize::from(header[7]));
        let (payload, rest) = rest.split_at(size);
        let timestamp = u32::from_be_bytes([header[3], header[4], header[5], header[6]]);
        packets.push(Packet { marker: header[2] == 1, timestamp, descriptor, payload });
        bytes = rest;
    }
    packets
}

/// One picture: the packets that share a timestamp, each with what was read from it.
pub(crate) fn pictures(codec: Codec, bytes: &[u8]) -> Vec<Vec<PacketInfo>> {
    let mut pictures: Vec<Vec<PacketInfo>> = Vec::new();
    let mut timestamp = None;
    for packet in packets(bytes) {
        if timestamp != Some(packet.timestamp) {
            timestamp = Some(packet.timestamp);
            pictures.push(Vec::new());
        }
        let picture = pictures.last_mut().expect("pushed above");
        picture.push(frame::inspect(codec, packet.payload));
    }
    pictures
}

/// Indices of the pictures in which a packet starts a key frame.
pub(crate) fn key_pictures(pictures: &[Vec<PacketInfo>]) -> Vec<usize> {
    let is_key = |picture: &Vec<PacketInfo>| picture.iter().any(|info| info.keyframe_start);
    pictures.iter().enumerate().filter(|(_, picture)| is_key(picture)).map(|(index, _)| index).collect()
}

/// Every recorded file with its codec.
pub(crate) const ALL: [(Codec, &[u8]); 13] = [
    (Codec::Av1, include_bytes!("../data/chromium-av1-l1t2.payloads")),
    (Codec::Av1, include_bytes!("../data/chromium-av1-l3t3-key.payloads")),
    (Codec::H264, include_bytes!("../data/chromium-h264-l1t2.payloads")),
    (Codec::Vp8, include_bytes!("../data/chromium-vp8-l1t3.payloads")),
    (Codec::Vp8, include_bytes!("../data/chromium-vp8-l1t3-dd.payloads")),
    (Codec::Vp9, include_bytes!("../data/chromium-vp9-l1t2.payloads")),
    (Codec::Vp9, include_bytes!("../data/chromium-vp9-l3t3-key.payloads")),
    (Codec::H264, include_bytes!("../data/ffmpeg-h264-baseline.payloads")),
    (Codec::H264, include_bytes!("../data/ffmpeg-h264-bframes.payloads")),
    (Codec::H265, include_bytes!("../data/ffmpeg-h265.payloads")),
    (Codec::H265, include_bytes!("../data/ffmpeg-h265-bframes.payloads")),
    (Codec::Vp8, include_bytes!("../data/ffmpeg-vp8.payloads")),
    (Codec::Vp9, include_bytes!("../data/ffmpeg-vp9.payloads")),
];
