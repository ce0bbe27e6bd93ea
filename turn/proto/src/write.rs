//! Writing STUN messages.

use std::net::SocketAddr;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

use crate::attribute::{self as code, HEAD, MAGIC_COOKIE, TransactionId, padded, write_xor_address};
use crate::credentials::Key;
use crate::message::{Class, FINGERPRINT_MASK, HEADER, Method};

/// Appends one message to a buffer.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    transaction: TransactionId,
}

impl<'a> Writer<'a> {
    /// Begins a message behind what the buffer has.
    pub fn begin(out: &'a mut Vec<u8>, class: Class, method: Method, transaction: TransactionId) -> Self {
        let start = out.len();
        out.extend_from_slice(&(class.bits() | method.code()).to_be_bytes());
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&MAGIC_COOKIE.to_be_bytes());
        out.extend_from_slice(&transaction);
        Self { out, start, transaction }
    }

    /// An attribute with these bytes.
    pub fn attribute(self, code: u16, value: &[u8]) -> Self {
        self.out.extend_from_slice(&code.to_be_bytes());
        self.out.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        self.out.extend_from_slice(value);
        let end = self.out.len() + padded(value.len()) - value.len();
        self.out.resize(end, 0);
        self
    }

    /// An attribute with a number of 32 bits.
    pub fn number(self, code: u16, value: u32) -> Self {
        self.attribute(code, &value.to_be_bytes())
    }

    /// An attribute with an XOR address.
    pub fn address(self, code: u16, address: SocketAddr) -> Self {
        let length: u16 = if address.is_ipv4() { 8 } else { 20 };
        self.out.extend_from_slice(&code.to_be_bytes());
        self.out.extend_from_slice(&length.to_be_bytes());
        write_xor_address(address, &self.transaction, self.out);
        self
    }

    /// ERROR-CODE: three digits and words for people.
    pub fn error(self, number: u16, reason: &str) -> Self {
        let mut value = vec![0, 0];
        value.extend([number / 100, number % 100].map(|digits| u8::try_from(digits).unwrap_or(0)));
        value.extend_from_slice(reason.as_bytes());
        self.attribute(code::ERROR_CODE, &value)
    }

    /// Ends the message: with integrity under a key (by SHA-256 if the flag says so), and with FINGERPRINT.
    pub fn finish(mut self, key: Option<(&Key, bool)>, fingerprint: bool) {
        if let Some((key, sha256)) = key {
            self = self.seal(key, sha256);
        }
        if fingerprint {
            self.set_length(HEAD + 4);
            let crc = crc32fast::hash(&self.out[self.start..]) ^ FINGERPRINT_MASK;
            self = self.number(code::FINGERPRINT, crc);
        }
        self.set_length(0);
    }

    /// The length in the header counts the integrity attribute that it is protected by (RFC 8489 §14.5).
    fn seal(mut self, key: &Key, sha256: bool) -> Self {
        self.set_length(HEAD + if sha256 { 32 } else { 20 });
        let written = &self.out[self.start..];
        if sha256 {
            let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).expect("HMAC takes keys of any length");
            mac.update(written);
            let value = mac.finalize().into_bytes();
            self.attribute(code::MESSAGE_INTEGRITY_SHA256, &value)
        } else {
            let mut mac = Hmac::<Sha1>::new_from_slice(key.bytes()).expect("HMAC takes keys of any length");
            mac.update(written);
            let value = mac.finalize().into_bytes();
            self.attribute(code::MESSAGE_INTEGRITY, &value)
        }
    }

    /// Writes the length of what is there and `more`.
    fn set_length(&mut self, more: usize) {
        let length = u16::try_from(self.out.len() - self.start - HEADER + more).unwrap_or(u16::MAX);
        self.out[self.start + 2..self.start + 4].copy_from_slice(&length.to_be_bytes());
    }
}
