//! AV1 payloads: aggregation header, OBU elements, sequence header.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_media::av1::{AggregationHeader, SequenceHeader, inspect, obus};

fuzz_target!(|data: &[u8]| {
    let packet = inspect(data);
    let inside: usize = obus(data).map(|obu| obu.body.len() + 1).sum();
    assert!(inside <= data.len());
    if let Some(header) = AggregationHeader::parse(data) {
        assert!(!(packet.keyframe_start && header.continues));
        assert!(header.count == 0 || obus(data).count() <= usize::from(header.count));
    }
    SequenceHeader::parse(data);
});
