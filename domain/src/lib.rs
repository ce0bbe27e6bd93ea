//! The words of Sluice as types.
//!
//! This crate is pure: no IO, no clock, no threads, no randomness. Every other crate of the
//! workspace may depend on it and it depends on none of them, so a word means the same thing
//! in the engine, in the HTTP routers and (through generated TypeScript) in the web app.

pub mod codec;
pub mod control;
pub mod grant;
pub mod id;
pub mod layer;
pub mod problem;
pub mod redact;
pub mod time;

pub use codec::{Codec, MediaKind};
pub use grant::{Action, Grant};
pub use id::{BroadcastId, PeerId, SessionId, StreamName};
pub use layer::{LayerInfo, LayerSelection};
pub use problem::ProblemCode;
pub use redact::Redacted;
pub use time::MediaTime;
