//! One datagram, or a piece of a stream, to the TURN server.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_turn_proto::{Key, Message, attribute, channel};

fuzz_target!(|data: &[u8]| {
    if let Ok(message) = Message::parse(data) {
        message.is_by(&Key::plain(b"key"));
        message.error();
        for code in [attribute::XOR_PEER_ADDRESS, attribute::XOR_RELAYED_ADDRESS] {
            if let Some(address) = message.address(code) {
                let mut written = Vec::new();
                attribute::write_xor_address(address, &message.transaction, &mut written);
                assert_eq!(attribute::read_xor_address(&written, &message.transaction), Some(address));
            }
        }
    }
    if let Some((number, payload)) = channel::read(data) {
        let mut written = Vec::new();
        channel::write(number, payload, false, &mut written);
        assert_eq!(channel::read(&written), Some((number, payload)));
        assert_eq!(written, data[..written.len()]);
    }
    let mut rest = data;
    while let Ok(Some(length)) = channel::frame(rest) {
        assert!(length >= 4 && length % 4 == 0);
        let Some((_, behind)) = rest.split_at_checked(length) else { break };
        rest = behind;
    }
});
