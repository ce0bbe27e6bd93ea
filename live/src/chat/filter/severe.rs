//! What is held at every level but `off`, whatever the chat is about.

use std::sync::LazyLock;

use super::index::{Hit, Index};
use super::words::Reading;

static SEVERE: LazyLock<Index> = LazyLock::new(|| {
    let lines: Vec<String> = entries().collect();
    Index::new(lines.iter().map(String::as_str))
});

/// Severe abuse in a text.
pub(super) fn find(reading: &Reading<'_>) -> Vec<Hit> {
    SEVERE.find(reading)
}

fn entries() -> impl Iterator<Item = String> {
    include_str!("severe.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(turned)
}

/// ROT13, there and back.
fn turned(line: &str) -> String {
    let turn = |c: char, first: u8| char::from(first + (c as u8 - first + 13) % 26);
    line.chars()
        .map(|c| match c {
            'a'..='z' => turn(c, b'a'),
            'A'..='Z' => turn(c, b'A'),
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn severe(text: &str) -> bool {
        !find(&Reading::new(text)).is_empty()
    }

    // Requirements: R201, R203
    #[test]
    fn severe_abuse_is_found_in_its_disguises() {
        for text in
            ["xlf", "X.L.F", "x l f", "XLF!!!", "whfg tb xvyy lbhefrys", "xvyyyyyy lbhefrys", "uäat qvpu nhs"]
        {
            assert!(severe(&turned(text)), "{text}");
        }
        // The same with a digit, a sign and a Cyrillic letter in it.
        let word = turned("snttbg");
        for (from, to) in [("a", "4"), ("o", "0"), ("a", "@"), ("a", "а"), ("gg", "gggg")] {
            assert!(severe(&word.replacen(from, to, 1)), "{word} with {to}");
        }
    }

    #[test]
    fn what_only_resembles_severe_abuse_is_not_found() {
        for text in [
            "kill the boss, then heal yourself",
            "we all die in this level",
            "skys the limit",
            "keys please",
            "go diet coke",
            "das geht gas geben",
            "ich bring dir was mit",
        ] {
            assert!(!severe(text), "{text}");
        }
    }

    #[test]
    fn every_entry_is_found_as_it_stands() {
        for entry in entries() {
            assert!(severe(&entry.replace('*', "")), "{}", turned(&entry));
        }
    }
}
