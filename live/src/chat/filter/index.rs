//! Many words looked for in a text at once, however they are disguised.

use std::collections::BTreeMap;
use std::ops::Range;

use super::fold::{self, ANY, ONE};
use super::words::{Reading, Word, key};

/// Most words of a text with [`ANY`] in them that are compared with every entry. An honest text has none.
const MAX_GUESSED: usize = 8;

/// Shortest entry of several words that is also found written as one.
const MIN_RUN_TOGETHER: usize = 8;

/// Longest word that is looked for as the beginning of an entry with an open end, in letters of its key.
const MAX_PREFIX: usize = 48;

/// Words and phrases. `*` at the beginning or end of one stands for any rest of a word.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: Vec<Entry>,
    /// By the key of their first word.
    by_key: BTreeMap<String, Vec<usize>>,
    /// Those of one word with an open end, by its key: that is the beginning of the keys of what it matches.
    begun: BTreeMap<String, Vec<usize>>,
    /// Those with an open beginning: their key and which they are.
    ended: Vec<(String, usize)>,
    /// Those of scripts that do not divide words: found anywhere.
    anywhere: Vec<(String, usize)>,
}

#[derive(Debug)]
struct Entry {
    words: Vec<String>,
    open_start: bool,
    open_end: bool,
    /// Which of the patterns.
    pattern: usize,
}

/// An entry in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// Which of the patterns, by the order in which they were given.
    pub(super) pattern: usize,
    /// Where, in bytes.
    pub(super) span: Range<usize>,
}

impl Index {
    pub(super) fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let mut index = Self::default();
        for (number, pattern) in patterns.into_iter().enumerate() {
            index.add(number, pattern);
        }
        index
    }

    fn add(&mut self, number: usize, pattern: &str) {
        let inner = pattern.trim_start_matches('*').trim_end_matches('*');
        if inner.chars().any(is_undivided) {
            let folded = Reading::new(inner).folded;
            self.anywhere.push((folded, number));
            return;
        }
        let words: Vec<String> = Reading::new(inner).words.into_iter().map(|word| word.plain).collect();
        let run_together: String = words.concat();
        if words.len() > 1 && run_together.chars().count() >= MIN_RUN_TOGETHER {
            self.put(Entry {
                words: vec![run_together],
                open_start: false,
                open_end: false,
                pattern: number,
            });
        }
        if !words.is_empty() {
            let (open_start, open_end) = (pattern.starts_with('*'), pattern.ends_with('*'));
            self.put(Entry { words, open_start, open_end, pattern: number });
        }
    }

    fn put(&mut self, entry: Entry) {
        let at = self.entries.len();
        let key = entry.words.first().map(|first| key(first)).unwrap_or_default();
        if entry.open_start {
            self.ended.push((key, at));
        } else if entry.open_end && entry.words.len() == 1 {
            self.begun.entry(key).or_default().push(at);
        } else {
            self.by_key.entry(key).or_default().push(at);
        }
        self.entries.push(entry);
    }

    /// Every entry in the text.
    pub(super) fn find(&self, reading: &Reading<'_>) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut guessed = 0;
        let ended = self.ended_in(reading);
        for (at, word) in reading.words.iter().enumerate() {
            self.find_at(&reading.words[at..], &ended, &mut hits);
            if word.disguised.as_deref().is_some_and(|form| form.contains(ANY)) && guessed < MAX_GUESSED {
                guessed += 1;
                self.guess(word, &mut hits);
            }
        }
        for word in &reading.joined {
            self.find_at(std::slice::from_ref(word), &ended, &mut hits);
        }
        for (folded, pattern) in &self.anywhere {
            if reading.folded.contains(folded.as_str()) {
                hits.push(Hit { pattern: *pattern, span: 0..reading.text.len() });
            }
        }
        hits
    }

    /// Entries with an open beginning whose key is somewhere in the text; most are not, and looking once is
    /// cheaper than looking in each word.
    fn ended_in(&self, reading: &Reading<'_>) -> Vec<usize> {
        if self.ended.is_empty() {
            return Vec::new();
        }
        let words = reading.words.iter().chain(&reading.joined);
        let keys: Vec<String> = words.flat_map(Word::forms).map(key).collect();
        let keys = keys.join(" ");
        let there = self.ended.iter().filter(|(key, _)| keys.contains(key.as_str()));
        there.map(|(_, at)| *at).collect()
    }

    /// Entries that begin with the first of these words.
    fn find_at(&self, words: &[Word], ended: &[usize], hits: &mut Vec<Hit>) {
        let Some(word) = words.first() else { return };
        for form in word.forms() {
            let key = key(form);
            let near = self.by_key.get(&key).into_iter().flatten();
            let ends = key.char_indices().skip(1).map(|(end, _)| end).chain([key.len()]).take(MAX_PREFIX);
            let begun = ends.filter_map(|end| self.begun.get(key.get(..end)?)).flatten();
            for entry in near.chain(begun).chain(ended).filter_map(|at| self.entries.get(*at)) {
                if let Some(end) = entry.matches(form, words) {
                    hits.push(Hit { pattern: entry.pattern, span: word.span.start..end });
                }
            }
        }
    }

    /// Entries of one word that a word with unknown letters may be.
    fn guess(&self, word: &Word, hits: &mut Vec<Hit>) {
        let form = word.disguised.as_deref().unwrap_or_default();
        for entry in self.entries.iter().filter(|entry| !entry.open_start && !entry.open_end) {
            if matches!(entry.words.as_slice(), [only] if may_be(form, only)) {
                hits.push(Hit { pattern: entry.pattern, span: word.span.clone() });
            }
        }
    }
}

impl Entry {
    /// Where the entry ends, if it begins with this form of the first of these words.
    fn matches(&self, form: &str, words: &[Word]) -> Option<usize> {
        let last = self.words.len() - 1;
        let mut end = None;
        for (at, wanted) in self.words.iter().enumerate() {
            let word = words.get(at)?;
            let (open_start, open_end) = (self.open_start && at == 0, self.open_end && at == last);
            let fits = |form: &str| is_same(form, wanted, open_start, open_end);
            if !(if at == 0 { fits(form) } else { word.forms().any(fits) }) {
                return None;
            }
            end = Some(word.span.end);
        }
        end
    }
}

/// Whether a form is the wanted word: the same letters in the same order, repeated as often as in the word or
/// three times and more ("noooo" is "no", "book" is not "bok").
fn is_same(form: &str, wanted: &str, open_start: bool, open_end: bool) -> bool {
    let blur = form.contains(ONE);
    let form = lengths(form, blur);
    let wanted = lengths(wanted, blur);
    if form.len() < wanted.len() || !open_start && !open_end && form.len() != wanted.len() {
        return false;
    }
    let last = form.len() - wanted.len();
    let starts = if open_start { 0..=last } else { 0..=0 };
    starts.filter(|start| open_end || start + wanted.len() == form.len()).any(|start| {
        let part = form.get(start..start + wanted.len()).unwrap_or_default();
        part.iter()
            .zip(&wanted)
            .all(|(is, wants)| is.0 == wants.0 && (is.1 == wants.1 || is.1 >= wants.1.max(3)))
    })
}

/// Letters and how often each is repeated; i and l are one where the text leaves open which it is.
fn lengths(form: &str, blur: bool) -> Vec<(char, usize)> {
    let mut runs: Vec<(char, usize)> = Vec::with_capacity(form.len());
    for c in form.chars() {
        let c = if blur && matches!(c, ONE | 'l') { 'i' } else { c };
        match runs.last_mut() {
            Some((last, count)) if *last == c => *count += 1,
            _ => runs.push((c, 1)),
        }
    }
    runs
}

/// Whether a form with unknown letters fits a word: as long, and most letters are known.
fn may_be(form: &str, wanted: &str) -> bool {
    let known = form.chars().filter(|c| *c != ANY).count();
    let length = wanted.chars().count();
    form.chars().count() == length
        && known >= 2
        && known * 2 >= length
        && form.chars().zip(wanted.chars()).all(|(is, wants)| {
            is == wants
                || is == ANY
                || is == ONE && matches!(wants, 'i' | 'l')
                || fold::leet(wants) == Some(is)
        })
}

/// Scripts that are written without spaces between words.
fn is_undivided(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests;
