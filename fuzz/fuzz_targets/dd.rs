//! Dependency descriptors in a row, each read with the newest structure in mind.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_fuzz::packets;
use sluice_media::dd::{DependencyDescriptor, rewrite_frame_number};

fuzz_target!(|data: &[u8]| {
    let mut known = None;
    for bytes in packets(data) {
        let parsed = DependencyDescriptor::parse(bytes, known.as_ref());
        let mut copy = bytes.to_vec();
        let rewritten = rewrite_frame_number(&mut copy, 0x1234);
        assert!(rewritten == (bytes.len() >= 3) && (rewritten || copy == bytes));
        let Some(before) = parsed else { continue };
        let after = DependencyDescriptor::parse(&copy, known.as_ref()).expect("only the number changed");
        assert_eq!(after, DependencyDescriptor { frame_number: 0x1234, ..before });
        for id in 0..64 {
            before.layer(known.as_ref()).inspect(|layer| assert!(layer.spatial < 4 && layer.temporal < 8));
            before.structure.as_ref().and_then(|structure| structure.layer(id));
        }
        known = before.structure.or(known);
    }
});
