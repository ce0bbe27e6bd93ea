//! Packets in a row, lost, late, of new sources, and broken, to frames: every codec.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use sluice_domain::{Codec, MediaTime};
use sluice_fuzz::packets;
use sluice_media::cmaf::init_segment;
use sluice_media::depacketise::{Depacketiser, Frame, Piece};
use sluice_media::tapped::TappedPacket;

fuzz_target!(|data: &[u8]| {
    let Some((codec, rest)) = data.split_first() else { return };
    let codec = match codec % 6 {
        0 => Codec::H264,
        1 => Codec::H265,
        2 => Codec::Vp8,
        3 => Codec::Vp9,
        4 => Codec::Av1,
        _ => Codec::Opus,
    };
    let mut depacketiser = Depacketiser::new(codec);
    let mut out = Vec::new();
    let (mut seq, mut timestamp, mut source, mut captured) = (70_000_u64, 0_u32, 0, 0);
    for record in packets(rest) {
        // How the packet stands to the one before: one byte in front of its payload.
        let Some((how, payload)) = record.split_first() else { continue };
        seq = match how >> 4 & 0x03 {
            0 => seq + 1,
            1 => seq + 2,
            2 => seq.saturating_sub(1),
            _ => seq + 2_000,
        };
        if how & 0x40 != 0 {
            timestamp = timestamp.wrapping_add(3_000);
            captured += 33_000;
        }
        if how & 0x08 != 0 {
            source += 1;
        }
        if how & 0x04 != 0 {
            captured += 400_000;
        }
        let packet = TappedPacket {
            source,
            layer: 0,
            codec,
            seq,
            timestamp,
            marker: how & 0x80 != 0,
            payload: Arc::from(payload),
            captured: MediaTime(captured),
            estimated: false,
            orientation: (how & 0x02 != 0).then_some(*how),
        };
        depacketiser.push(&packet, &mut out);
        assert!(depacketiser.waiting() <= 1_024);
    }
    depacketiser.flush(&mut out);
    assert_eq!(depacketiser.waiting(), 0);
    check(codec, data.len(), &out);
});

fn check(codec: Codec, sent: usize, pieces: &[Piece]) {
    let mut waits_for_key = true;
    let mut bytes = 0;
    for piece in pieces {
        let Piece::Frame(frame) = piece else {
            waits_for_key = true;
            continue;
        };
        assert!(frame.key || !waits_for_key, "what follows a gap is a key frame");
        assert_eq!(frame.key, frame.config.is_some());
        assert_eq!(frame.duration.is_some(), codec == Codec::Opus);
        waits_for_key = false;
        bytes += frame.data.len();
        if let Some(config) = &frame.config {
            assert_eq!(config.codec(), codec);
            assert!(!init_segment(config).is_empty());
        }
        if matches!(codec, Codec::H264 | Codec::H265) {
            whole_units(frame);
        }
    }
    // A unit of one byte costs three in an aggregate, and five in a sample.
    assert!(bytes <= 2 * sent + 32 * pieces.len());
}

/// The units and their lengths fill the sample to its last byte.
fn whole_units(frame: &Frame) {
    let mut rest = frame.data.as_ref();
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        assert!(length > 0);
        rest = &behind[length..];
    }
    assert!(rest.is_empty() && !frame.data.is_empty());
}
