//! Which peer owns a datagram (RFC 7983), without asking every peer.

use std::collections::HashMap;

use crate::path::End;

/// What a datagram is, by its first byte (RFC 7983 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// RFC 8489.
    Stun,
    /// RFC 9147 and RFC 6347.
    Dtls,
    /// RTP or RTCP under SRTP.
    Rtp,
}

/// Tells what a datagram is; `None` is garbage.
pub fn kind(bytes: &[u8]) -> Option<Kind> {
    match bytes.first()? {
        0..=3 if bytes.len() >= 20 && bytes.get(4..8) == Some(&[0x21, 0x12, 0xa4, 0x42]) => Some(Kind::Stun),
        20..=63 if bytes.len() >= 13 => Some(Kind::Dtls),
        128..=191 if bytes.len() >= 12 => Some(Kind::Rtp),
        _ => None,
    }
}

/// Whether a datagram of [`Kind::Rtp`] is RTCP, which has packet types 192 to 223 (RFC 5761 §4).
pub fn is_rtcp(bytes: &[u8]) -> bool {
    bytes.get(1).is_some_and(|kind| (192..=223).contains(kind))
}

/// Finds peers by where they are, and by ICE user name where they were not seen before.
#[derive(Debug)]
pub struct Demux<K> {
    by_end: HashMap<End, K>,
    by_ufrag: HashMap<String, K>,
}

impl<K> Default for Demux<K> {
    fn default() -> Self {
        Self { by_end: HashMap::new(), by_ufrag: HashMap::new() }
    }
}

impl<K: Copy + PartialEq> Demux<K> {
    /// The peer at that end.
    pub fn by_end(&self, end: End) -> Option<K> {
        self.by_end.get(&end).copied()
    }

    /// The peer with this local user name.
    pub fn by_ufrag(&self, ufrag: &str) -> Option<K> {
        self.by_ufrag.get(ufrag).copied()
    }

    /// A peer's user name, new or after an ICE restart (the old one stays until the peer ends:
    /// checks that were under way may still use it).
    pub fn add_ufrag(&mut self, ufrag: String, peer: K) {
        self.by_ufrag.insert(ufrag, peer);
    }

    /// A peer proved by an authenticated STUN request that it is at that end.
    pub fn add_end(&mut self, end: End, peer: K) {
        self.by_end.insert(end, peer);
    }

    /// Nobody is at that end any more: its connection is closed, its relayed address is given up.
    pub fn remove_end(&mut self, end: End) {
        self.by_end.remove(&end);
    }

    /// Forgets a peer.
    pub fn remove(&mut self, peer: K) {
        self.by_end.retain(|_, owner| *owner != peer);
        self.by_ufrag.retain(|_, owner| *owner != peer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_is_told_by_its_first_byte() {
        assert_eq!(kind(&[]), None);
        assert_eq!(kind(&[0; 20]), None, "no magic cookie");
        assert_eq!(kind(&[0x16; 13]), Some(Kind::Dtls));
        assert_eq!(kind(&[0x80; 12]), Some(Kind::Rtp));
        assert_eq!(kind(&[0xff; 100]), None);
    }

    #[test]
    fn garbage_after_the_magic_cookie_has_no_user() {
        let mut bytes = vec![0_u8; 28];
        bytes[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
        bytes[3] = 8;
        assert_eq!(kind(&bytes), Some(Kind::Stun));
        assert_eq!(crate::stun::local_ufrag(&bytes), None);
    }
}
