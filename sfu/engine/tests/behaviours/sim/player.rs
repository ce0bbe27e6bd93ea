//! What a viewer got: every packet, and what a decoder would make of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sluice_domain::Codec;
use sluice_sfu_engine::WatchOptions;
use sluice_sfu_engine::extension::Descriptor;
use str0m::rtp::{ExtensionValues, RtpPacket};

use super::decoder::{Decoder, Shown};
use super::pictures::Stamp;

/// What a viewer asks for.
#[derive(Debug, Clone)]
pub(crate) struct Player {
    pub(crate) codecs: Vec<Codec>,
    pub(crate) audio: bool,
    pub(crate) video: bool,
    pub(crate) control: bool,
    pub(crate) chat: bool,
    pub(crate) options: WatchOptions,
}

impl Default for Player {
    fn default() -> Self {
        Self {
            codecs: vec![Codec::Opus, Codec::Vp8, Codec::H264, Codec::Vp9, Codec::Av1],
            audio: true,
            video: true,
            control: false,
            chat: false,
            options: WatchOptions::default(),
        }
    }
}

impl Player {
    pub(crate) fn with_control() -> Self {
        Self { control: true, ..Self::default() }
    }

    pub(crate) fn with_chat() -> Self {
        Self { chat: true, ..Self::default() }
    }
}

/// One packet of video or audio.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) at: Duration,
    pub(crate) seq: u64,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) pt: u8,
    pub(crate) ssrc: u32,
    pub(crate) payload: Arc<[u8]>,
    pub(crate) values: ExtensionValues,
}

/// Everything that a viewer got.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    pub(crate) video: Vec<Got>,
    pub(crate) audio: Vec<Got>,
    pub(crate) reports: Vec<(Duration, str0m::rtp::rtcp::SenderInfo)>,
    decoder: Decoder,
}

impl Recording {
    /// Takes a packet; true when the player now asks for a key frame.
    pub(crate) fn add(&mut self, at: Duration, packet: RtpPacket, video: bool) -> bool {
        let got = Got {
            at,
            seq: *packet.seq_no,
            timestamp: packet.header.timestamp,
            marker: packet.header.marker,
            pt: *packet.header.payload_type,
            ssrc: *packet.header.ssrc,
            payload: packet.payload,
            values: packet.header.ext_vals,
        };
        if !video {
            self.audio.push(got);
            return false;
        }
        let stuck = self.decoder.add(&got);
        self.video.push(got);
        stuck
    }

    /// Video packets in order of sequence numbers. Fails where a number came twice.
    pub(crate) fn in_order(&self) -> Vec<&Got> {
        let mut by_seq = BTreeMap::new();
        for got in &self.video {
            assert!(by_seq.insert(got.seq, got).is_none(), "sequence number {} came twice", got.seq);
        }
        by_seq.into_values().collect()
    }

    /// Fails where a sequence number of video is missing between the first and the last.
    pub(crate) fn check_whole(&self) {
        for pair in self.in_order().windows(2) {
            let (a, b) = (pair[0], pair[1]);
            assert_eq!(
                a.seq + 1,
                b.seq,
                "missing between {:?} {:?} and {:?} {:?}",
                a.at,
                Stamp::read(&a.payload),
                b.at,
                Stamp::read(&b.payload)
            );
        }
    }

    /// The pictures that the player showed.
    pub(crate) fn shown(&self) -> &[Shown] {
        &self.decoder.shown
    }

    /// Longest time between two new pictures, from the first one after `from` until `until`.
    pub(crate) fn longest_stall(&self, from: Duration, until: Duration) -> Duration {
        let mut times: Vec<Duration> =
            self.shown().iter().map(|shown| shown.at).filter(|at| *at >= from && *at <= until).collect();
        times.sort();
        times.push(until);
        times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(until)
    }

    /// Layers of the pictures shown, without repetition: h is 0.
    pub(crate) fn layers(&self) -> Vec<u8> {
        let mut layers: Vec<u8> = self.shown().iter().map(|shown| shown.stamp.layer).collect();
        layers.dedup();
        layers
    }

    /// Layer of the newest picture.
    pub(crate) fn layer(&self) -> Option<u8> {
        self.shown().last().map(|shown| shown.stamp.layer)
    }

    /// Fails unless everything that a switch must hide is hidden: timestamps grow from picture to
    /// picture, picture ids, TL0PICIDX, KEYIDX and frame numbers count on.
    pub(crate) fn check_continuity(&self, codec: Codec) {
        let packets = self.in_order();
        for pair in packets.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let ahead = b.timestamp.wrapping_sub(a.timestamp).cast_signed();
            assert!(ahead >= 0, "timestamps go back by {} at seq {}", -ahead, b.seq);
            if b.seq == a.seq + 1 && a.marker {
                assert!(ahead > 0, "two pictures share timestamp {} at seq {}", a.timestamp, b.seq);
            }
        }
        // The first packet of each picture after the last one of the picture before.
        for pair in packets.windows(2).filter(|pair| pair[0].timestamp != pair[1].timestamp) {
            if pair[1].seq == pair[0].seq + 1 {
                check_numbers(codec, pair[0], pair[1]);
            }
        }
    }
}

fn check_numbers(codec: Codec, before: &Got, after: &Got) {
    let key = Stamp::read(&after.payload).is_none_or(|stamp| stamp.key);
    let seq = after.seq;
    match codec {
        Codec::Vp8 => {
            let read = |got: &Got| {
                let descriptor = sluice_media::vp8::Descriptor::parse(&got.payload).expect("VP8");
                let field = "the simulation writes all fields";
                (
                    descriptor.picture_id.expect(field),
                    descriptor.tl0.expect(field),
                    descriptor.key_idx.expect(field),
                )
            };
            let (a, b) = (read(before), read(after));
            assert_eq!(b.0, a.0.wrapping_add(1) & 0x7fff, "picture id at seq {seq}");
            assert_eq!(b.1, a.1.wrapping_add(1), "TL0PICIDX at seq {seq}");
            assert_eq!(b.2, a.2.wrapping_add(u8::from(key)) & 0x1f, "KEYIDX at seq {seq}");
        }
        Codec::Vp9 => {
            let read = |got: &Got| {
                let descriptor = sluice_media::vp9::Descriptor::parse(&got.payload).expect("VP9");
                (descriptor.picture_id.expect("written"), descriptor.tl0.expect("written"))
            };
            let (a, b) = (read(before), read(after));
            assert_eq!(b.0, a.0.wrapping_add(1) & 0x7fff, "picture id at seq {seq}");
            assert_eq!(b.1, a.1.wrapping_add(1), "TL0PICIDX at seq {seq}");
        }
        Codec::H264 | Codec::H265 | Codec::Av1 | Codec::Opus => {}
    }
    if matches!(codec, Codec::Av1 | Codec::Vp9) {
        let read = |got: &Got| {
            let descriptor = got.values.user_values.get::<Descriptor>().expect("a dependency descriptor");
            u16::from_be_bytes([descriptor.0[1], descriptor.0[2]])
        };
        assert_eq!(read(after), read(before).wrapping_add(1), "frame number at seq {seq}");
    }
}
