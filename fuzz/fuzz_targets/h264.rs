//! H.264 packets in a row: what is kept for late joiners stays bounded and readable.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_fuzz::packets;
use sluice_media::h264::{ParameterSets, inspect, nals};

fuzz_target!(|data: &[u8]| {
    let mut sets = ParameterSets::default();
    for payload in packets(data) {
        inspect(payload);
        let changed = sets.observe(payload);
        assert!(!sets.observe(payload) || changed, "what was seen is not new a second time");
    }
    if let Some(payload) = sets.stap_a() {
        assert!(payload.len() <= 1_100);
        let joined = inspect(&payload);
        assert!(joined.has_sps && joined.has_pps && joined.keyframe_start);
        let mut copy = ParameterSets::default();
        copy.observe(&payload);
        assert_eq!(copy.stap_a().as_deref(), Some(payload.as_slice()));
        assert!(nals(&payload).count() <= 16);
    }
});
