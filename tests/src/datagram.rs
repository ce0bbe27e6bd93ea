//! Datagrams that a server must survive.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Type of a STUN binding request (RFC 8489 section 5).
const BINDING_REQUEST: u16 = 0x0001;
/// Type of a STUN binding success response.
const BINDING_SUCCESS: u16 = 0x0101;
const MAGIC_COOKIE: u32 = 0x2112_A442;

/// `count` datagrams of random length and content whose first bytes cover each protocol that shares
/// the port: STUN (0 to 3), DTLS (20 to 63), RTP and RTCP (128 to 191), and nothing known.
pub fn garbage(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut random = StdRng::seed_from_u64(seed);
    let firsts = [0u8, 1, 3, 20, 22, 23, 63, 64, 100, 128, 144, 191, 255];
    (0..count)
        .map(|index| {
            let length = random.random_range(0..1500);
            let mut bytes: Vec<u8> = (0..length).map(|_| random.random()).collect();
            if let Some(first) = bytes.first_mut() {
                *first = firsts[index % firsts.len()];
            }
            bytes
        })
        .collect()
}

/// A STUN binding request for `username` with a MESSAGE-INTEGRITY that no password makes.
pub fn binding_request_with_wrong_credentials(username: &str) -> Vec<u8> {
    let mut attributes = Vec::new();
    let mut attribute = |kind: u16, value: &[u8]| {
        attributes.extend_from_slice(&kind.to_be_bytes());
        attributes.extend_from_slice(&(value.len() as u16).to_be_bytes());
        attributes.extend_from_slice(value);
        attributes.resize(attributes.len().next_multiple_of(4), 0);
    };
    attribute(0x0006, username.as_bytes()); // USERNAME
    attribute(0x0025, &[]); // USE-CANDIDATE
    attribute(0x802A, &[7; 8]); // ICE-CONTROLLING
    attribute(0x0024, &0x6E7F_1EFF_u32.to_be_bytes()); // PRIORITY
    attribute(0x0008, &[0xAB; 20]); // MESSAGE-INTEGRITY
    let mut request = Vec::from(BINDING_REQUEST.to_be_bytes());
    request.extend_from_slice(&(attributes.len() as u16).to_be_bytes());
    request.extend_from_slice(&MAGIC_COOKIE.to_be_bytes());
    request.extend_from_slice(b"transaction1");
    request.extend_from_slice(&attributes);
    request
}

/// Whether a datagram is a STUN binding success response.
pub fn is_binding_success(datagram: &[u8]) -> bool {
    datagram.starts_with(&BINDING_SUCCESS.to_be_bytes())
}
