//! What a spam score looks at: numbers from 0 to 1, each with a name, nothing hidden.

use std::sync::LazyLock;
use std::time::Duration;

use super::Author;
use super::index::Index;
use super::links::Link;
use super::memory::Echo;
use super::words::Reading;

/// How many numbers there are.
pub const FEATURES: usize = NAMES.len();

/// What each number is.
pub const NAMES: [&str; 34] = [
    "link",
    "more_links",
    "disguised_link",
    "link_of_stranger",
    "mixed_scripts",
    "disguised_words",
    "capitals",
    "repetition",
    "signs",
    "digits",
    "sums",
    "length",
    "few_different_words",
    "mentions",
    "growth",
    "money",
    "crypto",
    "action",
    "urgency",
    "trust",
    "contact",
    "adult",
    "insult",
    "you",
    "pitch",
    "guest",
    "new_account",
    "young_account",
    "follows",
    "regular",
    "first_message",
    "heard_from_others",
    "heard_from_writer",
    "burst",
];

/// The numbers of one message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Features(pub [f32; FEATURES]);

/// What a text looks like from afar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    /// Characters that are no spaces.
    pub(super) visible: usize,
    /// Letters that have a case.
    pub(super) cased: usize,
    /// How many of these are capitals, from 0 to 1.
    pub(super) capitals: f32,
    /// The longest run of one character.
    pub(super) longest_run: usize,
    /// Signs and emoji among what is visible, from 0 to 1.
    pub(super) signs: f32,
    /// Digits among what is visible, from 0 to 1.
    pub(super) digits: f32,
    /// Different words among the words, from 0 to 1.
    pub(super) different: f32,
}

impl Shape {
    pub(super) fn new(reading: &Reading<'_>) -> Self {
        let (mut visible, mut upper, mut lower, mut signs, mut digits) = (0, 0, 0, 0, 0);
        let (mut longest_run, mut run, mut last) = (0, 0, None);
        for c in reading.text.chars() {
            run = if last == Some(c) { run + 1 } else { 1 };
            last = Some(c);
            longest_run = longest_run.max(run);
            visible += usize::from(c != ' ');
            upper += usize::from(c.is_uppercase());
            lower += usize::from(c.is_lowercase());
            digits += usize::from(c.is_numeric());
            signs += usize::from(c != ' ' && !c.is_alphanumeric() && !is_mark(c));
        }
        let mut words: Vec<&str> = reading.words.iter().map(|word| word.plain.as_str()).collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        Self {
            visible,
            cased: upper + lower,
            capitals: share(upper, upper + lower),
            longest_run,
            signs: share(signs, visible),
            digits: share(digits, visible),
            different: if all == 0 { 1.0 } else { share(words.len(), all) },
        }
    }
}

impl Features {
    pub(super) fn new(reading: &Reading<'_>, links: &[Link], author: &Author, echo: Echo) -> Self {
        let shape = Shape::new(reading);
        let groups = groups(reading);
        let count =
            |name: &str| up_to(groups[GROUPS.iter().position(|group| *group == name).unwrap_or(0)], 3);
        let words = reading.words.len();
        let young = |days: u64| {
            flag(author.account_age.is_some_and(|age| age < Duration::from_secs(days * 24 * 60 * 60)))
        };
        let pitch =
            GROUPS.iter().zip(groups).filter(|(group, count)| *count > 0 && PITCH.contains(group)).count();
        let link = flag(!links.is_empty());
        let stranger = flag(author.messages == 0);
        let value = |name: &str| match name {
            "link" => link,
            "more_links" => flag(links.len() > 1),
            "disguised_link" => flag(links.iter().any(|link| link.disguised)),
            "link_of_stranger" => link * stranger,
            "mixed_scripts" => up_to(reading.words.iter().filter(|word| word.mixed).count(), 2),
            "disguised_words" => {
                let disguised = reading.words.iter().filter(|word| word.disguised.is_some()).count();
                share(disguised, words.max(4))
            }
            "capitals" => {
                if shape.cased >= 8 {
                    shape.capitals
                } else {
                    0.0
                }
            }
            "repetition" => up_to(shape.longest_run.saturating_sub(3), 12),
            "signs" => {
                if shape.visible >= 8 {
                    shape.signs
                } else {
                    0.0
                }
            }
            "digits" => {
                if shape.visible >= 8 {
                    shape.digits
                } else {
                    0.0
                }
            }
            "sums" => up_to(sums(reading.text), 2),
            "length" => up_to(shape.visible, 250),
            "few_different_words" => {
                if words >= 5 {
                    1.0 - shape.different
                } else {
                    0.0
                }
            }
            "mentions" => up_to(mentions(reading.text), 4),
            "pitch" => up_to(pitch, 4),
            "guest" => flag(author.account_age.is_none()),
            "new_account" => young(1),
            "young_account" => young(7),
            "follows" => flag(author.follows),
            "regular" => up_to(usize::try_from(author.messages.saturating_add(1).ilog2()).unwrap_or(0), 9),
            "first_message" => stranger,
            "heard_from_others" => up_to(echo.others as usize, 4),
            "heard_from_writer" => up_to(echo.own as usize, 3),
            "burst" => up_to(echo.burst.saturating_sub(1) as usize, 6),
            group => count(group),
        };
        Self(NAMES.map(value))
    }
}

/// Groups of the lexicon that are named as numbers.
const GROUPS: [&str; 10] =
    ["growth", "money", "crypto", "action", "urgency", "trust", "contact", "adult", "insult", "you"];

/// Groups that something is sold with; several in one text say more than each.
const PITCH: [&str; 7] = ["growth", "money", "crypto", "action", "urgency", "trust", "contact"];

struct Lexicon {
    index: Index,
    /// The group of each pattern.
    groups: Vec<usize>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut patterns = Vec::new();
    let mut groups = Vec::new();
    let mut group = 0;
    for line in include_str!("lexicon.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            group = GROUPS.iter().position(|known| *known == name.trim_end_matches(']')).unwrap_or(0);
            continue;
        }
        for pattern in line.split(' ').filter(|pattern| !pattern.is_empty()) {
            patterns.push(pattern.replace('_', " "));
            groups.push(group);
        }
    }
    Lexicon { index: Index::new(patterns.iter().map(String::as_str)), groups }
});

/// How many words of each group are in the text, each place counted once.
fn groups(reading: &Reading<'_>) -> [usize; GROUPS.len()] {
    let lexicon = &*LEXICON;
    let mut places: Vec<(usize, usize)> = lexicon
        .index
        .find(reading)
        .into_iter()
        .filter_map(|hit| Some((*lexicon.groups.get(hit.pattern)?, hit.span.start)))
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut counts = [0; GROUPS.len()];
    for (group, _) in places {
        if let Some(count) = counts.get_mut(group) {
            *count += 1;
        }
    }
    counts
}

/// Numbers beside a sign of money or of a share: "500 $", "€20", "90%".
fn sums(text: &str) -> usize {
    let is_sign = |c: char| matches!(c, '$' | '€' | '£' | '%' | '₿');
    let letters: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
    letters
        .windows(2)
        .filter(
            |pair| matches!(pair, [a, b] if is_sign(*a) && b.is_numeric() || a.is_numeric() && is_sign(*b)),
        )
        .count()
}

fn mentions(text: &str) -> usize {
    text.split(' ')
        .filter(|word| word.strip_prefix('@').is_some_and(|name| name.chars().count() >= 2))
        .count()
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

fn flag(is: bool) -> f32 {
    if is { 1.0 } else { 0.0 }
}

/// A number as its share of a limit, above which more says no more.
fn up_to(count: usize, limit: usize) -> f32 {
    share(count.min(limit), limit)
}

fn share(part: usize, whole: usize) -> f32 {
    // Counts of characters of one message: far below where a float loses ones.
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}

#[cfg(test)]
mod tests;
