//! A stream's own terms.

use std::ops::Range;

use regex::{Regex, RegexBuilder};
use sluice_domain::chat::{MAX_TERM, Term, TermKind, TermOutcome};

use super::clean::clean;
use super::index::Index;
use super::words::Reading;

/// Largest compiled expression, in bytes. A few Unicode classes fit; counted repetitions of them do not, and
/// those are what makes an expression slow.
const MAX_EXPRESSION: usize = 96 * 1024;

/// Memory in which an expression speeds itself up; without it a search is slower and never wrong.
const MAX_EXPRESSION_CACHE: usize = 192 * 1024;

/// Most expressions of a stream: what a search costs grows with each of them.
pub const MAX_EXPRESSIONS: usize = 25;

/// Shortest text that an expression may match: one that matches nothing at all matches everywhere.
const EMPTY: &str = "";

/// Why a term is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTerm {
    /// Nothing of it could be found in any text.
    #[error("there is no letter or digit in the term")]
    Empty,
    /// It is longer than [`MAX_TERM`] characters.
    #[error("a term has at most {MAX_TERM} characters")]
    TooLong,
    /// It is no expression that this server knows.
    #[error("this is not a regular expression that can be used: {0}")]
    NotAnExpression(String),
    /// It would take too long to look for.
    #[error("the expression is too large; use fewer counted repetitions and alternatives")]
    TooLarge,
    /// It matches every text.
    #[error("the expression matches every message")]
    MatchesEverything,
}

/// Whether a term can be looked for.
///
/// # Errors
///
/// Why not.
pub fn check_term(term: &Term) -> Result<(), BadTerm> {
    if term.pattern.chars().count() > MAX_TERM {
        return Err(BadTerm::TooLong);
    }
    match term.kind {
        TermKind::Word => {
            let cleaned = clean(&term.pattern).map_err(|_| BadTerm::Empty)?;
            if Reading::new(&cleaned).words.is_empty() { Err(BadTerm::Empty) } else { Ok(()) }
        }
        TermKind::Regex => {
            let expression = compile(&term.pattern)?;
            if expression.is_match(EMPTY) { Err(BadTerm::MatchesEverything) } else { Ok(()) }
        }
    }
}

fn compile(pattern: &str) -> Result<Regex, BadTerm> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(MAX_EXPRESSION)
        .dfa_size_limit(MAX_EXPRESSION_CACHE)
        .nest_limit(20)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => BadTerm::TooLarge,
            error => BadTerm::NotAnExpression(last_line(&error.to_string())),
        })
}

/// The message of a syntax error without the drawing above it.
fn last_line(error: &str) -> String {
    let line = error.lines().last().unwrap_or_default();
    line.trim().trim_start_matches("error: ").to_owned()
}

/// The terms of a stream, ready to be looked for.
#[derive(Debug, Default)]
pub(super) struct Terms {
    words: Index,
    outcomes: Vec<TermOutcome>,
    expressions: Vec<(Regex, TermOutcome)>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// A term that is refused.
    pub(super) block: bool,
    /// A term that is held.
    pub(super) hold: bool,
    /// What is no reason for the built-in filters, in bytes.
    pub(super) allowed: Vec<Range<usize>>,
}

impl Terms {
    /// Terms that [`check_term`] does not take are left out, expressions above [`MAX_EXPRESSIONS`] too.
    pub(super) fn new(terms: &[Term]) -> Self {
        let good =
            |kind: TermKind| terms.iter().filter(move |term| term.kind == kind && check_term(term).is_ok());
        let words: Vec<&Term> = good(TermKind::Word).collect();
        let expressions = good(TermKind::Regex)
            .take(MAX_EXPRESSIONS)
            .filter_map(|term| Some((compile(&term.pattern).ok()?, term.outcome)))
            .collect();
        Self {
            words: Index::new(words.iter().map(|term| term.pattern.as_str())),
            outcomes: words.iter().map(|term| term.outcome).collect(),
            expressions,
        }
    }

    pub(super) fn find(&self, reading: &Reading<'_>) -> Found {
        let mut found = Found::default();
        for hit in self.words.find(reading) {
            match self.outcomes.get(hit.pattern) {
                Some(TermOutcome::Block) => found.block = true,
                Some(TermOutcome::Hold) => found.hold = true,
                Some(TermOutcome::Allow) => found.allowed.push(hit.span),
                None => {}
            }
        }
        for (expression, outcome) in &self.expressions {
            match outcome {
                TermOutcome::Block => found.block |= expression.is_match(reading.text),
                TermOutcome::Hold => found.hold |= expression.is_match(reading.text),
                TermOutcome::Allow => {
                    found.allowed.extend(expression.find_iter(reading.text).map(|hit| hit.range()));
                }
            }
        }
        found
    }
}

impl Found {
    /// Whether the stream allows what stands there.
    pub(super) fn allows(&self, span: &Range<usize>) -> bool {
        self.allowed.iter().any(|allowed| allowed.start < span.end && span.start < allowed.end)
    }
}

#[cfg(test)]
mod tests;
