//! Nonces that need no memory: a time and a code over it and the address of the client, so that a request whose
//! sender never saw our answer is refused before anything costly is computed.

use std::net::IpAddr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What every nonce begins with: the cookie of RFC 8489 §9.2 and the set of features, of which we have the
/// first, password algorithms.
const COOKIE: &[u8; 13] = b"obMatJos2gAAA";

/// Hexadecimal digits of the time and of the code.
const TIME: usize = 8;
const CODE: usize = 16;

/// A nonce as text.
pub(crate) type Nonce = [u8; COOKIE.len() + TIME + CODE];

/// What a nonce is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// It was given to this address not long ago.
    Fresh,
    /// It is too old, or never was given to this address.
    Stale,
}

/// Makes and checks nonces.
#[derive(Debug, Clone)]
pub(crate) struct Nonces {
    key: [u8; 32],
    /// Seconds that a nonce is good for.
    lifetime: u64,
}

impl Nonces {
    pub(crate) const fn new(key: [u8; 32], lifetime: u64) -> Self {
        Self { key, lifetime }
    }

    /// For a client at this address.
    pub(crate) fn issue(&self, ip: IpAddr, unix: u64) -> Nonce {
        let time = u32::try_from(unix & u64::from(u32::MAX)).unwrap_or(0);
        let mut nonce = [0; COOKIE.len() + TIME + CODE];
        nonce[..COOKIE.len()].copy_from_slice(COOKIE);
        hex(&time.to_be_bytes(), &mut nonce[COOKIE.len()..COOKIE.len() + TIME]);
        hex(&self.code(ip, time), &mut nonce[COOKIE.len() + TIME..]);
        nonce
    }

    pub(crate) fn check(&self, nonce: &[u8], ip: IpAddr, unix: u64) -> Freshness {
        let Some(time) = nonce
            .get(COOKIE.len()..COOKIE.len() + TIME)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
        else {
            return Freshness::Stale;
        };
        let age = unix.wrapping_sub(u64::from(time)) & u64::from(u32::MAX);
        // Another worker's clock may be a moment ahead.
        let young = age <= self.lifetime || age >= u64::from(u32::MAX) - 5;
        let own = self.issue(ip, u64::from(time));
        match young && subtle::ConstantTimeEq::ct_eq(&own[..], nonce).into() {
            true => Freshness::Fresh,
            false => Freshness::Stale,
        }
    }

    fn code(&self, ip: IpAddr, time: u32) -> [u8; CODE / 2] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(&time.to_be_bytes());
        match ip {
            IpAddr::V4(ip) => mac.update(&ip.octets()),
            IpAddr::V6(ip) => mac.update(&ip.octets()),
        }
        let mut code = [0; CODE / 2];
        code.copy_from_slice(&mac.finalize().into_bytes()[..CODE / 2]);
        code
    }
}

fn hex(bytes: &[u8], to: &mut [u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (byte, place) in bytes.iter().zip(to.chunks_exact_mut(2)) {
        place[0] = DIGITS[usize::from(byte >> 4)];
        place[1] = DIGITS[usize::from(byte & 15)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_its_address_and_its_time() {
        let nonces = Nonces::new([7; 32], 600);
        let (here, there) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let nonce = nonces.issue(here, 1_700_000_000);
        assert_eq!(nonces.check(&nonce, here, 1_700_000_000), Freshness::Fresh);
        assert_eq!(nonces.check(&nonce, here, 1_700_000_600), Freshness::Fresh);
        assert_eq!(nonces.check(&nonce, here, 1_699_999_999), Freshness::Fresh);
        assert_eq!(nonces.check(&nonce, here, 1_700_000_601), Freshness::Stale);
        assert_eq!(nonces.check(&nonce, there, 1_700_000_000), Freshness::Stale);
        assert_eq!(Nonces::new([8; 32], 600).check(&nonce, here, 1_700_000_000), Freshness::Stale);
        for bad in [&b""[..], b"obMatJos2gAAA", &nonce[..36], &[0xff; 37]] {
            assert_eq!(nonces.check(bad, here, 1_700_000_000), Freshness::Stale);
        }
    }
}
