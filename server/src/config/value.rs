//! The kinds of value that the configuration has beside plain ones: periods, sizes, secrets, words.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sluice_domain::Redacted;

/// A length of time, written as a whole number and a unit: "500ms", "10s", "2m", "1h", "7d".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period(pub Duration);

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong =
            || format!("{text:?} is not a period: write \"500ms\", \"10s\", \"2m\", \"1h\" or \"7d\"");
        let (number, unit) = split_unit(&text).ok_or_else(wrong)?;
        let factor = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(wrong()),
        };
        number.checked_mul(factor).map(|millis| Self(Duration::from_millis(millis))).ok_or_else(wrong)
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        let millis = period.0.as_millis();
        match millis {
            0 => "0s".to_owned(),
            _ if !millis.is_multiple_of(1_000) => format!("{millis}ms"),
            _ if !millis.is_multiple_of(60_000) => format!("{}s", millis / 1_000),
            _ if !millis.is_multiple_of(3_600_000) => format!("{}m", millis / 60_000),
            _ if !millis.is_multiple_of(86_400_000) => format!("{}h", millis / 3_600_000),
            _ => format!("{}d", millis / 86_400_000),
        }
    }
}

/// A number of bytes: "64K", "4M", "1G" (powers of 1024) or plain "1500".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size(pub u64);

impl TryFrom<String> for Size {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let wrong = || format!("{text:?} is not a size: write \"64K\", \"4M\" or \"1G\"");
        let (number, unit) = split_unit(&text).ok_or_else(wrong)?;
        let factor = match unit {
            "" => 1,
            "K" | "k" => 1 << 10,
            "M" => 1 << 20,
            "G" => 1 << 30,
            _ => return Err(wrong()),
        };
        number.checked_mul(factor).map(Self).ok_or_else(wrong)
    }
}

impl From<Size> for String {
    fn from(size: Size) -> Self {
        let units = [(1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")];
        match units.into_iter().find(|(factor, _)| size.0 > 0 && size.0.is_multiple_of(*factor)) {
            Some((factor, unit)) => format!("{}{unit}", size.0 / factor),
            None => size.0.to_string(),
        }
    }
}

fn split_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    Some((number.parse().ok()?, unit))
}

/// A password or key. Neither `Debug` nor serialisation shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret(pub Redacted<String>);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Redacted::new(text)))
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// How the server takes part in ICE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum IceMode {
    /// RFC 8445 §2.5: answers checks, makes none.
    Lite,
    /// Makes checks of its own.
    Full,
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// Plain first, then TLS or nothing.
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None.
    None,
}

/// Where recordings are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordingStore {
    /// In a directory.
    Local,
    /// In a bucket of an S3-compatible server.
    S3,
}

/// What the defaults are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum ProfileName {
    /// A machine of one's own.
    Dev,
    /// A rehearsal that others reach.
    Staging,
    /// What people rely on.
    Prod,
}

/// Whom the listener without TLS serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PlainHttp {
    /// Everybody while there is no certificate.
    Auto,
    /// Everybody.
    Serve,
    /// This machine and trusted proxies.
    Loopback,
}

/// How an ACME server sees that a name is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum AcmeChallenge {
    /// RFC 8555 §8.3: a file over HTTP.
    #[serde(rename = "http-01")]
    Http01,
    /// RFC 8737: a certificate of its own within TLS.
    #[serde(rename = "tls-alpn-01")]
    TlsAlpn01,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text on a terminal, else JSON.
    Auto,
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from(*self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_reads_back_what_it_wrote() {
        for text in ["0s", "1ms", "1500ms", "10s", "2m", "90s", "1h", "36h"] {
            let period = Period::try_from(text.to_owned()).unwrap();
            assert_eq!(String::from(period), text);
        }
        assert_eq!(Period::try_from("120s".to_owned()).unwrap().to_string(), "2m");
    }

    #[test]
    fn what_is_not_a_period_is_refused_with_an_example() {
        for text in
            ["", "10", "s", "-1s", "1.5s", "10 s", "10S", "99999999999999999999s", "18446744073709551615h"]
        {
            let error = Period::try_from(text.to_owned()).unwrap_err();
            assert!(error.contains("\"10s\""), "{text}: {error}");
        }
    }

    #[test]
    fn a_size_reads_back_what_it_wrote() {
        for text in ["0", "1500", "64K", "4M", "1G", "3G"] {
            let size = Size::try_from(text.to_owned()).unwrap();
            assert_eq!(String::from(size), text);
        }
        assert!(Size::try_from("4MB".to_owned()).is_err());
        assert!(Size::try_from("99999999999G".to_owned()).is_err());
    }

    #[test]
    fn a_stream_key_is_shown_neither_by_debug_nor_by_serialisation() {
        let secret: Secret = serde_json::from_str("\"hunter2\"").unwrap();
        let shown = format!("{secret:?} {}", serde_json::to_string(&secret).unwrap());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
