//! Pictures that people upload: their format, size and whether they move.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_domain::{PictureFacts, PictureKind};

fuzz_target!(|data: &[u8]| {
    if let Some(facts) = PictureFacts::of(data) {
        assert_eq!(PictureKind::of(data), Some(facts.kind));
    }
});
