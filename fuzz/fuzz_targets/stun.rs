//! The first look at every datagram: its kind, the user name of a STUN request, and the repair of
//! requests without a priority.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_sfu_engine::shard::packets::{Kind, kind};
use sluice_sfu_engine::stun::{local_ufrag, with_priority};

fuzz_target!(|data: &[u8]| {
    if kind(data) == Some(Kind::Rtp) {
        assert!(data.len() >= 12);
    }
    if let Some(ufrag) = local_ufrag(data) {
        assert!(!ufrag.contains(':') && ufrag.len() < data.len());
    }
    // A signature of zeros lets the fuzzer sign what it makes.
    let sign = |_key: &[u8], _parts: &[&[u8]]| [0; 20];
    if let Some(complete) = with_priority(data, b"key", sign) {
        assert_eq!(with_priority(&complete, b"key", sign), None, "nothing is missing any more");
        // What stands behind the signature is not part of the request any more.
        assert!(local_ufrag(&complete).is_none_or(|ufrag| Some(ufrag) == local_ufrag(data)));
    }
});
