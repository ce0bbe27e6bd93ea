//! Words and patterns that the filter of a stream's chat looks for.

use serde::{Deserialize, Serialize};

use crate::word::words;

words! {
    /// How a term is written.
    pub enum TermKind {
        /// A word or some words: found as whole words, however they are disguised.
        Word = "word",
        /// A regular expression over the text as it was written, in any case of letters.
        Regex = "regex",
    }
}

words! {
    /// What becomes of a message with a term in it.
    pub enum TermOutcome {
        /// A moderator looks at it first.
        Hold = "hold",
        /// It is refused.
        Block = "block",
        /// What the term covers is no reason for the built-in filters.
        Allow = "allow",
    }
}

/// A term of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Term {
    /// The word or the expression.
    pub pattern: String,
    /// Which of the two it is.
    pub kind: TermKind,
    /// What becomes of a message with it.
    pub outcome: TermOutcome,
}

/// Most characters of a term. An expression of this length compiles in well under a millisecond.
pub const MAX_TERM: usize = 200;

/// Most terms of a stream. All are looked for in every message; a thousand short ones still take microseconds,
/// but nobody keeps a list of that length in order.
pub const MAX_TERMS: usize = 500;
