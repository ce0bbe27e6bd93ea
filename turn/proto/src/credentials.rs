//! Credentials that run out: a user name that says until when, and a password made of it and of a secret that
//! only servers know. No server keeps a list of users.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

/// Longest user name that is looked at. Ours have 47 bytes; RFC 8489 allows 508.
const LONGEST_NAME: usize = 128;

/// What credentials are made of.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Secret {
    /// Of any bytes; 32 random ones are plenty.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// User name and password for `user`, good until `expiry` (seconds since 1970). Letters, digits, `:`, `+`,
    /// `/` and `=` only, which every reader of Link headers takes.
    pub fn issue(&self, user: &str, expiry: u64) -> (String, String) {
        let username = format!("{expiry}:{user}");
        let password = self.password(&username);
        (username, password)
    }

    /// The password that belongs to a user name.
    pub(crate) fn password(&self, username: &str) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(username.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

/// A user name that this server could have given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UserName<'a> {
    /// All of it.
    pub(crate) text: &'a str,
    /// Until when it is good, in seconds since 1970.
    pub(crate) expiry: u64,
    /// Whose it is; the same for all credentials of one user.
    pub(crate) user: &'a str,
}

impl<'a> UserName<'a> {
    /// `None` where no server of ours gave it out.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        if text.len() > LONGEST_NAME || !bytes.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        let (expiry, user) = text.split_once(':')?;
        let digits = !expiry.is_empty() && expiry.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| Some(Self { text, expiry: expiry.parse().ok()?, user }))?
    }
}

/// What protects the messages of somebody.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(KeyBytes);

#[derive(Clone, PartialEq, Eq)]
enum KeyBytes {
    Md5([u8; 16]),
    Sha256([u8; 32]),
    Plain(Vec<u8>),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    /// As RFC 5389 makes it, and RFC 8489 where nothing else is said.
    pub fn md5(username: &str, realm: &str, password: &str) -> Self {
        Self(KeyBytes::Md5(Md5::digest(format!("{username}:{realm}:{password}")).into()))
    }

    /// As RFC 8489 prefers it (§18.5.1.2).
    pub fn sha256(username: &str, realm: &str, password: &str) -> Self {
        Self(KeyBytes::Sha256(Sha256::digest(format!("{username}:{realm}:{password}")).into()))
    }

    /// A short-term password, as ICE uses it.
    pub fn plain(password: &[u8]) -> Self {
        Self(KeyBytes::Plain(password.to_vec()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.0 {
            KeyBytes::Md5(key) => key,
            KeyBytes::Sha256(key) => key,
            KeyBytes::Plain(key) => key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_the_one_that_other_servers_make() {
        // printf %s 1700000000:alice | openssl dgst -sha1 -hmac north -binary | base64
        let (username, password) = Secret::new("north").issue("alice", 1_700_000_000);
        assert_eq!(
            (username.as_str(), password.as_str()),
            ("1700000000:alice", "Cd/49soE35ICqcJF/bCTn8Z4OyE=")
        );
    }

    #[test]
    fn credentials_have_nothing_that_readers_of_link_headers_stumble_over() {
        for number in 0..200 {
            let (username, password) = Secret::new("s").issue("0198f3a2-7c1d-7000-8000-000000000000", number);
            assert!(
                (username + &password).bytes().all(|b| b.is_ascii_alphanumeric() || b":-+/=".contains(&b))
            );
        }
    }

    #[test]
    fn names_that_nobody_gave_out_are_none() {
        for name in
            ["", "alice", ":alice", "12", "+12:alice", "12:al ice", "99999999999999999999999:a", "é:a"]
        {
            assert_eq!(UserName::read(name.as_bytes()), None, "{name}");
        }
        assert_eq!(UserName::read(&[b'1'; 200]), None);
        let name = UserName::read(b"12:alice:b").unwrap();
        assert_eq!((name.expiry, name.user), (12, "alice:b"));
    }

    #[test]
    fn neither_secret_nor_key_is_printed() {
        let text = format!("{:?} {:?}", Secret::new("hunter2"), Key::plain(b"hunter2"));
        assert_eq!(text, "Secret(..) Key(..)");
    }
}
