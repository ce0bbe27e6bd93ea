//! Stream names and session ids as they stand in URLs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_domain::{SessionId, StreamName};

fuzz_target!(|text: &str| {
    if let Ok(name) = text.parse::<StreamName>() {
        assert_eq!(name.as_str(), text);
        assert!(!text.contains(['/', '.', '%', ' ']) && (1..=64).contains(&text.len()));
    }
    if let Ok(id) = text.parse::<SessionId>() {
        assert_eq!(id.to_string(), text);
    }
});
