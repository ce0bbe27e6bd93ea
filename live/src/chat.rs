//! Chats: one a stream, open whether or not the stream is live.
//!
//! ```text
//!  /ws ── ChatSocket ──┐                     ┌── judging ── filter (a thread that may block)
//!  Sfu ── channel ─────┼─▶ task (one a chat) ┼── people ─── database
//!  API ── Chats ───────┘    └ state, sans-IO └── unwritten ─▶ scribe ─▶ database
//!        ◀── Line, written once ──┘
//! ```
//!
//! The task of a chat is the one place where it has an order: it takes in what members ask for, gives ids, and
//! tells everybody. It never waits for the database, for the filter or for a member.

mod channel;
mod chats;
mod command;
mod effect;
pub mod filter;
mod judging;
mod line;
mod loading;
mod order;
mod people;
mod person;
mod rates;
mod reading;
mod record;
mod refusal;
mod ring;
pub(crate) mod scribe;
mod socket;
mod state;
mod table;
mod task;
mod text;
mod unwritten;

use sluice_domain::ProblemCode;

pub use chats::{ChatStatus, Chats};
pub use line::Line;
pub use reading::read;
pub use refusal::ChatRefusal;
pub use socket::{ChatSocket, Heard, Joining, StreamRef};
pub(crate) use table::ChatTable;

use crate::error::LiveError;

/// What a member is told whose right to be there is gone.
pub(crate) fn fallen() -> ChatRefusal {
    ChatRefusal::new(ProblemCode::Forbidden, "You may not be in this chat any more.")
}

/// A refusal of `live` as members are told it.
pub(crate) fn refusal_of(error: &LiveError) -> ChatRefusal {
    use ProblemCode as Code;
    let code = match error {
        LiveError::Chat(refusal) => return refusal.clone(),
        LiveError::UnknownStream => Code::UnknownStream,
        LiveError::Unauthorized | LiveError::SignInRequired => Code::SignInRequired,
        LiveError::Expired => Code::TokenExpired,
        LiveError::AccountDisabled => Code::AccountDisabled,
        LiveError::FollowRequired => Code::FollowRequired,
        LiveError::TierRequired { .. } => Code::TierRequired,
        LiveError::PasswordRequired => Code::PasswordRequired,
        LiveError::PasswordWrong => Code::PasswordWrong,
        LiveError::RateLimited { .. } => Code::RateLimited,
        LiveError::Unavailable => Code::Unavailable,
        LiveError::Full | LiveError::Draining => Code::Overloaded,
        LiveError::UnknownSession => Code::UnknownSession,
        _ => Code::Forbidden,
    };
    let text = error.to_string();
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let detail = format!("{first}{}.", letters.as_str());
    ChatRefusal { code, detail, retry_after: error.retry_after() }
}
