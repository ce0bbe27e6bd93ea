//! Datagrams on a stream of bytes (RFC 4571), cut anywhere.
//!
//! The first byte of an input says how the stream is cut, the rest is the stream.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_sfu_engine::framing::{Incoming, LONGEST, Outgoing};

fuzz_target!(|data: &[u8]| {
    let Some((cut, stream)) = data.split_first() else { return };
    let whole = read(stream, usize::MAX);
    let pieces = read(stream, usize::from(*cut) + 1);
    assert_eq!(whole, pieces, "how a stream is cut changes nothing");
    // What was understood is written as it was, but for empty datagrams.
    let mut outgoing = Outgoing::default();
    for datagram in &whole {
        assert!(!datagram.is_empty() && datagram.len() <= LONGEST);
        assert!(outgoing.push(datagram, usize::MAX));
    }
    assert_eq!(read(outgoing.waiting(), 7), whole);
});

/// The datagrams of a stream that arrives in pieces, as far as it is one.
fn read(mut stream: &[u8], piece: usize) -> Vec<Vec<u8>> {
    let (mut incoming, mut got) = (Incoming::default(), Vec::new());
    while !stream.is_empty() {
        let room = incoming.room();
        let count = stream.len().min(room.len()).min(piece);
        assert!(count > 0, "there is always room for what completes a datagram");
        room[..count].copy_from_slice(&stream[..count]);
        incoming.filled(count);
        stream = &stream[count..];
        loop {
            match incoming.take() {
                Ok(Some(datagram)) => got.push(datagram.to_vec()),
                Ok(None) => break,
                Err(_) => return got,
            }
        }
    }
    got
}
