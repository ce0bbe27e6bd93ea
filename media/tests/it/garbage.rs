//! No bytes make a parser panic: neither random ones nor real ones with a few broken bits.

use proptest::prelude::*;
use sluice_domain::Codec;
use sluice_media::dd::{DependencyDescriptor, rewrite_frame_number};
use sluice_media::opus::OpusPacket;
use sluice_media::{PacketInfo, frame, h264, h265, vp8, vp9};

use crate::fixture::{ALL, packets};

const CODECS: [Codec; 6] = [Codec::H264, Codec::H265, Codec::Vp8, Codec::Vp9, Codec::Av1, Codec::Opus];

fn feed(payload: &[u8]) {
    for codec in CODECS {
        let info = frame::inspect(codec, payload);
        assert!(info.spatial < 8 && info.temporal < 8);
        if let Some((width, height)) = info.resolution {
            assert!(width > 0 && height > 0);
        }
    }
    let mut out = Vec::new();
    if vp8::rewrite(payload, &mut out, 1, Some(2), Some(3)) {
        assert_eq!(out.len(), payload.len());
    }
    if vp9::rewrite(payload, &mut out, 1, Some(2)) {
        assert_eq!(out.len(), payload.len());
    }
    let mut sets = h264::ParameterSets::default();
    sets.observe(payload);
    sets.stap_a();
    let mut sets = h265::ParameterSets::default();
    sets.observe(payload);
    sets.aggregation_packet();
    if let Some(packet) = OpusPacket::parse(payload) {
        assert!(packet.micros() <= 120_000);
    }
    if let Some(descriptor) = DependencyDescriptor::parse(payload, None) {
        let known = descriptor.structure;
        descriptor.layer(known.as_ref());
        DependencyDescriptor::parse(payload, known.as_ref());
        rewrite_frame_number(&mut payload.to_vec(), 9);
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        feed(&payload);
    }

    #[test]
    fn real_packets_with_broken_bytes_never_panic(
        file in 0..ALL.len(), index in any::<prop::sample::Index>(),
        damage in prop::collection::vec((0_usize..48, any::<u8>()), 1..6), keep in 0_usize..1300,
    ) {
        let packets = packets(ALL[file].1);
        let packet = index.get(&packets);
        for bytes in [packet.payload, packet.descriptor] {
            let mut bytes = bytes.to_vec();
            for (at, value) in &damage {
                if let Some(byte) = bytes.get_mut(*at) {
                    *byte = *value;
                }
            }
            bytes.truncate(keep);
            feed(&bytes);
        }
    }
}

#[test]
fn every_beginning_of_every_real_packet_is_read_without_a_panic() {
    for (_, bytes) in ALL {
        for packet in packets(bytes) {
            for end in 0..packet.payload.len().min(96) {
                feed(&packet.payload[..end]);
            }
            for end in 0..packet.descriptor.len() {
                feed(&packet.descriptor[..end]);
            }
        }
    }
}

#[test]
fn an_empty_payload_means_nothing() {
    // Padding-only packets, with which senders probe for bandwidth.
    for codec in CODECS {
        assert_eq!(frame::inspect(codec, &[]), PacketInfo::default());
    }
}

#[test]
fn every_recording_begins_with_a_key_frame_of_the_size_it_was_made_with() {
    for (codec, bytes) in ALL {
        let infos: Vec<_> =
            packets(bytes).iter().map(|packet| frame::inspect(codec, packet.payload)).collect();
        assert!(infos[0].keyframe_start && infos[0].frame_start, "{codec:?}");
        assert_eq!(infos.iter().find_map(|info| info.resolution), Some((320, 180)), "{codec:?}");
    }
}
