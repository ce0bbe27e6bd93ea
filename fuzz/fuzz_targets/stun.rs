//! The first look at every datagram: its kind, and the user name of a STUN request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_sfu_engine::demux::{Kind, kind, stun_local_ufrag};

fuzz_target!(|data: &[u8]| {
    // The engine looks for a user name only in what it takes for STUN.
    if kind(data) == Some(Kind::Stun)
        && let Some(ufrag) = stun_local_ufrag(data)
    {
        assert!(!ufrag.contains(':') && ufrag.len() <= data.len());
    }
});
