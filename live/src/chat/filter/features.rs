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

/// How many of them come from no group of the lexicon.
const OWN: usize = FEATURES - GROUPS.len();

/// What each number is. The last are the groups of the lexicon.
pub const NAMES: [&str; 24] = [
    "link",
    "disguised_link",
    "mixed_scripts",
    "length",
    "few_different_words",
    "pitch",
    "new_account",
    "young_account",
    "follows",
    "regular",
    "first_message",
    "heard_from_others",
    "heard_from_writer",
    "burst",
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
    /// Different words among the words, from 0 to 1.
    pub(super) different: f32,
}

impl Shape {
    pub(super) fn new(reading: &Reading<'_>) -> Self {
        let (mut visible, mut upper, mut lower, mut signs) = (0, 0, 0, 0);
        let (mut longest_run, mut run, mut last) = (0, 0, None);
        for c in reading.text.chars() {
            run = if last == Some(c) { run + 1 } else { 1 };
            last = Some(c);
            longest_run = longest_run.max(run);
            visible += usize::from(c != ' ');
            upper += usize::from(c.is_uppercase());
            lower += usize::from(c.is_lowercase());
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
            different: if all == 0 { 1.0 } else { share(words.len(), all) },
        }
    }
}

impl Features {
    pub(super) fn new(reading: &Reading<'_>, links: &[Link], author: &Author, echo: Echo) -> Self {
        let shape = Shape::new(reading);
        let groups = groups(reading);
        let younger = |days: u64| {
            flag(author.account_age.is_some_and(|age| age < Duration::from_secs(days * 24 * 60 * 60)))
        };
        let selling = GROUPS.iter().zip(groups).filter(|(group, count)| *count > 0 && PITCH.contains(group));
        let own: [f32; OWN] = [
            flag(!links.is_empty()),
            flag(links.iter().any(|link| link.disguised)),
            up_to(reading.words.iter().filter(|word| word.mixed).count(), 2),
            up_to(shape.visible, 250),
            if reading.words.len() >= 5 { 1.0 - shape.different } else { 0.0 },
            up_to(selling.count(), 4),
            younger(1),
            younger(7),
            flag(author.follows),
            up_to(author.messages.saturating_add(1).ilog2() as usize, 9),
            flag(author.messages == 0),
            up_to(echo.others as usize, 4),
            up_to(echo.own as usize, 3),
            up_to(echo.burst.saturating_sub(1) as usize, 6),
        ];
        let mut numbers = own.into_iter().chain(groups.map(|count| up_to(count, 3)));
        Self(NAMES.map(|_| numbers.next().unwrap_or(0.0)))
    }
}

/// Groups of the lexicon, in the order of their numbers.
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
