//! Test vectors of RFC 5769 and bytes that are nothing.

use proptest::prelude::*;

use super::*;
use crate::write::Writer;

/// RFC 5769 §2.1: a request with the short-term password "VOkJxbRl1RmTxUk/WvJxBt".
const REQUEST: &[u8] = b"\x00\x01\x00\x58\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae\
\x80\x22\x00\x10STUN test client\x00\x24\x00\x04\x6e\x00\x01\xff\x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36\
\x00\x06\x00\x09\x65\x76\x74\x6a\x3a\x68\x36\x76\x59\x20\x20\x20\
\x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5\xb2\xd3\xf2\x49\xc1\xb5\x71\xa2\
\x80\x28\x00\x04\xe5\x7a\x3b\xcf";

#[test]
fn the_request_of_the_test_vectors_is_read_and_believed() {
    let message = Message::parse(REQUEST).unwrap();
    assert_eq!((message.class, message.method), (Class::Request, Method::Binding));
    assert_eq!(message.username, Some(&b"evtj:h6vY"[..]));
    assert!(message.has_fingerprint);
    assert_eq!(message.unknown(), [0x0024], "PRIORITY means nothing to a TURN server");
    assert!(message.is_by(&Key::plain(b"VOkJxbRl1RmTxUk/WvJxBt")));
    assert!(!message.is_by(&Key::plain(b"VOkJxbRl1RmTxUk/WvJxBT")));
}

#[test]
fn one_wrong_bit_anywhere_is_noticed() {
    for bit in 0..REQUEST.len() * 8 {
        let mut bytes = REQUEST.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        // Without the cookie's message there is none; with it the checksum is wrong.
        assert!(Message::parse(&bytes).is_err() || !Message::parse(&bytes).unwrap().has_fingerprint, "{bit}");
    }
}

#[test]
fn the_long_term_vector_is_believed() {
    // RFC 5769 §2.4: user "マトリックス", realm "example.org", password "TheMatrIX" after SASLprep.
    let bytes = b"\x00\x01\x00\x60\x21\x12\xa4\x42\x78\xad\x34\x33\xc6\xad\x72\xc0\x29\xda\x41\x2e\
\x00\x06\x00\x12\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf\xe3\x82\xb9\x00\x00\
\x00\x15\x00\x1c\x66\x2f\x2f\x34\x39\x39\x6b\x39\x35\x34\x64\x36\x4f\x4c\x33\x34\x6f\x4c\x39\x46\x53\x54\x76\x79\x36\x34\x73\x41\
\x00\x14\x00\x0b\x65\x78\x61\x6d\x70\x6c\x65\x2e\x6f\x72\x67\x00\
\x00\x08\x00\x14\xf6\x70\x24\x65\x6d\xd6\x4a\x3e\x02\xb8\xe0\x71\x2e\x85\xc9\xa2\x8c\xa8\x96\x66";
    let message = Message::parse(bytes).unwrap();
    assert!(message.is_by(&Key::md5("マトリックス", "example.org", "TheMatrIX")));
}

#[test]
fn what_follows_the_integrity_counts_for_nothing() {
    let key = Key::md5("u", "r", "p");
    let mut bytes = Vec::new();
    Writer::begin(&mut bytes, Class::Request, Method::Refresh, [1; 12]).finish(Some((&key, false)), false);
    bytes.extend_from_slice(&[0, 0x0d, 0, 4, 0, 0, 0, 0]);
    let length = (bytes.len() - HEADER) as u16;
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
    let message = Message::parse(&bytes).unwrap();
    assert!(message.is_by(&key));
    assert_eq!(message.lifetime, None, "nobody signed this lifetime");
    assert_eq!(message.value(code::LIFETIME), None);
}

#[test]
fn sha256_is_believed_and_may_be_cut() {
    let key = Key::sha256("u", "r", "p");
    let mut bytes = Vec::new();
    Writer::begin(&mut bytes, Class::Request, Method::Refresh, [1; 12])
        .number(code::LIFETIME, 600)
        .finish(Some((&key, true)), true);
    let message = Message::parse(&bytes).unwrap();
    assert!(message.has_sha256() && message.has_fingerprint);
    assert!(message.is_by(&key));
    assert!(!message.is_by(&Key::md5("u", "r", "p")));
}

#[test]
fn a_send_indication_is_read_by_the_short_way() {
    let peer = "192.0.2.7:4000".parse().unwrap();
    let mut bytes = Vec::new();
    Writer::begin(&mut bytes, Class::Indication, Method::Send, [7; 12])
        .address(code::XOR_PEER_ADDRESS, peer)
        .attribute(code::DATA, b"hello")
        .finish(None, false);
    assert_eq!(read_send(&bytes), Some((peer, &b"hello"[..])));
    assert_eq!(read_send(&bytes[..bytes.len() - 4]), None);
    bytes[1] = 0x17;
    assert_eq!(read_send(&bytes), None, "a Data indication is not for servers");
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), fit: bool) {
        if fit && bytes.len() >= HEADER {
            let length = bytes.len() / 4 * 4;
            bytes.truncate(length);
            bytes[0] &= 1;
            let length = (length - HEADER) as u16;
            bytes[2..4].copy_from_slice(&length.to_be_bytes());
            bytes[4..8].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
        }
        read_send(&bytes);
        if let Ok(message) = Message::parse(&bytes) {
            message.peers().count();
            message.is_by(&Key::plain(b"k"));
            message.error();
        }
    }
}
