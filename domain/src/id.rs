//! Identifiers. Each is a newtype so that one cannot be passed where another is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

/// The name of a Stream in URLs: 1 to 64 characters of `a-z 0-9 - _`, starting with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(as = "String"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct StreamName(String);

impl StreamName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is not a stream name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a stream name has 1 to 64 characters of a-z, 0-9, - and _ and starts with a letter or digit")]
pub struct InvalidStreamName;

impl FromStr for StreamName {
    type Err = InvalidStreamName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let starts_well = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let all_well =
            text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        if starts_well && all_well && text.len() <= 64 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidStreamName)
        }
    }
}

impl TryFrom<String> for StreamName {
    type Error = InvalidStreamName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<StreamName> for String {
    fn from(name: StreamName) -> Self {
        name.0
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Ids of things that are remembered: UUIDv7, so that they sort by when they were made. Who makes
/// the thing makes its id.
macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(as = "String"))]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

uuid_ids! {
    /// One live run of a Stream. Made by `live`.
    BroadcastId;
    /// A group of people with its own streams, settings and administrators: the tenant.
    OrgId;
    /// A person.
    AccountId;
    /// The lasting thing that a [`StreamName`] names.
    StreamId;
    /// A Key: the secret that may publish to a Stream.
    StreamKeyId;
    /// A secret by which a program acts for an account.
    ApiKeyId;
    /// A sign-in of an account on a device, until it ends. (A [`SessionId`] is of WHIP and WHEP.)
    SignInId;
    /// A refresh token or a one-time token.
    TokenId;
    /// A picture that was uploaded.
    AssetId;
    /// What streams are sorted by.
    CategoryId;
    /// A version of a legal text.
    DocumentId;
    /// A mail in the outbox.
    MailId;
    /// One time that an account watched a stream.
    ViewingId;
    /// A message of a chat: ascending in the order of the chat.
    ChatMessageId;
    /// A picture that stands for a word in a chat.
    EmoteId;
    /// A word or pattern that a chat's filter looks for.
    ChatTermId;
    /// Something that was done to keep order.
    ModerationActionId;
    /// Something that somebody reported.
    ReportId;
    /// What is kept of a broadcast. Made by `live`.
    RecordingId;
}

/// One WebRTC connection on this node. Made by `sfu`; never leaves the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerId(pub u64);

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "peer-{:x}", self.0)
    }
}

/// The HTTP resource of one WHIP or WHEP exchange: 128 bits of a CSPRNG (RFC 9725 §5), written
/// as 32 lower-case hexadecimal digits. Knowing it is the right to end the session, so it is
/// compared as a whole and never logged in full.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub [u8; 16]);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// A text that is not a session id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a session id has 32 hexadecimal digits")]
pub struct InvalidSessionId;

impl FromStr for SessionId {
    type Err = InvalidSessionId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 32 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(InvalidSessionId);
        }
        let mut id = [0; 16];
        for (byte, pair) in id.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = str::from_utf8(pair).map_err(|_| InvalidSessionId)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| InvalidSessionId)?;
        }
        Ok(Self(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_name_takes_only_url_safe_lower_case() {
        for good in ["a", "0", "my-stream_2", &"x".repeat(64)] {
            assert!(good.parse::<StreamName>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "_a", "A", "ä", "a/b", "a b", "..", &"x".repeat(65)] {
            assert!(bad.parse::<StreamName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_reads_back_what_it_wrote() {
        let id = AccountId(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("7".parse::<AccountId>().is_err());
    }

    #[test]
    fn a_session_id_reads_back_what_it_wrote() {
        let id = SessionId(*b"0123456789abcdef");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("30".repeat(15).parse::<SessionId>().is_err());
        assert!("zz".repeat(16).parse::<SessionId>().is_err());
        assert!("AB".repeat(16).parse::<SessionId>().is_err());
    }

    #[test]
    fn a_session_id_does_not_show_itself_in_debug_output() {
        assert_eq!(format!("{:?}", SessionId([0xab; 16])), "SessionId(abab…)");
    }
}
