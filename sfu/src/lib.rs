//! Threads and sockets around the engine.
//!
//! ```text
//!  live ──call──▶ Sfu (handle) ──mailbox──▶ worker, one a core ── engine::Shard ── UDP socket
//!       ◀─────────SfuEvent────────────────────┘      ▲   strays and relays: mailbox of another worker
//! ```
//!
//! A [`Tap`] brings the packets of a broadcast to who is not a viewer, through a queue that takes no more
//! when it is full.
//!
//! Every worker opens the same UDP port with `SO_REUSEPORT`; the first character of a peer's ICE
//! user name names the worker that owns it, so a datagram that the kernel hands to another worker
//! finds its owner without a shared table. This crate knows no account, token, SQL or HTTP.

mod address;
mod chat;
pub mod config;
mod handle;
mod load;
mod mailbox;
mod metrics;
mod socket;
mod tap;
mod worker;

pub use chat::Unplaced;
pub use config::{SfuConfig, StartError};
pub use handle::{Accepted, Sfu};
pub use sluice_sfu_engine::{
    ChatInput, ChatOrder, CloseReason, EngineConfig, IceFragment, IceMode, MAX_TOLD_BYTES, MemberId,
    RestartAnswer, SfuError, SfuEvent, WatchOptions, sdp::has_only_channel,
};
pub use tap::{KeyFrames, Tap, TapStream};
