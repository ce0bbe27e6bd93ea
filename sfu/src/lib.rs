//! Threads and sockets around the engine.
//!
//! ```text
//!  live ──Command──▶ handle ──mailbox──▶ worker (one a core) ── engine::Shard ── UDP socket
//!       ◀──SfuEvent─────────────────────┘
//! ```
//!
//! This crate knows no account, token, SQL or HTTP. It is told what to do and does it.

pub mod api;

pub use api::{Accepted, CloseReason, IceFragment, RestartAnswer, SfuError, SfuEvent, WatchOptions};
