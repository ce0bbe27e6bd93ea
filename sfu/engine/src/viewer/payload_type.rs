//! Which of the viewer's payload types is that of a packet.

use sluice_domain::{Codec, MediaKind};

use crate::negotiate::Track;
use crate::packet::MediaPacket;

/// The viewer's payload type for what the publisher sends. H.264 profiles are compared loosely
/// (T7, B-BR10): decoders play more than they announce, and what encoders announce is often not true.
pub(super) fn match_payload_type(track: &Track, packet: &MediaPacket) -> Option<u8> {
    let known = track.payload_types.iter().filter(|known| known.codec == packet.codec);
    let score = |known: &crate::sdp::PayloadType| match packet.codec {
        Codec::H264 => {
            let profile =
                |format: &str0m::format::FormatParams| format.profile_level_id.unwrap_or(0x42_001f) >> 8;
            let mode = |format: &str0m::format::FormatParams| format.packetization_mode.unwrap_or(0);
            let same_mode = mode(&known.format) == mode(&packet.format);
            let same_profile = profile(&known.format) == profile(&packet.format);
            Some(2 * u8::from(same_mode) + u8::from(same_profile))
        }
        Codec::Vp9 => {
            let same = known.format.profile_id.unwrap_or(0) == packet.format.profile_id.unwrap_or(0);
            same.then_some(1)
        }
        Codec::Av1 => (known.format.profile.unwrap_or(0) == packet.format.profile.unwrap_or(0)).then_some(1),
        Codec::H265 | Codec::Vp8 | Codec::Opus => Some(1),
    };
    let mut best: Option<(u8, u8)> = None;
    for (points, pt) in known.filter_map(|known| Some((score(known)?, known.pt))) {
        // The first of equals: it is the viewer's preference.
        if best.is_none_or(|(most, _)| points > most) {
            best = Some((points, pt));
        }
    }
    debug_assert!(packet.kind == MediaKind::Video || packet.codec == Codec::Opus, "audio is Opus");
    best.map(|(_, pt)| pt)
}
