//! Names of renditions and of their files. Whatever else is asked for does not exist: no name is ever joined to
//! a path before it was read here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sluice_domain::MediaKind;

/// One track of a recording: a layer of the picture, or the sound. Written `v0`, `v1`, …, `a0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Rendition {
    /// A layer, by the index that the tap gives it.
    Video(u8),
    /// The sound.
    Audio,
}

/// More layers than this are not recorded; simulcast has three.
pub(crate) const MAX_LAYERS: usize = 8;

/// A text that names nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no file or rendition of that name")]
pub struct InvalidName;

impl Rendition {
    /// Sound or picture.
    pub const fn kind(self) -> MediaKind {
        match self {
            Self::Video(_) => MediaKind::Video,
            Self::Audio => MediaKind::Audio,
        }
    }

    /// The layer of the tap that it is made of, `None` for sound.
    pub fn layer(self) -> Option<usize> {
        match self {
            Self::Video(layer) => Some(usize::from(layer)),
            Self::Audio => None,
        }
    }

    /// The rendition of a layer; `None` beyond what is recorded.
    pub(crate) fn of_layer(layer: usize) -> Option<Self> {
        if layer < MAX_LAYERS { u8::try_from(layer).ok().map(Self::Video) } else { None }
    }
}

impl fmt::Display for Rendition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Video(layer) => write!(f, "v{layer}"),
            Self::Audio => f.write_str("a0"),
        }
    }
}

impl FromStr for Rendition {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text == "a0" {
            return Ok(Self::Audio);
        }
        let layer = text.strip_prefix('v').and_then(number).ok_or(InvalidName)?;
        Self::of_layer(usize::try_from(layer).map_err(|_| InvalidName)?).ok_or(InvalidName)
    }
}

impl TryFrom<String> for Rendition {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<Rendition> for String {
    fn from(rendition: Rendition) -> Self {
        rendition.to_string()
    }
}

/// A file of a rendition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileName {
    /// `init-{n}.mp4`: what a decoder must be told first.
    Init(u32),
    /// `seg-{n}.m4s`.
    Segment(u64),
    /// `part-{n}-{k}.m4s`: part `k` of segment `n`, while it is live.
    Part(u64, u32),
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Init(n) => write!(f, "init-{n}.mp4"),
            Self::Segment(n) => write!(f, "seg-{n}.m4s"),
            Self::Part(n, k) => write!(f, "part-{n}-{k}.m4s"),
        }
    }
}

impl FromStr for FileName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if let Some(init) = text.strip_prefix("init-").and_then(|rest| rest.strip_suffix(".mp4")) {
            return number(init).and_then(|n| u32::try_from(n).ok()).map(Self::Init).ok_or(InvalidName);
        }
        let stem = text.strip_suffix(".m4s").ok_or(InvalidName)?;
        if let Some(segment) = stem.strip_prefix("seg-") {
            return number(segment).map(Self::Segment).ok_or(InvalidName);
        }
        let (segment, part) =
            stem.strip_prefix("part-").and_then(|rest| rest.split_once('-')).ok_or(InvalidName)?;
        match (number(segment), number(part).and_then(|k| u32::try_from(k).ok())) {
            (Some(n), Some(k)) => Ok(Self::Part(n, k)),
            _ => Err(InvalidName),
        }
    }
}

/// A number as it is written here: digits only, no sign, no zero in front, so that each file has one name.
fn number(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain && (text == "0" || !text.starts_with('0')) { text.parse().ok() } else { None }
}

/// Whether a name may be given to something made of a recording later: `poster.jpg`, `h264/seg-3.m4s`.
pub(crate) fn is_plain_path(name: &str) -> bool {
    let part_is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    name.len() <= 200 && name.split('/').count() <= 3 && name.split('/').all(part_is_plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_read_back_what_they_wrote() {
        for name in
            [FileName::Init(0), FileName::Segment(17), FileName::Part(3, 11), FileName::Segment(u64::MAX)]
        {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
        for rendition in [Rendition::Audio, Rendition::Video(0), Rendition::Video(7)] {
            assert_eq!(rendition.to_string().parse(), Ok(rendition));
        }
    }

    #[test]
    fn paths_signs_and_absurd_numbers_name_nothing() {
        for bad in [
            "",
            ".",
            "..",
            "../v0/seg-0.m4s",
            "seg-../../x.m4s",
            "seg-0.m4s/..",
            "seg--1.m4s",
            "seg-+1.m4s",
            "seg-01.m4s",
            "seg-18446744073709551616.m4s",
            "part-1.m4s",
            "part-1-.m4s",
            "part-1-4294967296.m4s",
            "init-.mp4",
            "init-1.m4s",
            "seg-1.mp4",
            "seg-1.m4s\0",
            "SEG-1.m4s",
            "seg-%31.m4s",
            "seg-１.m4s",
        ] {
            assert_eq!(bad.parse::<FileName>(), Err(InvalidName), "{bad}");
        }
        for bad in ["", "v", "a", "a1", "v8", "v00", "v-1", "v99999999999999999999", "../v0", "v0/"] {
            assert_eq!(bad.parse::<Rendition>(), Err(InvalidName), "{bad}");
        }
        for bad in
            ["", "..", "a/../b", "/etc/passwd", "a//b", ".hidden", "a b", "ä", "a/b/c/d", &"x".repeat(201)]
        {
            assert!(!is_plain_path(bad), "{bad}");
        }
        assert!(is_plain_path("poster.jpg") && is_plain_path("h264/v0/seg-0.m4s"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic_and_has_one_spelling(text in ".{0,40}") {
            if let Ok(name) = text.parse::<FileName>() {
                prop_assert_eq!(name.to_string(), text.clone());
            }
            if let Ok(rendition) = text.parse::<Rendition>() {
                prop_assert_eq!(rendition.to_string(), text);
            }
        }
    }
}
