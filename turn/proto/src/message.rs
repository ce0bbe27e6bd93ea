//! Reading STUN messages: one pass over the attributes, which are borrowed (RFC 8489 §5, §14).

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

use crate::attribute::{self as code, HEAD, MAGIC_COOKIE, TransactionId, padded};
use crate::credentials::Key;

/// Bytes before the attributes.
pub(crate) const HEADER: usize = 20;

/// What FINGERPRINT is XORed with.
pub(crate) const FINGERPRINT_MASK: u32 = 0x5354_554e;

/// Most attributes that an error names as unknown. More would only make the answer longer.
const UNKNOWN: usize = 4;

/// What kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Wants an answer.
    Request,
    /// Wants none.
    Indication,
    /// Says that it was done.
    Success,
    /// Says why it was not done.
    Error,
}

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Where am I seen from?
    Binding,
    /// Give me a relayed address.
    Allocate,
    /// Let me keep it, or take it back.
    Refresh,
    /// Payload for a peer.
    Send,
    /// Payload of a peer.
    Data,
    /// Let this peer send to me.
    CreatePermission,
    /// A short name for a peer.
    ChannelBind,
}

impl Method {
    const fn from_code(code: u16) -> Option<Self> {
        Some(match code {
            1 => Self::Binding,
            3 => Self::Allocate,
            4 => Self::Refresh,
            6 => Self::Send,
            7 => Self::Data,
            8 => Self::CreatePermission,
            9 => Self::ChannelBind,
            _ => return None,
        })
    }

    /// Its number. All of ours have four bits, so that the type of a message is this and the class.
    pub(crate) const fn code(self) -> u16 {
        match self {
            Self::Binding => 1,
            Self::Allocate => 3,
            Self::Refresh => 4,
            Self::Send => 6,
            Self::Data => 7,
            Self::CreatePermission => 8,
            Self::ChannelBind => 9,
        }
    }
}

impl Class {
    pub(crate) const fn bits(self) -> u16 {
        match self {
            Self::Request => 0,
            Self::Indication => 0x0010,
            Self::Success => 0x0100,
            Self::Error => 0x0110,
        }
    }
}

/// Bytes that are no message that this server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Lengths do not fit, or the cookie is missing.
    #[error("not a STUN message")]
    Shape,
    /// A method that nobody uses here.
    #[error("an unknown method")]
    Method,
    /// The checksum is wrong.
    #[error("a wrong FINGERPRINT")]
    Fingerprint,
}

/// A message and where its attributes are. Of those that come twice the first counts.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    bytes: &'a [u8],
    /// What kind of message it is.
    pub class: Class,
    /// What it is about.
    pub method: Method,
    /// What ties answers to it.
    pub transaction: TransactionId,
    pub(crate) username: Option<&'a [u8]>,
    pub(crate) realm: Option<&'a [u8]>,
    pub(crate) nonce: Option<&'a [u8]>,
    pub(crate) password_algorithm: Option<&'a [u8]>,
    pub(crate) password_algorithms: Option<&'a [u8]>,
    pub(crate) channel: Option<&'a [u8]>,
    pub(crate) lifetime: Option<&'a [u8]>,
    pub(crate) transport: Option<&'a [u8]>,
    pub(crate) family: Option<&'a [u8]>,
    pub(crate) additional_family: Option<&'a [u8]>,
    pub(crate) even_port: Option<&'a [u8]>,
    pub(crate) reservation: Option<&'a [u8]>,
    /// XOR-RELAYED-ADDRESS, XOR-MAPPED-ADDRESS and ERROR-CODE, which only answers have.
    pub(crate) answers: [Option<&'a [u8]>; 3],
    pub(crate) has_fingerprint: bool,
    /// Offset and value of the integrity attributes.
    integrity: Option<(usize, &'a [u8])>,
    integrity_sha256: Option<(usize, &'a [u8])>,
    /// Where what is protected ends.
    end: usize,
    unknown: [u16; UNKNOWN],
    unknown_count: usize,
}

impl<'a> Message<'a> {
    /// Reads a whole message.
    ///
    /// # Errors
    /// When the bytes are not exactly one message of a method that is known here.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (head, attributes) = bytes.split_first_chunk::<HEADER>().ok_or(Malformed::Shape)?;
        let kind = u16::from_be_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        if head[0] >> 6 != 0
            || length != attributes.len()
            || length % 4 != 0
            || head[4..8] != MAGIC_COOKIE.to_be_bytes()
        {
            return Err(Malformed::Shape);
        }
        let class = match kind & 0x0110 {
            0 => Class::Request,
            0x0010 => Class::Indication,
            0x0100 => Class::Success,
            _ => Class::Error,
        };
        let method = Method::from_code(kind & !0x0110).ok_or(Malformed::Method)?;
        let transaction = head[8..].try_into().map_err(|_| Malformed::Shape)?;
        let mut message = Self {
            bytes,
            class,
            method,
            transaction,
            username: None,
            realm: None,
            nonce: None,
            password_algorithm: None,
            password_algorithms: None,
            channel: None,
            lifetime: None,
            transport: None,
            family: None,
            additional_family: None,
            even_port: None,
            reservation: None,
            answers: [None; 3],
            has_fingerprint: false,
            integrity: None,
            integrity_sha256: None,
            end: bytes.len(),
            unknown: [0; UNKNOWN],
            unknown_count: 0,
        };
        for attribute in Attributes::new(bytes) {
            message.take(attribute?)?;
        }
        Ok(message)
    }

    /// What stands behind the integrity attributes counts for nothing (RFC 8489 §14.5).
    fn take(&mut self, attribute: Attribute<'a>) -> Result<(), Malformed> {
        let Attribute { code, value, offset } = attribute;
        if self.has_fingerprint {
            return Ok(());
        }
        match code {
            code::FINGERPRINT => return self.check_fingerprint(offset, value),
            code::MESSAGE_INTEGRITY_SHA256 if self.integrity_sha256.is_none() => {
                self.integrity_sha256 = Some((offset, value));
                self.end = self.end.min(offset);
            }
            _ if self.integrity.is_some() || self.integrity_sha256.is_some() => {}
            code::MESSAGE_INTEGRITY => {
                self.integrity = Some((offset, value));
                self.end = offset;
            }
            code::USERNAME => first(&mut self.username, value),
            code::REALM => first(&mut self.realm, value),
            code::NONCE => first(&mut self.nonce, value),
            code::PASSWORD_ALGORITHM => first(&mut self.password_algorithm, value),
            code::PASSWORD_ALGORITHMS => first(&mut self.password_algorithms, value),
            code::CHANNEL_NUMBER => first(&mut self.channel, value),
            code::LIFETIME => first(&mut self.lifetime, value),
            code::REQUESTED_TRANSPORT => first(&mut self.transport, value),
            code::REQUESTED_ADDRESS_FAMILY => first(&mut self.family, value),
            code::ADDITIONAL_ADDRESS_FAMILY => first(&mut self.additional_family, value),
            code::EVEN_PORT => first(&mut self.even_port, value),
            code::RESERVATION_TOKEN => first(&mut self.reservation, value),
            code::XOR_RELAYED_ADDRESS => first(&mut self.answers[0], value),
            code::XOR_MAPPED_ADDRESS => first(&mut self.answers[1], value),
            code::ERROR_CODE => first(&mut self.answers[2], value),
            code::XOR_PEER_ADDRESS | code::DATA | code::DONT_FRAGMENT | code::UNKNOWN_ATTRIBUTES => {}
            // RFC 8489 §14: the lower half must be understood.
            _ if code < 0x8000 => {
                if let Some(place) = self.unknown.get_mut(self.unknown_count) {
                    *place = code;
                    self.unknown_count += 1;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn check_fingerprint(&mut self, offset: usize, value: &[u8]) -> Result<(), Malformed> {
        // It is the last attribute, so the length in the header is the one that it was made with.
        let crc = crc32fast::hash(&self.bytes[..offset]) ^ FINGERPRINT_MASK;
        if value != crc.to_be_bytes() || offset + HEAD + value.len() != self.bytes.len() {
            return Err(Malformed::Fingerprint);
        }
        self.has_fingerprint = true;
        Ok(())
    }

    /// The peers that it names; `None` for one that cannot be read.
    pub(crate) fn peers(&self) -> impl Iterator<Item = Option<std::net::SocketAddr>> {
        self.protected()
            .filter(|attribute| attribute.code == code::XOR_PEER_ADDRESS)
            .map(|attribute| code::read_xor_address(attribute.value, &self.transaction))
    }

    /// The first value of an attribute that is protected, by its number; for clients and tests.
    pub fn value(&self, code: u16) -> Option<&'a [u8]> {
        self.protected().find(|attribute| attribute.code == code).map(|attribute| attribute.value)
    }

    /// An address that an answer tells, by the number of its attribute.
    pub fn address(&self, code: u16) -> Option<std::net::SocketAddr> {
        code::read_xor_address(self.value(code)?, &self.transaction)
    }

    /// The number of an error answer, such as 401.
    pub fn error(&self) -> Option<u16> {
        let value = self.answers[2]?;
        Some(u16::from(*value.get(2)? & 7) * 100 + u16::from(*value.get(3)?))
    }

    fn protected(&self) -> impl Iterator<Item = Attribute<'a>> {
        // All attributes were walked once; those before `end` are whole.
        Attributes::new(self.bytes).map_while(Result::ok).take_while(|attribute| attribute.offset < self.end)
    }

    /// Attributes that must be understood and are not.
    pub(crate) fn unknown(&self) -> &[u16] {
        &self.unknown[..self.unknown_count]
    }

    /// Whether it claims to be from somebody.
    pub(crate) const fn is_signed(&self) -> bool {
        self.integrity.is_some() || self.integrity_sha256.is_some()
    }

    /// Whether what it claims is protected by SHA-256.
    pub(crate) const fn has_sha256(&self) -> bool {
        self.integrity_sha256.is_some()
    }

    /// Whether who wrote it knows the key. Where both integrity attributes are there the better one counts.
    pub fn is_by(&self, key: &Key) -> bool {
        match (self.integrity_sha256, self.integrity) {
            (Some((offset, value)), _) => {
                (16..=32).contains(&value.len())
                    && value.len() % 4 == 0
                    && Hmac::<Sha256>::new_from_slice(key.bytes()).is_ok_and(|mut mac| {
                        mac.update(&self.head_until(offset + HEAD + value.len()));
                        mac.update(&self.bytes[4..offset]);
                        mac.verify_truncated_left(value).is_ok()
                    })
            }
            (None, Some((offset, value))) => {
                Hmac::<Sha1>::new_from_slice(key.bytes()).is_ok_and(|mut mac| {
                    mac.update(&self.head_until(offset + HEAD + value.len()));
                    mac.update(&self.bytes[4..offset]);
                    mac.verify_slice(value).is_ok()
                })
            }
            (None, None) => false,
        }
    }

    /// The first four bytes with the length of a message that ends at `end` (RFC 8489 §14.5).
    fn head_until(&self, end: usize) -> [u8; 4] {
        let length = u16::try_from(end - HEADER).unwrap_or(u16::MAX).to_be_bytes();
        [self.bytes[0], self.bytes[1], length[0], length[1]]
    }
}

fn first<'a>(place: &mut Option<&'a [u8]>, value: &'a [u8]) {
    place.get_or_insert(value);
}

/// An attribute where it lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attribute<'a> {
    pub(crate) code: u16,
    pub(crate) value: &'a [u8],
    /// Where its head begins in the message.
    pub(crate) offset: usize,
}

/// The attributes of a message one after the other; ends with an error where one is cut off.
#[derive(Debug)]
pub(crate) struct Attributes<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Attributes<'a> {
    /// Of a message with its header.
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: HEADER }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<Attribute<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.bytes.get(self.offset..)?;
        if rest.is_empty() {
            return None;
        }
        let Some((head, body)) = rest.split_first_chunk::<HEAD>() else {
            self.offset = self.bytes.len();
            return Some(Err(Malformed::Shape));
        };
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let Some(value) = body.get(..length) else {
            self.offset = self.bytes.len();
            return Some(Err(Malformed::Shape));
        };
        let attribute =
            Attribute { code: u16::from_be_bytes([head[0], head[1]]), value, offset: self.offset };
        self.offset += HEAD + padded(length);
        Some(Ok(attribute))
    }
}

/// Peer and payload of a Send indication (RFC 8656 §11.2), without a look at anything that it does not need.
/// `None` where it is none, or is to be dropped.
pub(crate) fn read_send(bytes: &[u8]) -> Option<(std::net::SocketAddr, &[u8])> {
    let head = bytes.first_chunk::<HEADER>()?;
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    if head[..2] != [0, 0x16] || head[4..8] != MAGIC_COOKIE.to_be_bytes() || HEADER + length != bytes.len() {
        return None;
    }
    let transaction: TransactionId = head[8..].try_into().ok()?;
    let (mut peer, mut data) = (None, None);
    for attribute in Attributes::new(bytes) {
        let attribute = attribute.ok()?;
        match attribute.code {
            code::XOR_PEER_ADDRESS if peer.is_none() => {
                peer = Some(code::read_xor_address(attribute.value, &transaction)?);
            }
            code::DATA if data.is_none() => data = Some(attribute.value),
            code::XOR_PEER_ADDRESS | code::DATA | code::DONT_FRAGMENT => {}
            unknown if unknown < 0x8000 => return None,
            _ => {}
        }
    }
    Some((peer?, data?))
}

#[cfg(test)]
mod tests;
