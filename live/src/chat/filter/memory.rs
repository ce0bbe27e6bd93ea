//! What was said in a chat lately, as far as filters need to know: no texts, only marks of their words.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use sluice_domain::AccountId;

use super::words::Reading;

/// Messages that are remembered; at 200 a second, the most that a chat takes, the last two and a half seconds,
/// in a usual one several minutes.
const MAX_REMEMBERED: usize = 512;

/// How long a message is remembered. Raids are over in less; more would take regulars' running jokes for them.
const REMEMBERED: Duration = Duration::from_secs(120);

/// The time in which messages of one writer count as a burst.
const BURST: Duration = Duration::from_secs(10);

/// Most words of a message that are compared.
const MAX_MARKS: usize = 48;

/// Fewest different words that make a text worth comparing, and fewest letters of one with fewer words:
/// everybody says "lol" and "gg" at once.
const MIN_WORDS: usize = 4;
const MIN_LETTERS: usize = 24;

/// How much of the words of two texts must be common to both, in percent, for them to be one text that was
/// changed a little.
const ALIKE: usize = 60;

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Writer {
    /// Somebody who is signed in.
    Account(AccountId),
    /// Somebody who is not: any number that is the same for one connection.
    Guest(u64),
}

/// What was said in a chat lately.
#[derive(Debug, Default)]
pub struct Memory {
    said: VecDeque<Said>,
}

#[derive(Debug)]
struct Said {
    at: Instant,
    writer: Writer,
    /// Whether the writer was known here.
    known: bool,
    marks: Marks,
}

/// The different words of a text as numbers, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marks {
    words: Vec<u32>,
    whole: u64,
    worth_comparing: bool,
}

/// How often a text was heard before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Echo {
    /// Others, strangers here, who said the same or nearly the same. Regulars repeat their jokes.
    pub(super) others: u32,
    /// How often the writer did.
    pub(super) own: u32,
    /// How many messages the writer wrote within [`BURST`].
    pub(super) burst: u32,
}

impl Marks {
    pub(super) fn new(reading: &Reading<'_>) -> Self {
        let letters = reading.words.iter().map(|word| word.plain.chars().count()).sum::<usize>();
        let forms = reading.words.iter().map(|word| word.disguised.as_deref().unwrap_or(&word.plain));
        let mut words: Vec<u32> = forms.map(|form| (hash(form) & u64::from(u32::MAX)) as u32).collect();
        words.sort_unstable();
        words.dedup();
        words.truncate(MAX_MARKS);
        let worth_comparing = words.len() >= MIN_WORDS || letters >= MIN_LETTERS && words.len() > 1;
        Self { words, whole: hash(reading.folded.trim()), worth_comparing }
    }

    fn is_like(&self, other: &Self) -> bool {
        if self.whole == other.whole {
            return true;
        }
        let (mut a, mut b, mut common) = (0, 0, 0);
        while let (Some(left), Some(right)) = (self.words.get(a), other.words.get(b)) {
            common += usize::from(left == right);
            a += usize::from(left <= right);
            b += usize::from(right <= left);
        }
        let all = self.words.len() + other.words.len() - common;
        common * 100 >= all * ALIKE
    }
}

impl Memory {
    /// Remembers nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// How often this was heard before, and remembers it.
    pub(super) fn hear(&mut self, writer: Writer, known: bool, marks: Marks, now: Instant) -> Echo {
        while self.said.len() >= MAX_REMEMBERED
            || self.said.front().is_some_and(|said| now.saturating_duration_since(said.at) > REMEMBERED)
        {
            self.said.pop_front();
        }
        let mut others = Vec::new();
        let mut echo = Echo::default();
        for said in &self.said {
            let own = said.writer == writer;
            if own && now.saturating_duration_since(said.at) <= BURST {
                echo.burst += 1;
            }
            if marks.worth_comparing && marks.is_like(&said.marks) {
                if own {
                    echo.own += 1;
                } else if !said.known {
                    others.push(said.writer);
                }
            }
        }
        others.sort_unstable();
        others.dedup();
        echo.others = u32::try_from(others.len()).unwrap_or(u32::MAX);
        self.said.push_back(Said { at: now, writer, known, marks });
        echo
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
