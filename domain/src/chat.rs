//! Messages of the chat of a Stream: on the data channel `sluice-chat` and, with a `topic`, on `/ws`.
//!
//! JSON text, one object a message, tagged by `type`. The whole protocol with examples is in
//! `docs/spec/chat.md`. Members ignore events whose `type` they do not know, so that the server may be newer;
//! the server answers requests that it does not know with [`ChatEvent::Error`].

mod event;
mod message;
mod request;
mod settings;
mod term;

pub use event::{AckState, ChatEvent, Permissions, Presence, PresenceChange, Settled, You};
pub use message::{Badge, ChatAuthor, ChatMessage, EmoteSpan, MessageKind, Quote};
pub use request::{ChatRequest, ModerationRequest};
pub use settings::{ChatMode, ChatSettings, FilterLevel, LinkPolicy};
pub use term::{MAX_TERM, MAX_TERMS, Term, TermKind, TermOutcome};

/// Label of the data channel.
pub const CHAT_LABEL: &str = "sluice-chat";

/// Version of the protocol, said in `join` and `joined`.
pub const CHAT_VERSION: u16 = 1;

/// Longest message of a member that is read, in bytes: a text of 500 characters in four bytes each, escaped,
/// with its envelope. Longer ones are answered with an error and not read.
pub const MAX_CHAT_BYTES: usize = 8192;

/// Most characters (Unicode scalar values) of a text.
pub const MAX_CHAT_TEXT: usize = 500;

/// Most characters of a member's `ref`, by which it knows its own message again.
pub const MAX_CHAT_REF: usize = 64;
