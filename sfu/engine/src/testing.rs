//! What tests of several parts begin with.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use sluice_domain::{Codec, MediaKind, MediaTime};
use sluice_media::PacketInfo;
use str0m::format::FormatParams;

use crate::packet::{Carried, MediaPacket, SourceId};

/// When a test begins, the same instant in all of it.
#[expect(clippy::disallowed_methods, reason = "a test needs some instant to begin with")]
pub(crate) fn start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    *START.get_or_init(Instant::now)
}

/// A packet of the first stream's only layer that arrived at the [`start`]; a test names what else it is about.
pub(crate) fn packet(kind: MediaKind, seq: u64) -> MediaPacket {
    MediaPacket {
        source: SourceId(1),
        kind,
        layer: 0,
        codec: Codec::Vp8,
        format: FormatParams::default(),
        seq,
        timestamp: 0,
        marker: false,
        payload: Arc::from([0_u8; 4]),
        arrived: start(),
        captured: MediaTime(0),
        estimated: true,
        info: PacketInfo::default(),
        carried: Carried::default(),
    }
}
