//! What a message of a run says: some words, as people say them, and a stamp by which members know it.
//!
//! The stamp is `[run number micros]`: four letters of the run, so that what an earlier run left in the
//! history is not taken for this one's; the number of the message; and when it was sent, in microseconds
//! since the run began.

use std::fmt;

/// Words to choose from: a chat's filter sees something like sentences, no two alike.
const WORDS: [&str; 64] = [
    "the",
    "boat",
    "is",
    "out",
    "of",
    "harbour",
    "and",
    "wind",
    "has",
    "turned",
    "again",
    "who",
    "saw",
    "that",
    "light",
    "on",
    "north",
    "pier",
    "this",
    "morning",
    "lovely",
    "picture",
    "today",
    "greetings",
    "from",
    "my",
    "kitchen",
    "what",
    "a",
    "view",
    "please",
    "show",
    "us",
    "old",
    "bridge",
    "too",
    "rain",
    "will",
    "stop",
    "soon",
    "maybe",
    "never",
    "mind",
    "music",
    "sounds",
    "better",
    "now",
    "camera",
    "two",
    "looks",
    "sharp",
    "here",
    "thanks",
    "for",
    "answer",
    "where",
    "did",
    "you",
    "find",
    "it",
    "see",
    "tide",
    "coming",
    "in",
];
/// Letters of runs.
const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";

/// Which message of which run, and when it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) run: Run,
    pub(crate) number: u32,
    /// Since the run began.
    pub(crate) micros: u64,
}

/// Four letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run([u8; 4]);

impl Run {
    /// Another than the last, very likely.
    pub(crate) fn random() -> Self {
        Self(std::array::from_fn(|_| LETTERS[rand::random_range(0..LETTERS.len())]))
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

impl Stamp {
    /// A message with this stamp and this many words before it.
    pub(crate) fn text(&self, words: usize) -> String {
        let mut text = String::with_capacity(words * 7 + 32);
        for _ in 0..words {
            text.push_str(WORDS[rand::random_range(0..WORDS.len())]);
            text.push(' ');
        }
        let Self { run, number, micros } = self;
        text.push_str(&format!("[{run} {number} {micros}]"));
        text
    }

    /// The stamp at the end of a message, if it has one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (_, stamp) = text.strip_suffix(']')?.rsplit_once('[')?;
        let mut parts = stamp.split(' ');
        let run = Run(parts.next()?.as_bytes().try_into().ok()?);
        let stamp = Self { run, number: parts.next()?.parse().ok()?, micros: parts.next()?.parse().ok()? };
        parts.next().is_none().then_some(stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_back_from_the_text_that_carries_it() {
        let stamp = Stamp { run: Run(*b"abcd"), number: 5999, micros: 60_000_123 };
        let text = stamp.text(8);
        assert!(text.ends_with(" [abcd 5999 60000123]"), "{text}");
        assert_eq!(text.split(' ').count(), 11);
        assert_eq!(Stamp::parse(&text), Some(stamp));
        assert!(text.chars().count() < 200);
    }

    #[test]
    fn what_people_say_has_no_stamp() {
        for text in
            ["", "hello", "[x]", "[abcd 1]", "[abcd 1 2 3]", "[abcde 1 2]", "[abcd -1 2]", "abcd 1 2]"]
        {
            assert_eq!(Stamp::parse(text), None, "{text}");
        }
    }
}
