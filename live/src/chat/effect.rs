//! What the state of a chat asks its task to do.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_domain::chat::ChatEvent;
use sluice_domain::{AccountId, ChatMessageId, MediaTime};
use tokio::sync::mpsc;

use super::line::Line;
use super::person::{MemberId, Target, Whom};
use super::record::Entry;
use crate::news::NoticeEvent;

/// Now, on both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) at: Instant,
    pub(crate) clock: MediaTime,
}

impl Moment {
    /// UTC in milliseconds.
    pub(crate) fn ms(self) -> i64 {
        self.clock.0.div_euclid(1000)
    }
}

/// Something for the task to do, in this order.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Tells every member.
    Say(Arc<Line>),
    /// Tells one.
    Tell(MemberId, Arc<Line>),
    /// From now on this member hears what is said to all.
    Admit(MemberId),
    /// Puts a member out, with these words.
    Cut(MemberId, Arc<Line>),
    /// The media plane may answer for the chat until then, because this member is silenced.
    Silence(MemberId, Option<Instant>),
    /// Asks the filter about a text; the answer comes back with the ticket.
    Judge(u64, Box<Candidate>),
    /// The filter has to be made anew, because settings have changed.
    Refilter,
    /// Asks the database; the answer comes back with the ticket.
    LookUp(u64, Question),
    /// To write down.
    Record(Entry),
    /// News for those who listen on `/ws`.
    Notice(NoticeEvent),
    /// To do when everything else is done: whoever asked then finds written down what came of it.
    Finally(Finally),
}

/// An answer to whoever called.
pub(crate) struct Finally(pub(crate) Box<dyn FnOnce() + Send>);

impl fmt::Debug for Finally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Finally")
    }
}

/// A text that the filter looks at, and what it may know of who wrote it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) text: String,
    pub(crate) account: Option<AccountId>,
    /// Tells guests apart.
    pub(crate) guest: u64,
    /// How long there has been the account.
    pub(crate) account_age: Option<Duration>,
    pub(crate) follows: bool,
    pub(crate) is_bot: bool,
    pub(crate) messages_here: u32,
}

/// What the filter says of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judgement {
    Pass,
    Hold(Vec<String>),
    Refuse(String),
}

/// What the database is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    /// Who is this?
    Who(Whom),
    /// What is this message?
    Message(ChatMessageId),
    /// Does this account follow the owner, and what has it paid for?
    Standing(AccountId),
    /// Who are these moderators?
    Names(Vec<AccountId>),
    /// Older messages than this one.
    Before(ChatMessageId, usize),
}

/// What it answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    Who(Option<Target>),
    Message(Option<Box<sluice_domain::chat::ChatMessage>>),
    Standing {
        follows_since: Option<i64>,
        tier: sluice_domain::Tier,
    },
    Names(Vec<String>),
    Before {
        messages: Vec<sluice_domain::chat::ChatMessage>,
        more: bool,
    },
    /// The database is away.
    Unavailable,
}

/// What one connection is told at once, in order.
pub(crate) type Parcel = Arc<[Arc<Line>]>;

/// The way to a member.
#[derive(Debug, Clone)]
pub(crate) enum Outlet {
    /// A WebSocket, and whether it lost its place because it did not read.
    Socket { queue: mpsc::Sender<Parcel>, lost: Arc<std::sync::atomic::AtomicBool> },
    /// A data channel.
    Peer(sluice_sfu::MemberId),
}

/// Whether an event is the last that a member hears.
pub(crate) const fn is_last(event: &ChatEvent) -> bool {
    matches!(event, ChatEvent::Bye { .. })
}
