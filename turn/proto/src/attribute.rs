//! Numbers of attributes, and addresses as attributes carry them (RFC 8489 §14, RFC 8656 §18).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What every message of RFC 5389 and later has behind its length.
pub const MAGIC_COOKIE: u32 = 0x2112_A442;

/// What ties an answer to its request.
pub type TransactionId = [u8; 12];

/// Who the request is from, in the long-term credential mechanism.
pub const USERNAME: u16 = 0x0006;
/// HMAC-SHA1 over all that stands before it.
pub const MESSAGE_INTEGRITY: u16 = 0x0008;
/// Class, number and reason of an error.
pub const ERROR_CODE: u16 = 0x0009;
/// Attributes of the request that must be understood and are not.
pub const UNKNOWN_ATTRIBUTES: u16 = 0x000A;
/// Number of a channel.
pub const CHANNEL_NUMBER: u16 = 0x000C;
/// Seconds that an allocation has left.
pub const LIFETIME: u16 = 0x000D;
/// A peer.
pub const XOR_PEER_ADDRESS: u16 = 0x0012;
/// Payload of Send and Data indications.
pub const DATA: u16 = 0x0013;
/// Realm of the long-term credential mechanism.
pub const REALM: u16 = 0x0014;
/// Nonce of the long-term credential mechanism.
pub const NONCE: u16 = 0x0015;
/// Where peers send to.
pub const XOR_RELAYED_ADDRESS: u16 = 0x0016;
/// IPv4 or IPv6, for the relayed address.
pub const REQUESTED_ADDRESS_FAMILY: u16 = 0x0017;
/// The relayed port shall be even, and maybe the next one be kept.
pub const EVEN_PORT: u16 = 0x0018;
/// UDP between server and peers.
pub const REQUESTED_TRANSPORT: u16 = 0x0019;
/// Datagrams to peers must not be fragmented.
pub const DONT_FRAGMENT: u16 = 0x001A;
/// HMAC-SHA256 over all that stands before it.
pub const MESSAGE_INTEGRITY_SHA256: u16 = 0x001C;
/// How the key of a request was made.
pub const PASSWORD_ALGORITHM: u16 = 0x001D;
/// Where the request came from.
pub const XOR_MAPPED_ADDRESS: u16 = 0x0020;
/// Asks for a port that was kept for it.
pub const RESERVATION_TOKEN: u16 = 0x0022;
/// A relayed address of the other family, too.
pub const ADDITIONAL_ADDRESS_FAMILY: u16 = 0x8000;
/// Why a relayed address of that family cannot be had.
pub const ADDRESS_ERROR_CODE: u16 = 0x8001;
/// How keys may be made.
pub const PASSWORD_ALGORITHMS: u16 = 0x8002;
/// The name of the software.
pub const SOFTWARE: u16 = 0x8022;
/// CRC-32 over all that stands before it.
pub const FINGERPRINT: u16 = 0x8028;

/// The protocol number of UDP in REQUESTED-TRANSPORT.
pub const UDP: u8 = 17;

/// IPv4 or IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// IPv4
    V4,
    /// IPv6
    V6,
}

impl Family {
    /// The family of an address.
    pub const fn of(ip: &IpAddr) -> Self {
        match ip {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    /// By the number that attributes use.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::V4),
            2 => Some(Self::V6),
            _ => None,
        }
    }

    /// The number that attributes use.
    pub const fn code(self) -> u8 {
        match self {
            Self::V4 => 1,
            Self::V6 => 2,
        }
    }

    /// Its place in tables.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::V4 => 0,
            Self::V6 => 1,
        }
    }
}

/// Bytes before an attribute's value.
pub(crate) const HEAD: usize = 4;

/// With the bytes that fill it up to a multiple of four.
pub(crate) const fn padded(length: usize) -> usize {
    length.next_multiple_of(4)
}

/// Appends the value of an XOR address (RFC 8489 §14.2).
pub fn write_xor_address(address: SocketAddr, transaction: &TransactionId, to: &mut Vec<u8>) {
    to.extend_from_slice(&[0, Family::of(&address.ip()).code()]);
    to.extend_from_slice(&(address.port() ^ (MAGIC_COOKIE >> 16) as u16).to_be_bytes());
    match address.ip() {
        IpAddr::V4(ip) => to.extend_from_slice(&(u32::from(ip) ^ MAGIC_COOKIE).to_be_bytes()),
        IpAddr::V6(ip) => to.extend_from_slice(&(u128::from(ip) ^ mask(transaction)).to_be_bytes()),
    }
}

/// Reads the value of an XOR address.
pub fn read_xor_address(value: &[u8], transaction: &TransactionId) -> Option<SocketAddr> {
    let (head, rest) = value.split_first_chunk::<4>()?;
    let port = u16::from_be_bytes([head[2], head[3]]) ^ (MAGIC_COOKIE >> 16) as u16;
    let ip = match Family::from_code(head[1])? {
        Family::V4 => IpAddr::V4(Ipv4Addr::from(u32::from_be_bytes(rest.try_into().ok()?) ^ MAGIC_COOKIE)),
        Family::V6 => {
            IpAddr::V6(Ipv6Addr::from(u128::from_be_bytes(rest.try_into().ok()?) ^ mask(transaction)))
        }
    };
    Some(SocketAddr::new(ip, port))
}

fn mask(transaction: &TransactionId) -> u128 {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
    bytes[4..].copy_from_slice(transaction);
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 5769 §2.2 and §2.3: the mapped address 192.0.2.1:32853, and the one of IPv6.
    const TRANSACTION: TransactionId = *b"\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae";

    #[test]
    fn addresses_are_written_as_the_test_vectors_have_them() {
        let mut bytes = Vec::new();
        write_xor_address("192.0.2.1:32853".parse().unwrap(), &TRANSACTION, &mut bytes);
        assert_eq!(bytes, b"\x00\x01\xa1\x47\xe1\x12\xa6\x43");
        bytes.clear();
        let six: SocketAddr = "[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().unwrap();
        write_xor_address(six, &TRANSACTION, &mut bytes);
        assert_eq!(
            bytes,
            b"\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9"
        );
        assert_eq!(read_xor_address(&bytes, &TRANSACTION), Some(six));
    }

    #[test]
    fn an_address_of_a_wrong_length_is_none() {
        for value in
            [&b""[..], b"\0\x01\0", b"\0\x01\0\0\0\0\0", b"\0\x03\0\0\0\0\0\0", &[0, 1, 0, 0, 0, 0, 0, 0, 0]]
        {
            assert_eq!(read_xor_address(value, &TRANSACTION), None, "{value:?}");
        }
    }
}
