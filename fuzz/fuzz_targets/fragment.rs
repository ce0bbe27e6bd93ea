//! Trickle-ICE fragments and If-Match headers of strangers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_signaling::fragment;
use sluice_signaling::if_match::IfMatch;

fuzz_target!(|text: &str| {
    if let Ok(read) = fragment::parse(text) {
        // What was taken is a fragment again, and the same.
        let mut written = String::from("a=\r\n");
        if let Some(ufrag) = &read.ufrag {
            written.push_str(&format!("a=ice-ufrag:{ufrag}\r\n"));
        }
        if let Some(pwd) = &read.pwd {
            written.push_str(&format!("a=ice-pwd:{pwd}\r\n"));
        }
        for candidate in &read.candidates {
            assert!(!candidate.contains(['\r', '\n']));
            written.push_str(&format!("a=candidate:{candidate}\r\n"));
        }
        assert_eq!(fragment::parse(&written), Ok(read));
    }
    if let Some(condition) = IfMatch::parse(text.lines()) {
        let quoted = condition.holds_for("tag");
        assert!(!quoted || text.contains("\"tag\"") || text.contains('*'));
    }
});
