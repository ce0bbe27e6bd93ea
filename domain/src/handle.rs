//! Handles: the short public name of an Account, as in `/c/ann`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// 3 to 30 characters of `A-Z a-z 0-9 - _`, starting and ending with a letter or digit. ASCII alone, so
/// that no two handles look alike, and no name of a page of ours.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(as = "String"))]
#[serde(try_from = "String", into = "String")]
pub struct Handle(String);

/// Names that would be taken for the platform itself, or that pages may want some day.
const RESERVED: &[&str] = &[
    "about",
    "account",
    "accounts",
    "admin",
    "administrator",
    "anonymous",
    "api",
    "assets",
    "auth",
    "browse",
    "channel",
    "help",
    "home",
    "legal",
    "library",
    "login",
    "logout",
    "moderator",
    "null",
    "official",
    "privacy",
    "root",
    "search",
    "security",
    "settings",
    "setup",
    "sign-in",
    "sign-out",
    "sign-up",
    "sluice",
    "staff",
    "studio",
    "support",
    "system",
    "terms",
    "undefined",
    "watch",
    "whep",
    "whip",
];

impl Handle {
    /// The handle as its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The handle as it is compared: in lower case.
    pub fn normalized(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// Why a text is no handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidHandle {
    /// Wrong length or characters.
    #[error(
        "a handle has 3 to 30 characters of A-Z, 0-9, - and _ and starts and ends with a letter or digit"
    )]
    Malformed,
    /// The platform keeps this name for itself.
    #[error("this handle is reserved")]
    Reserved,
}

impl FromStr for Handle {
    type Err = InvalidHandle;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let well = (3..=30).contains(&text.len())
            && text.bytes().all(plain)
            && end(text.bytes().next())
            && end(text.bytes().last());
        if !well {
            return Err(InvalidHandle::Malformed);
        }
        if RESERVED.binary_search(&text.to_ascii_lowercase().as_str()).is_ok() {
            return Err(InvalidHandle::Reserved);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Handle {
    type Error = InvalidHandle;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Handle> for String {
    fn from(handle: Handle) -> Self {
        handle.0
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_takes_only_what_looks_the_same_everywhere() {
        for good in ["ann", "Ann_Lee-2", "123", &"x".repeat(30)] {
            assert!(good.parse::<Handle>().is_ok(), "{good}");
        }
        for bad in
            ["", "an", "-ann", "ann-", "_nn", "a nn", "änn", "а\u{043d}\u{043d}", "a.b", &"x".repeat(31)]
        {
            assert_eq!(bad.parse::<Handle>(), Err(InvalidHandle::Malformed), "{bad}");
        }
    }

    #[test]
    fn nobody_can_take_the_name_of_the_platform() {
        assert!(RESERVED.is_sorted());
        for bad in ["admin", "Admin", "SLUICE", "sign-in"] {
            assert_eq!(bad.parse::<Handle>(), Err(InvalidHandle::Reserved), "{bad}");
        }
    }

    #[test]
    fn handles_that_differ_in_case_alone_are_one() {
        assert_eq!("AnnLee".parse::<Handle>().unwrap().normalized(), "annlee");
    }
}
