//! From packets to frames: real senders, bad networks, and senders that break the rules.

use sluice_domain::Codec;

use crate::fixture::{ALL, packets as recorded};
use crate::packetise::packets;
use crate::record::frames;

/// A recorded file as packets of a tap.
fn tapped(codec: Codec, bytes: &[u8]) -> Vec<sluice_media::tapped::TappedPacket> {
    let mut out = Vec::new();
    for packet in recorded(bytes) {
        let mut tapped = packets(codec, &[(packet.timestamp, vec![packet.payload.to_vec()])]).remove(0);
        tapped.seq += out.len() as u64;
        tapped.marker = packet.marker;
        out.push(tapped);
    }
    out
}

#[test]
fn every_recording_of_a_real_sender_becomes_frames_of_the_size_it_was_made_with() {
    for (codec, bytes) in ALL {
        let packets = tapped(codec, bytes);
        let frames = frames(codec, &packets);
        let mut timestamps: Vec<_> =
            packets.iter().filter(|packet| packet.marker).map(|packet| packet.timestamp).collect();
        timestamps.dedup();
        assert_eq!(frames.iter().map(|frame| frame.timestamp).collect::<Vec<_>>(), timestamps, "{codec:?}");
        let config = frames[0].config.as_ref().expect("begins with a key frame");
        assert_eq!((config.codec(), config.size()), (codec, Some((320, 180))), "{codec:?}");
        assert!(frames.iter().all(|frame| frame.key == frame.config.is_some()));
    }
}
