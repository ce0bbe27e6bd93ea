//! Requests of members of a chat: what is read can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_domain::chat::{ChatRequest, MAX_CHAT_BYTES};

fuzz_target!(|data: &[u8]| {
    if data.len() > MAX_CHAT_BYTES {
        return;
    }
    let Ok(request) = serde_json::from_slice::<ChatRequest>(data) else { return };
    let text = serde_json::to_string(&request).expect("a request that was read can be written");
    let again: ChatRequest = serde_json::from_str(&text).expect("what was written can be read");
    assert_eq!(again, request);
});
