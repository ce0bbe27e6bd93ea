//! Messages of the control channel as a page may send them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_domain::control::{ControlRequest, MAX_CONTROL_BYTES};

fuzz_target!(|data: &[u8]| {
    if data.len() > MAX_CONTROL_BYTES {
        return;
    }
    let Ok(request) = serde_json::from_slice::<ControlRequest>(data) else { return };
    let text = serde_json::to_string(&request).expect("a message that was read can be written");
    let again: ControlRequest = serde_json::from_str(&text).expect("what was written can be read");
    match (&request, &again) {
        // serde_json reads numbers of more than 53 bits with an error of a few units in the last place.
        (ControlRequest::Ping { id, sent }, ControlRequest::Ping { id: same, sent: near }) => {
            assert!(id == same && (sent - near).abs() <= sent.abs() * 1e-15);
        }
        _ => assert_eq!(again, request),
    }
});
