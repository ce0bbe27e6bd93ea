//! A text cut into words, each as it is written and as it may be meant.

use std::ops::Range;

use super::fold::{self, ONE};

/// Most letters that stand alone and are read as one word, and most parts of a word that is cut by signs.
const MAX_SPELLED: usize = 40;

/// A word of a text.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// Where it stands, in bytes.
    pub(super) span: Range<usize>,
    /// Letters and digits without case, style and accents.
    pub(super) plain: String,
    /// The same with signs and letters of other scripts taken for what they look like; only where that is
    /// another word.
    pub(super) disguised: Option<String>,
    /// Letters of scripts that are never mixed in one honest word.
    pub(super) mixed: bool,
}

/// What filters look at.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    /// As it is written.
    pub(super) text: &'a str,
    /// Its words in order.
    pub(super) words: Vec<Word>,
    /// Words that are made of its words: letters that stand alone ("w o r d"), parts between signs ("wo.rd").
    pub(super) joined: Vec<Word>,
    /// The whole text without case, style and accents.
    pub(super) folded: String,
}

impl<'a> Reading<'a> {
    /// Reads a cleaned text.
    pub(super) fn new(text: &'a str) -> Self {
        let mut words = Vec::new();
        let mut folded = String::with_capacity(text.len());
        let mut begin = None;
        for (at, c) in text.char_indices() {
            fold::plain(c, |c| folded.push(c));
            match (belongs(c), begin) {
                (true, None) => begin = Some(at),
                (false, Some(start)) => {
                    words.extend(Word::new(text, start..at));
                    begin = None;
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
        if let Some(start) = begin {
            words.extend(Word::new(text, start..text.len()));
        }
        let joined = join(text, &words);
        Self { text, words, joined, folded }
    }
}

impl Word {
    /// The word at a place; `None` if signs are all there is.
    fn new(text: &str, span: Range<usize>) -> Option<Self> {
        // Signs at the end are punctuation ("wow!"), at the beginning too, but for those that letters are
        // commonly written with ("$tream", "@lice").
        let whole = text.get(span.clone())?;
        let inner = whole.trim_end_matches(|c: char| !fold_is_letter(c) && c != '$');
        let begin = inner.find(|c: char| fold_is_letter(c) || matches!(c, '$' | '@'))?;
        let inner = inner.get(begin..)?;
        let span = span.start + begin..span.start + begin + inner.len();

        let mut plain = String::with_capacity(inner.len());
        let mut letters = 0_usize;
        let (mut latin, mut foreign) = (false, false);
        for c in inner.chars() {
            fold::plain(c, |c| {
                if c.is_alphanumeric() || is_vowel_sign(c) {
                    plain.push(c);
                    letters += usize::from(c.is_alphabetic());
                    latin |= c.is_ascii_alphabetic();
                    foreign |= is_mistakable(c);
                }
            });
        }
        if plain.is_empty() {
            return None;
        }
        let mixed = latin && foreign;
        let disguised = if letters == 0 { None } else { disguise(inner, &plain) };
        Some(Self { span, plain, disguised, mixed })
    }

    /// The forms in which it is compared.
    pub(super) fn forms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.plain.as_str()).chain(self.disguised.as_deref())
    }
}

/// Takes signs, digits and letters of other scripts for what they look like.
fn disguise(written: &str, plain: &str) -> Option<String> {
    let mut meant = String::with_capacity(plain.len());
    for c in written.chars() {
        match fold::leet(c) {
            Some(letter) => meant.push(letter),
            None => fold::plain(c, |c| {
                if c.is_alphanumeric() || is_vowel_sign(c) {
                    meant.push(fold::lookalike(c));
                }
            }),
        }
    }
    (meant != plain).then_some(meant)
}

/// Whether a character is part of a word, or may stand for a letter inside one.
fn belongs(c: char) -> bool {
    c.is_alphanumeric() || is_boxed(c) || is_vowel_sign(c) || is_joiner(c) || fold::leet(c).is_some()
}

fn fold_is_letter(c: char) -> bool {
    c.is_alphanumeric() || is_boxed(c) || is_vowel_sign(c)
}

/// Letters that are pictures to Unicode.
fn is_boxed(c: char) -> bool {
    matches!(c, '\u{1f130}'..='\u{1f189}' | '\u{1f1e6}'..='\u{1f1ff}' | '\u{24b6}'..='\u{24e9}')
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{300}'..='\u{36f}')
}

/// Marks without which words of their script are others.
fn is_vowel_sign(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}' | '\u{e30}'..='\u{e4e}' | '\u{eb0}'..='\u{ece}' | '\u{f71}'..='\u{fbc}'
        | '\u{102b}'..='\u{103e}' | '\u{17b6}'..='\u{17d3}')
        && !matches!(c, '\u{964}' | '\u{965}' | '\u{df4}')
}

/// Scripts whose letters are mistaken for Latin ones: Greek, Cyrillic, Armenian, Hebrew, Cherokee.
fn is_mistakable(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{5ff}' | '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}')
}

/// Words out of letters that stand alone, and out of parts that only a sign divides.
fn join(text: &str, words: &[Word]) -> Vec<Word> {
    let mut joined = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let single = runs(text, words, at, true);
        let parts = runs(text, words, at, false);
        if single >= 3 {
            joined.extend(together(&words[at..at + single]));
            // "a" and "I" are words and may stand beside it.
            joined.extend(together(&words[at + 1..at + single]));
            joined.extend(together(&words[at..at + single - 1]));
        } else if parts >= 2 {
            joined.extend(together(&words[at..at + parts]));
        }
        at += single.max(parts).max(1);
    }
    joined
}

/// How many words from here belong together: single letters with one or two signs or spaces between, or
/// words with one sign and no space between.
fn runs(text: &str, words: &[Word], from: usize, single: bool) -> usize {
    let is_part = |word: &Word| !single || word.plain.chars().count() == 1;
    let mut count = 0;
    let mut end = None;
    for word in words.iter().skip(from).take(MAX_SPELLED) {
        let near = end.is_none_or(|end: usize| {
            let between = text.get(end..word.span.start).unwrap_or_default();
            between.chars().count() <= if single { 2 } else { 1 } && (single || !between.contains(' '))
        });
        if !near || !is_part(word) {
            break;
        }
        count += 1;
        end = Some(word.span.end);
    }
    count
}

fn together(words: &[Word]) -> Option<Word> {
    let plain: String = words.iter().map(|word| word.plain.as_str()).collect();
    // A lone digit has no letter beside it to be one, but in a row of letters it may.
    let row = words.iter().all(|word| word.plain.chars().count() == 1);
    let meant: String = words
        .iter()
        .map(|word| word.disguised.clone().unwrap_or_else(|| word.plain.clone()))
        .map(|part| if row { part.chars().map(|c| fold::leet(c).unwrap_or(c)).collect() } else { part })
        .collect();
    let has_letter = plain.chars().any(char::is_alphabetic);
    Some(Word {
        span: words.first()?.span.start..words.last()?.span.end,
        disguised: (has_letter && meant != plain).then_some(meant),
        plain,
        mixed: words.iter().any(|word| word.mixed),
    })
}

/// The letters of a word without repetitions, i and l being one: words that may be the same have the same.
pub(super) fn key(form: &str) -> String {
    let mut key = String::with_capacity(form.len());
    let mut last = None;
    for c in form.chars() {
        let c = if c == ONE || c == 'l' { 'i' } else { c };
        if last != Some(c) {
            key.push(c);
            last = Some(c);
        }
    }
    key
}

#[cfg(test)]
mod tests;
