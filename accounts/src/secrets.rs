//! Random secrets, and the hashes by which they are found again.

use rand::distr::{Alphanumeric, SampleString};
use sha2::{Digest, Sha256};
use sluice_domain::Redacted;

/// Characters of a key: 27 of 62 are 160 bits.
const KEY_LENGTH: usize = 27;
/// Characters of a token that lives in a cookie or a link: 43 of 62 are 256 bits.
const TOKEN_LENGTH: usize = 43;
/// How the text of a stream key begins, so that scanners for leaked secrets find it.
pub const STREAM_KEY_PREFIX: &str = "sk_";
/// How the text of an API key begins.
pub const API_KEY_PREFIX: &str = "sl_";

/// A secret that was just made: the text for its owner, and what is stored of it.
#[derive(Debug, Clone)]
pub struct NewSecret {
    /// What its owner gets, once.
    pub text: Redacted<String>,
    /// What is stored.
    pub hash: String,
    /// The last four characters, by which its owner tells it from others.
    pub last4: String,
}

impl NewSecret {
    /// A secret with the given text.
    pub fn of(text: String) -> Self {
        let last4 = text.get(text.len().saturating_sub(4)..).unwrap_or_default().to_owned();
        Self { hash: lookup_hash(&text), last4, text: Redacted::new(text) }
    }

    /// A stream key.
    pub fn stream_key() -> Self {
        Self::of(format!("{STREAM_KEY_PREFIX}{}", random_text(KEY_LENGTH)))
    }

    /// An API key.
    pub fn api_key() -> Self {
        Self::of(format!("{API_KEY_PREFIX}{}", random_text(KEY_LENGTH)))
    }

    /// A refresh token or a one-time token.
    pub fn token() -> Self {
        Self::of(random_text(TOKEN_LENGTH))
    }
}

/// Bytes of the CSPRNG.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes);
    bytes
}

fn random_text(length: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), length)
}

/// SHA-256 of a secret, in hexadecimal. It needs no salt and no slowness: the secrets are random and too
/// long to be guessed, and a lookup needs the same hash each time.
pub fn lookup_hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or_default());
        text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or_default());
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed_and_is_found_by_its_hash() {
        let key = NewSecret::stream_key();
        let text = key.text.expose();
        assert!(text.starts_with("sk_") && text.len() == 30);
        assert!(text.ends_with(&key.last4) && key.last4.len() == 4);
        assert_eq!(lookup_hash(text), key.hash);
        assert!(!format!("{key:?}").contains(text.as_str()));
    }

    #[test]
    fn no_two_secrets_are_alike() {
        let mut texts: Vec<String> = (0..1000).map(|_| NewSecret::token().text.expose().clone()).collect();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), 1000);
        assert!(
            texts
                .iter()
                .all(|text| text.len() == TOKEN_LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric()))
        );
    }

    #[test]
    fn the_hash_is_sha_256() {
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(lookup_hash("abc"), known);
    }
}
