//! A decision already made: who may do what on which stream, until when.

use crate::id::StreamName;
use crate::time::MediaTime;

/// What a Grant allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Send media into the stream's broadcast.
    Publish,
    /// Receive the stream's broadcast.
    Watch,
}

/// Made by `live` from a key, a token or an account; obeyed by everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The stream it is for.
    pub stream: StreamName,
    /// What it allows.
    pub action: Action,
    /// Who holds it, as an opaque id (a key id, an account id). Two grants with the same subject
    /// belong to the same holder: a reconnecting publisher takes its broadcast over at once.
    pub subject: String,
    /// When it ends; `None` is until revoked.
    pub expires: Option<MediaTime>,
}
