//! VP8 payloads: renumbering changes the numbers and nothing else.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_media::vp8::{Descriptor, inspect, rewrite};

fuzz_target!(|data: &[u8]| {
    inspect(data);
    let mut out = Vec::new();
    let Some(before) = Descriptor::parse(data) else {
        assert!(!rewrite(data, &mut out, 1, Some(2), Some(3)));
        return;
    };
    assert!(rewrite(data, &mut out, 0x1234, Some(0x56), Some(0x17)));
    assert_eq!(out.len(), data.len());
    let after = Descriptor::parse(&out).expect("the layout stays");
    let id = if before.long_picture_id { 0x1234 } else { 0x34 };
    assert_eq!(after.picture_id, before.picture_id.map(|_| id));
    assert_eq!(after.tl0, before.tl0.map(|_| 0x56));
    assert_eq!(after.key_idx, before.key_idx.map(|_| 0x17));
    assert_eq!(after.data(&out), before.data(data));
    let mut back = Vec::new();
    assert!(rewrite(&out, &mut back, before.picture_id.unwrap_or(0), before.tl0, before.key_idx));
    assert_eq!(back, data);
});
