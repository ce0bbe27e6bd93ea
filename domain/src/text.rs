//! Texts that people write and other people read: what may not be in them, and how long they are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The name under which an Account is shown: 1 to 60 characters on one line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(as = "String"))]
#[serde(try_from = "String", into = "String")]
pub struct DisplayName(String);

/// Longest display name, in characters. More breaks cards and lists; less breaks real names.
const MAX_DISPLAY_NAME: usize = 60;

impl DisplayName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidText {
    /// Nothing visible is left.
    #[error("the text is empty")]
    Empty,
    /// More characters than the field takes.
    #[error("the text has more than {max} characters")]
    TooLong {
        /// How many it may have.
        max: usize,
    },
    /// Control, bidirectional or invisible characters, with which one name can imitate another.
    #[error("the text has control or invisible characters")]
    Forbidden,
}

impl FromStr for DisplayName {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        line(text, MAX_DISPLAY_NAME).map(Self)
    }
}

impl TryFrom<String> for DisplayName {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One line that must not be empty: blanks at the ends and repeated ones inside are taken out.
pub fn line(text: &str, max: usize) -> Result<String, InvalidText> {
    if text.chars().any(is_forbidden) {
        return Err(InvalidText::Forbidden);
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() || line.chars().all(is_joiner) {
        return Err(InvalidText::Empty);
    }
    within(line, max)
}

/// Several lines that may be empty: line ends become `\n`, blanks at the ends are taken out.
pub fn paragraph(text: &str, max: usize) -> Result<String, InvalidText> {
    let text = text.replace("\r\n", "\n");
    if text.chars().any(|c| is_forbidden(c) && c != '\n' && c != '\t') {
        return Err(InvalidText::Forbidden);
    }
    within(text.trim().to_owned(), max)
}

fn within(text: String, max: usize) -> Result<String, InvalidText> {
    if text.chars().count() > max { Err(InvalidText::TooLong { max }) } else { Ok(text) }
}

/// Characters that no text needs and that can make it look like another one: controls, line separators,
/// bidirectional marks, embeddings and isolates, zero-width space and no-break space, soft hyphen,
/// invisible operators, fillers, tags and interlinear annotations.
pub fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Joiners make no mark of their own, but Persian, Indic scripts and emoji need them inside a text.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_names_are_accepted() {
        for good in
            ["Ann", "Łukasz Żółć", "田中さん", "محمد", "می\u{200c}خواهم", "👩\u{200d}💻 Dev", "O'Neil"]
        {
            assert_eq!(good.parse::<DisplayName>().unwrap().as_str(), good);
        }
        assert_eq!("  Ann \u{3000} Lee ".parse::<DisplayName>().unwrap().as_str(), "Ann Lee");
    }

    #[test]
    fn a_name_that_hides_or_turns_text_is_refused() {
        for bad in [
            "Ann\u{202e}nimda",
            "A\u{200b}nn",
            "Ann\n",
            "A\0nn",
            "\u{feff}Ann",
            "A\u{2066}nn\u{2069}",
            "\u{1b}[31mAnn",
            "\u{e0041}Ann",
            "Ann\u{2028}",
        ] {
            assert_eq!(bad.parse::<DisplayName>(), Err(InvalidText::Forbidden), "{bad:?}");
        }
    }

    #[test]
    fn a_name_has_something_to_see_and_an_end() {
        for bad in ["", "   ", "\u{3000}", "\u{200d}\u{200c}"] {
            assert_eq!(bad.parse::<DisplayName>(), Err(InvalidText::Empty), "{bad:?}");
        }
        assert!("é".repeat(60).parse::<DisplayName>().is_ok());
        assert_eq!("é".repeat(61).parse::<DisplayName>(), Err(InvalidText::TooLong { max: 60 }));
    }

    #[test]
    fn a_paragraph_keeps_its_lines() {
        assert_eq!(paragraph(" a\r\nb\tc\n", 20).unwrap(), "a\nb\tc");
        assert_eq!(paragraph("", 20).unwrap(), "");
        assert_eq!(paragraph("a\u{202e}b", 20), Err(InvalidText::Forbidden));
        assert_eq!(paragraph("abc", 2), Err(InvalidText::TooLong { max: 2 }));
    }
}
