//! What becomes of a text before anybody sees it.
//!
//! ```text
//!  clean ─▶ words (plain, disguised, joined) ─┬▶ the stream's terms ──▶ refuse, hold, allow
//!                                             ├▶ links ──────────────▶ refuse, hold
//!                                             ├▶ severe abuse ┐
//!                                             ├▶ shape        ├──────▶ hold, by level
//!           memory of the chat (echo) ────────┴▶ spam score   ┘
//! ```
//!
//! Pure: no clock, no network, no file. What a person decided (a term, the policy for links) may refuse a
//! message; what this program guesses never does: it holds the message for a person. Everything is linear in
//! the length of the text and measured by `cargo run --example spam`; `docs/spec/chat-filter.md` says what the
//! levels do and how good they are.

mod clean;
mod features;
mod fold;
mod index;
mod links;
mod memory;
mod score;
mod severe;
mod terms;
mod weights;
mod words;

use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_domain::chat::{ChatSettings, FilterLevel, LinkPolicy, Term};

pub use clean::clean;
pub use features::{FEATURES, Features, NAMES};
pub use memory::{Memory, Writer};
pub use score::{Logistic, SpamScore};
pub use terms::{BadTerm, MAX_EXPRESSIONS, check_term};

use features::Shape;
use links::Link;
use memory::{Echo, Marks};
use terms::{Found, Terms};
use words::Reading;

/// Longest text that is looked at, in characters: that of a message and its name. Nothing longer gets past
/// [`clean`].
const MAX_READ: usize = 2 * sluice_domain::chat::MAX_CHAT_TEXT;

/// Messages and age from which on an author is known. Less lets raids prepare themselves in a day, more takes
/// regulars of a small chat for strangers.
const KNOWN_MESSAGES: u32 = 10;
const KNOWN_AGE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A message before anybody has seen it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// What [`clean`] made of it.
    pub text: &'a str,
    /// What is known of who wrote it.
    pub author: Author,
}

/// What is known of who writes. Moderators are not judged at all; that is the caller's affair.
#[derive(Debug, Clone, Copy)]
pub struct Author {
    /// Who.
    pub writer: Writer,
    /// How long there has been the account; `None` for guests.
    pub account_age: Option<Duration>,
    /// Whether they follow the stream's owner.
    pub follows: bool,
    /// Whether a program writes, with an API key. Programs repeat themselves, and nothing is made of it.
    pub bot: bool,
    /// Messages of theirs that were shown in this chat before.
    pub messages: u32,
}

impl Author {
    /// Whether they have been here for a while: the account is no new one, and they wrote before.
    fn is_known(&self) -> bool {
        self.messages >= KNOWN_MESSAGES && self.account_age.is_some_and(|age| age >= KNOWN_AGE)
    }
}

/// Why a message is held or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A term of the stream.
    Term,
    /// A link, and the stream's policy for links.
    Link,
    /// Severe abuse, from a list of this server.
    Severe,
    /// Others said the same just now.
    Echo,
    /// Nothing but capitals.
    Capitals,
    /// One character or word again and again.
    Repetition,
    /// Nothing but signs and emoji.
    Signs,
    /// The spam score.
    Spam,
}

impl Reason {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Term,
        Self::Link,
        Self::Severe,
        Self::Echo,
        Self::Capitals,
        Self::Repetition,
        Self::Signs,
        Self::Spam,
    ];

    /// The word that moderators are told and that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Term => "term",
            Self::Link => "link",
            Self::Severe => "severe",
            Self::Echo => "echo",
            Self::Capitals => "capitals",
            Self::Repetition => "repetition",
            Self::Signs => "signs",
            Self::Spam => "spam",
        }
    }
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Everybody gets it.
    Pass,
    /// A moderator looks at it first.
    Hold {
        /// Why; at least one.
        reasons: Vec<Reason>,
    },
    /// Nobody gets it, and its author is told so.
    Refuse {
        /// Why.
        reason: Reason,
    },
}

/// The filter of one chat. Cheap to share, made anew when settings or terms change.
#[derive(Debug, Clone)]
pub struct Filter {
    level: FilterLevel,
    links: LinkPolicy,
    terms: Arc<Terms>,
    score: Arc<dyn SpamScore>,
}

impl Filter {
    /// With the stream's settings and terms. Terms that [`check_term`] would not take are left out.
    pub fn new(settings: &ChatSettings, terms: &[Term]) -> Self {
        Self::with_score(settings, terms, Arc::new(Logistic::built_in()))
    }

    /// With another spam score.
    pub fn with_score(settings: &ChatSettings, terms: &[Term], score: Arc<dyn SpamScore>) -> Self {
        Self { level: settings.filter, links: settings.links, terms: Arc::new(Terms::new(terms)), score }
    }

    /// What becomes of a message. It is remembered in any case: those who are refused try again.
    pub fn judge(&self, candidate: &Candidate<'_>, memory: &mut Memory, now: Instant) -> Verdict {
        let looked = self.look(candidate, memory, now);
        if looked.found.block {
            return Verdict::Refuse { reason: Reason::Term };
        }
        if !looked.links.is_empty() && self.links == LinkPolicy::Block {
            return Verdict::Refuse { reason: Reason::Link };
        }
        let mut reasons = Vec::new();
        if looked.found.hold {
            reasons.push(Reason::Term);
        }
        if !looked.links.is_empty() && self.links == LinkPolicy::Hold {
            reasons.push(Reason::Link);
        }
        if let Some(limits) = Limits::of(self.level) {
            reasons.extend(self.guesses(&looked, &candidate.author, limits));
        }
        if reasons.is_empty() { Verdict::Pass } else { Verdict::Hold { reasons } }
    }

    /// What the spam score sees of a message; for those who train and measure it.
    pub fn features(&self, candidate: &Candidate<'_>, memory: &mut Memory, now: Instant) -> Features {
        self.look(candidate, memory, now).features(&candidate.author)
    }

    fn look<'a>(&self, candidate: &Candidate<'a>, memory: &mut Memory, now: Instant) -> Looked<'a> {
        let text = match candidate.text.char_indices().nth(MAX_READ) {
            Some((end, _)) => candidate.text.get(..end).unwrap_or_default(),
            None => candidate.text,
        };
        let reading = Reading::new(text);
        let found = self.terms.find(&reading);
        let mut links = links::find(text);
        links.retain(|link| !found.allows(&link.span));
        let author = &candidate.author;
        let echo = memory.hear(author.writer, author.is_known(), Marks::new(&reading), now);
        Looked { reading, found, links, echo }
    }

    fn guesses(&self, looked: &Looked<'_>, author: &Author, limits: Limits) -> Vec<Reason> {
        let shape = Shape::new(&looked.reading);
        let severe = severe::find(&looked.reading).iter().any(|hit| !looked.found.allows(&hit.span));
        let echo = !author.bot && !author.is_known() && looked.echo.others >= limits.others;
        let capitals = shape.cased >= limits.capitals && shape.capitals > 0.8;
        let repetition = shape.longest_run >= limits.run
            || looked.reading.words.len() >= limits.same_words && shape.different < 0.2;
        let signs = shape.visible >= limits.signs && shape.signs > 0.8;
        let spam = self.score.score(&looked.features(author)) >= limits.spam;
        let all = [
            (severe, Reason::Severe),
            (echo, Reason::Echo),
            (capitals, Reason::Capitals),
            (repetition, Reason::Repetition),
            (signs, Reason::Signs),
            (spam, Reason::Spam),
        ];
        all.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect()
    }
}

/// What a level holds. Lower limits hold more spam and more that is none.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// The spam score.
    spam: f32,
    /// Others who just said the same.
    others: u32,
    /// Letters of a text in capitals.
    capitals: usize,
    /// The same character in a row.
    run: usize,
    /// Words, of which less than a fifth are different.
    same_words: usize,
    /// Characters of a text in signs and emoji.
    signs: usize,
}

impl Limits {
    /// `None` where nothing is guessed.
    fn of(level: FilterLevel) -> Option<Self> {
        const NEVER: usize = usize::MAX;
        match level {
            FilterLevel::Off => None,
            FilterLevel::Low => Some(Self {
                spam: weights::LOW,
                others: 6,
                capitals: NEVER,
                run: NEVER,
                same_words: NEVER,
                signs: NEVER,
            }),
            FilterLevel::Medium => Some(Self {
                spam: weights::MEDIUM,
                others: 4,
                capitals: 200,
                run: 80,
                same_words: 60,
                signs: 200,
            }),
            FilterLevel::High => Some(Self {
                spam: weights::HIGH,
                others: 2,
                capitals: 40,
                run: 20,
                same_words: 20,
                signs: 60,
            }),
        }
    }
}

/// A message after everything was looked for.
struct Looked<'a> {
    reading: Reading<'a>,
    found: Found,
    /// But for those that the stream allows.
    links: Vec<Link>,
    echo: Echo,
}

impl Looked<'_> {
    fn features(&self, author: &Author) -> Features {
        Features::new(&self.reading, &self.links, author, self.echo)
    }
}

#[cfg(test)]
mod tests;
