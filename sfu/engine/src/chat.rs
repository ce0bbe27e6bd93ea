//! Chat as the engine sees it: texts that members write on their data channel `sluice-chat`, and texts that
//! go to them. What a text says is the business of `live`; the engine carries it, keeps the order, and holds
//! off who sends too much or reads too little.
//!
//! ```text
//!  member ── text ──▶ guard ── SfuEvent::Chat ──▶ live
//!         ◀─ turn ─── log of the chat, queue of the member ◀── ChatOrder ──
//! ```

mod guard;
mod log;
mod member;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use sluice_domain::chat::ChatEvent;
use sluice_domain::{MediaTime, PeerId, ProblemCode, StreamId};

pub use guard::{Guard, Verdict};
pub use log::Chat;
pub use member::{Member, Next, Seat};

/// Longest text that a member is told. It is what the data channels of all known implementations take at
/// once (RFC 8841 §6.1 has 64 KiB where nothing is said); longer ones are dropped.
pub const MAX_TOLD_BYTES: usize = 60 * 1024;

/// Bytes that wait in the data channel of a member at most. More survives longer outages, less costs less
/// memory for members who do not read.
pub const MAX_BUFFERED_BYTES: usize = 128 * 1024;

/// Texts that wait for a member at most when those [`MAX_BUFFERED_BYTES`] are used up; one more and it is cut.
pub const MAX_WAITING: usize = 256;

/// A member of a chat: one opening of a peer's channel. A peer that opens its channel again is another
/// member, so that nothing that was said to the one reaches the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId {
    /// Whose channel.
    pub peer: PeerId,
    /// How often it was opened before.
    pub opening: u32,
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.peer, self.opening)
    }
}

/// What a member does.
#[derive(Debug, Clone, PartialEq)]
pub enum ChatInput {
    /// It opened its channel. It gets nothing but what it is told until it is admitted.
    Opened,
    /// It wrote something.
    Said {
        /// What: at most [`MAX_CHAT_BYTES`](sluice_domain::chat::MAX_CHAT_BYTES), JSON or not.
        text: String,
        /// Capture time of the newest picture that was sent to it; of a publisher the time of arrival.
        media_time: Option<MediaTime>,
    },
    /// Its channel is closed, by whomever. Nothing follows, and each `Opened` is followed by one of these,
    /// before the peer's own end.
    Closed {
        /// It did not read what it was sent, or wrote far too much.
        cut: bool,
    },
}

/// What the engine is to do about chats. Carried out in the order of the calls; a member gets what it is told
/// and what is said to all in that order, too.
#[derive(Debug, Clone)]
pub enum ChatOrder {
    /// Says something to all who are admitted to a chat by then.
    Say {
        /// Which chat.
        chat: StreamId,
        /// What: at most [`MAX_TOLD_BYTES`].
        text: Arc<str>,
    },
    /// Tells one member something, admitted or not.
    Tell {
        /// Whom.
        member: MemberId,
        /// What: at most [`MAX_TOLD_BYTES`].
        text: Arc<str>,
    },
    /// From now on a member gets what is said to all.
    Admit {
        /// Whom.
        member: MemberId,
    },
    /// From now on a member does not get what is said to all. Its channel stays open.
    Dismiss {
        /// Whom.
        member: MemberId,
    },
    /// What a member says or reacts is answered with `chat_timed_out` until then; `None` ends it. Forgotten
    /// when the channel closes.
    Silence {
        /// Whom.
        member: MemberId,
        /// Until when.
        until: Option<Instant>,
    },
    /// Says farewell to a member behind all that waits for it, and closes its channel. Its media goes on.
    Cut {
        /// Whom.
        member: MemberId,
        /// The last it hears.
        farewell: Arc<str>,
    },
}

impl ChatOrder {
    /// Whom it is about, if not everybody.
    pub const fn member(&self) -> Option<MemberId> {
        match self {
            Self::Say { .. } => None,
            Self::Tell { member, .. }
            | Self::Admit { member }
            | Self::Dismiss { member }
            | Self::Silence { member, .. }
            | Self::Cut { member, .. } => Some(*member),
        }
    }
}

/// An answer to a request that the engine refuses by itself.
pub(crate) fn refusal(
    code: ProblemCode,
    detail: &str,
    r#ref: Option<String>,
    retry_after: Option<u32>,
) -> Arc<str> {
    text(&ChatEvent::Error { r#ref, code, detail: detail.to_owned(), retry_after })
}

/// The last words to a member that the engine puts out by itself.
pub(crate) fn farewell(code: ProblemCode, detail: &str) -> Arc<str> {
    text(&ChatEvent::Bye { code, detail: detail.to_owned() })
}

fn text(event: &ChatEvent) -> Arc<str> {
    serde_json::to_string(event).expect("chat events are plain data").into()
}
