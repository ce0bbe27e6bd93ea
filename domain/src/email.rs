//! Email addresses, as far as a server can judge them without sending a mail.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An email address: printable ASCII, one `@`, a host with a dot or the name `localhost`.
///
/// Quoted local parts and address literals are valid by RFC 5321 and refused here: nobody has one, and
/// each is a way to say one thing to us and another to a mail server. Internationalised hosts are
/// written in their ASCII form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(as = "String"))]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// Longest address (RFC 5321 §4.5.3.1.3 allows a path of 256 with its angle brackets).
const MAX_LENGTH: usize = 254;
/// Longest part before the `@` (RFC 5321 §4.5.3.1.1).
const MAX_LOCAL: usize = 64;

impl Email {
    /// The address as its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as it is compared: in lower case. No mail server in use tells `Ann@` from `ann@`, so
    /// two accounts must not differ by that alone.
    pub fn normalized(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The address with most of its owner hidden, for lists and logs: `a…@example.org`.
    pub fn masked(&self) -> String {
        let (local, host) = self.0.split_once('@').unwrap_or((&self.0, ""));
        let first = local.get(..1).unwrap_or_default();
        format!("{first}…@{host}")
    }
}

/// A text that is not an email address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("an email address looks like name@example.org and has at most 254 characters")]
pub struct InvalidEmail;

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim_matches(' ');
        let (local, host) = text.split_once('@').ok_or(InvalidEmail)?;
        if text.len() <= MAX_LENGTH && is_local(local) && is_host(host) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEmail)
        }
    }
}

/// A dot-atom (RFC 5322 §3.2.3).
fn is_local(local: &str) -> bool {
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    local.len() <= MAX_LOCAL && local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom))
}

/// Labels of letters, digits and inner hyphens, with a last one that is no number.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    let named = host == "localhost" || (host.contains('.') && last.len() >= 2);
    named && host.split('.').all(label) && !last.bytes().all(|byte| byte.is_ascii_digit())
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_addresses_are_accepted() {
        let long = format!("{}@example.org", "a".repeat(64));
        for good in ["a@b.de", "Ann.Lee+tv@mail.example.org", "o'neil@example.org", "me@localhost", &long] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
    }

    #[test]
    fn what_a_mail_server_could_read_in_two_ways_is_refused() {
        let long_local = format!("{}@example.org", "a".repeat(65));
        let long_host = format!("a@{}example.org", "long.".repeat(60));
        for bad in [
            "",
            "a",
            "@b.de",
            "a@",
            "a@b",
            "a@b.1",
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "a b@c.de",
            "a@b@c.de",
            "\"a\"@b.de",
            "a..b@c.de",
            ".a@c.de",
            "a@-b.de",
            "a@b..de",
            "a@b.de\r\nBcc: c@d.de",
            "ä@b.de",
            "a@b.de,c@d.de",
            "<a@b.de>",
            "a@b.d\u{200b}e",
            &long_local,
            &long_host,
        ] {
            assert!(bad.parse::<Email>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn addresses_that_differ_in_case_alone_are_one() {
        let email: Email = " Ann@Example.ORG ".parse().unwrap();
        assert_eq!(email.as_str(), "Ann@Example.ORG");
        assert_eq!(email.normalized(), "ann@example.org");
        assert_eq!(email.masked(), "A…@Example.ORG");
    }
}
