//! How long a message takes: those of the sample, and the worst that could be thought of.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use sluice_domain::chat::{
    ChatSettings, FilterLevel, LinkPolicy, MAX_CHAT_TEXT, MAX_TERMS, Term, TermKind, TermOutcome,
};
use sluice_live::filter::{Author, Candidate, Filter, MAX_EXPRESSIONS, Memory, Writer, clean};

use crate::sample::Line;

/// Texts of 500 characters that each part of the filter finds hardest.
const WORST: &[(&str, &str)] = &[
    ("letters alone", "a "),
    ("short words", "ab "),
    ("one long word", "a"),
    ("signs", "a.b-c_d/e:f "),
    ("leet", "4h3l10 "),
    ("starred words", "a*b*c "),
    ("capital Cyrillic", "ЖЩ"),
    ("points", "a."),
    ("almost links", "www.a dot b . c (dot) "),
    ("almost schemes", "http:/ a:/ "),
    ("words of the lexicon", "free follow now "),
    ("ligatures", "ﷺ"),
    ("emoji", "👨‍👩‍👧‍👦"),
    ("Hangul", "각힣"),
    ("marks", "a\u{301}\u{302}\u{303}\u{327}"),
];

/// Expressions that are slow for engines that go back, and large ones for those that do not.
const EXPRESSIONS: &[&str] = &[r"(a+)+$", r"(a|aa)+b", r"(.*)*x", r"[ab]*a[ab]{12}c", r"\w+\s+\w+\s+\d$"];

fn author(writer: u64) -> Author {
    Author { writer: Writer::Guest(writer), account_age: None, follows: false, bot: false, messages: 0 }
}

fn repeated(part: &str) -> String {
    part.chars().cycle().take(MAX_CHAT_TEXT).collect()
}

/// The longest of some tries is what the machine does beside; the shortest is what the work takes.
fn shortest(mut work: impl FnMut()) -> Duration {
    (0..15)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn many_words() -> Vec<Term> {
    (0..MAX_TERMS - MAX_EXPRESSIONS)
        .map(|number| Term {
            pattern: format!("{}{number}*", ["ab", "free", "a", "hello"][number % 4]),
            kind: TermKind::Word,
            outcome: TermOutcome::Hold,
        })
        .collect()
}

fn expressions() -> Vec<Term> {
    (0..MAX_EXPRESSIONS)
        .map(|number| Term {
            pattern: EXPRESSIONS[number % EXPRESSIONS.len()].to_owned(),
            kind: TermKind::Regex,
            outcome: TermOutcome::Hold,
        })
        .collect()
}

/// The worst text and its time, with a memory as full as it gets.
pub(crate) fn worst(terms: &[Term]) -> (&'static str, Duration) {
    let settings =
        ChatSettings { filter: FilterLevel::High, links: LinkPolicy::Hold, ..ChatSettings::default() };
    let filter = Filter::new(&settings, terms);
    let start = Instant::now();
    WORST
        .iter()
        .map(|(name, part)| {
            let text = clean(&repeated(part)).unwrap_or_default();
            let mut memory = Memory::new();
            for writer in 0..512_u64 {
                let other: String = (0..60).map(|word| format!("w{} ", (writer * 7 + word) % 90)).collect();
                filter.judge(&Candidate { text: &other, author: author(writer) }, &mut memory, start);
            }
            let time = shortest(|| {
                black_box(clean(black_box(&text)).is_ok());
                black_box(filter.judge(
                    &Candidate { text: black_box(&text), author: author(1) },
                    &mut memory,
                    start,
                ));
            });
            (*name, time)
        })
        .max_by_key(|(_, time)| *time)
        .unwrap_or_default()
}

pub(crate) fn table(chats: &[Vec<Line>]) -> String {
    let filter = Filter::new(&ChatSettings::default(), &[]);
    let mut times: Vec<Duration> = Vec::new();
    for chat in chats {
        let mut memory = Memory::new();
        let start = Instant::now();
        for line in chat {
            let begin = Instant::now();
            black_box(clean(&line.text).is_ok());
            black_box(filter.judge(
                &Candidate { text: &line.text, author: line.author },
                &mut memory,
                start + line.at,
            ));
            times.push(begin.elapsed());
        }
    }
    times.sort_unstable();
    let at = |per_mille: usize| times.get(times.len() * per_mille / 1000).copied().unwrap_or_default();
    let mut text = String::new();
    let _ = writeln!(text, "messages of the sample            p50 {:?}, p99 {:?}", at(500), at(990));
    let with_all: Vec<Term> = many_words().into_iter().chain(expressions()).collect();
    for (name, terms) in
        [("no terms", Vec::new()), ("475 words", many_words()), ("475 words, 25 expressions", with_all)]
    {
        let (worst, time) = worst(&terms);
        let _ = writeln!(text, "worst text, {name:<26} {time:?} ({worst})");
    }
    text
}
