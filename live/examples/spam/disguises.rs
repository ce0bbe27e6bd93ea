//! How many of the ways to hide a word are seen through. The words are made up, so that nobody has to read the
//! others; the list of severe abuse is looked for in the same way.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use sluice_domain::chat::{ChatSettings, FilterLevel, LinkPolicy, Term, TermKind, TermOutcome};
use sluice_live::filter::{Candidate, Filter, Logistic, Memory, Verdict, clean};

use crate::chance::Chance;
use crate::people;

const WORDS: &[&str] =
    &["zorblat", "gremlon", "vrunkel", "floonies", "dorfzack", "klimper", "snazzig", "brullo"];

/// Words that resemble them and are none.
const OTHERS: &[&str] = &[
    "zorb",
    "gremlins",
    "runkel",
    "balloonies",
    "dorf zack",
    "klempner",
    "klimpern",
    "snazzy",
    "brutto",
    "brulloff",
];

type Disguise = (&'static str, fn(&mut Chance, &str) -> String);

const DISGUISES: &[Disguise] = &[
    ("as it is", |_, word| word.to_owned()),
    ("capitals", |_, word| word.to_uppercase()),
    ("digits and signs", |_, word| {
        swapped(word, &[('a', "4"), ('e', "3"), ('i', "1"), ('o', "0"), ('s', "$"), ('l', "1")])
    }),
    ("letters of other scripts", |_, word| {
        swapped(word, &[('a', "а"), ('e', "е"), ('o', "о"), ('k', "к"), ('m', "м"), ('u', "υ")])
    }),
    ("full width", |_, word| shifted(word, 0xff41)),
    ("mathematical letters", |_, word| shifted(word, 0x1d41a)),
    ("boxed letters", |_, word| shifted(word, 0x1f170)),
    ("spaces between", |_, word| spread(word, " ")),
    ("points between", |_, word| spread(word, ".")),
    ("invisible between", |_, word| spread(word, "\u{200b}")),
    ("piles of marks", |_, word| spread(word, "\u{0336}\u{0301}\u{0323}\u{0310}")),
    ("accents", |_, word| swapped(word, &[('a', "ä"), ('e', "é"), ('o', "ö"), ('i', "ï"), ('u', "ü")])),
    ("letters repeated", |chance, word| {
        let at = chance.below(word.chars().count());
        word.chars()
            .enumerate()
            .map(|(place, c)| c.to_string().repeat(if place == at { 5 } else { 1 }))
            .collect()
    }),
    ("a letter starred", |chance, word| {
        let at = chance.between(1, word.chars().count() - 2);
        word.chars().enumerate().map(|(place, c)| if place == at { '*' } else { c }).collect()
    }),
    ("a sign inside", |chance, word| {
        let at = chance.between(2, word.chars().count() - 2);
        let (before, behind) = word.split_at(at);
        format!("{before}{}{behind}", chance.one(&["-", "_", ".", "~"]))
    }),
    ("a space inside", |chance, word| {
        let at = chance.between(2, word.chars().count() - 2);
        let (before, behind) = word.split_at(at);
        format!("{before} {behind}")
    }),
    ("two letters swapped", |chance, word| {
        let mut letters: Vec<char> = word.chars().collect();
        let at = chance.between(1, letters.len() - 2);
        letters.swap(at, at - 1);
        letters.into_iter().collect()
    }),
    ("inside another word", |_, word| format!("super{word}mann")),
    ("backwards", |_, word| word.chars().rev().collect()),
];

fn swapped(word: &str, with: &[(char, &str)]) -> String {
    word.chars()
        .map(|c| {
            with.iter().find(|(from, _)| *from == c).map_or_else(|| c.to_string(), |(_, to)| (*to).to_owned())
        })
        .collect()
}

fn shifted(word: &str, first: u32) -> String {
    word.chars().filter_map(|c| char::from_u32(first + u32::from(c) - u32::from('a'))).collect()
}

fn spread(word: &str, between: &str) -> String {
    word.chars().map(String::from).collect::<Vec<_>>().join(between)
}

/// How many of a hundred are found, by disguise; the last is of words that are not meant.
pub(crate) fn found(seed: u64) -> Vec<(&'static str, f64)> {
    let mut chance = Chance::new(seed);
    let terms: Vec<Term> = WORDS
        .iter()
        .map(|word| Term { pattern: (*word).to_owned(), kind: TermKind::Word, outcome: TermOutcome::Block })
        .collect();
    let settings =
        ChatSettings { filter: FilterLevel::Off, links: LinkPolicy::Allow, ..ChatSettings::default() };
    let filter = Filter::with_score(&settings, &terms, Arc::new(Logistic::built_in()));
    let refused = |chance: &mut Chance, word: &str| {
        let around =
            chance.say(&["{you|so ein|what a} @ {lol|!|again}", "@", "@ go away", "hey @, {look|na}"]);
        let Ok(text) = clean(&around.replace('@', word)) else { return false };
        let candidate = Candidate { text: &text, author: people::anybody(chance) };
        filter.judge(&candidate, &mut Memory::new(), Instant::now()) != Verdict::Pass
    };
    let mut rows = Vec::new();
    for (name, disguise) in DISGUISES {
        let tries = 40 * WORDS.len();
        let hits = (0..tries)
            .filter(|at| {
                let word = disguise(&mut chance, WORDS[at % WORDS.len()]);
                refused(&mut chance, &word)
            })
            .count();
        rows.push((*name, 100.0 * hits as f64 / tries as f64));
    }
    let tries = 40 * OTHERS.len();
    let wrong = (0..tries).filter(|at| refused(&mut chance, OTHERS[at % OTHERS.len()])).count();
    rows.push(("words that only resemble one", 100.0 * wrong as f64 / tries as f64));
    rows
}

pub(crate) fn table(seed: u64) -> String {
    found(seed).into_iter().fold(String::new(), |mut text, (name, percent)| {
        let _ = writeln!(text, "{name:<32} {percent:>6.1} %");
        text
    })
}
