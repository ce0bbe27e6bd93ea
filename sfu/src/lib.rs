//! Threads and sockets around the engine.
//!
//! ```text
//!  live ──call──▶ Sfu (handle) ──mailbox──▶ worker, one a core ── engine::Shard ── UDP socket
//!       ◀─────────SfuEvent────────────────────┘      ▲   strays and relays: mailbox of another worker
//! ```
//!
//! Who cannot send UDP connects to the same number over TCP, and what the TURN server of this process relays
//! comes and goes without a socket between ([`Sfu::relayed`]).
//!
//! A [`Tap`] brings the packets of a broadcast to who is not a viewer, through a queue that takes no more
//! when it is full.
//!
//! Every worker opens the same port with `SO_REUSEPORT`; the first character of a peer's ICE
//! user name names the worker that owns it, so a datagram that the kernel hands to another worker
//! finds its owner without a shared table. This crate knows no account, token, SQL or HTTP.

mod address;
mod chat;
pub mod config;
mod handle;
mod link;
mod load;
mod mailbox;
mod metrics;
mod names;
mod socket;
mod strays;
mod tap;
mod tcp;
mod worker;

pub use address::candidates;
pub use chat::Unplaced;
pub use config::{SfuConfig, StartError};
pub use handle::{Accepted, Sfu};
pub use link::{Outlet, Relayed};
pub use sluice_sfu_engine::{
    ChatInput, ChatOrder, CloseReason, EngineConfig, IceFragment, IceMode, MAX_TOLD_BYTES, MemberId,
    RestartAnswer, SfuError, SfuEvent, WatchOptions, sdp::has_only_channel,
};
pub use tap::{KeyFrames, Tap, TapStream};
