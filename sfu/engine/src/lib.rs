//! Everything the SFU decides, and nothing it does.
//!
//! The engine is sans-IO: datagrams, commands and the time come in as arguments, datagrams and
//! events come out of [`Shard::poll_output`]. A whole SFU with a lossy network runs in one test
//! thread on simulated time.
//!
//! ```text
//!              ┌─────────────────────────────── Shard ───────────────────────────────┐
//! datagram ───▶ packets ─▶ peer (str0m) ─▶ publisher ─▶ fan ─▶ viewer ─▶ egress ────────▶ datagram
//! command  ───▶ peer, broadcast, chat                                                │
//! timeout  ───▶ peer, broadcast (key frames, layers, control messages)               │
//!              └─────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! It knows no account, HTTP or socket. Bytes of peers may cause errors, never panics.

pub mod broadcast;
pub mod budget;
pub mod cache;
pub mod candidate;
pub mod chat;
pub mod clock;
pub mod command;
pub mod config;
pub mod control;
pub mod counts;
mod dtls;
pub mod echo;
pub mod egress;
pub mod error;
pub mod estimator;
pub mod event;
pub mod extension;
pub mod fan;
pub mod framing;
pub mod history;
pub mod keyframe;
pub mod layer;
pub mod negotiate;
pub mod packet;
pub mod path;
pub mod peer;
mod prefetch;
pub mod publisher;
pub mod relay;
pub mod rtcp;
pub mod sdp;
pub mod shard;
pub mod shed;
pub mod stats;
pub mod stun;
pub mod tap;
pub mod viewer;

pub use candidate::Candidates;
pub use chat::{ChatInput, ChatOrder, MAX_TOLD_BYTES, MemberId};
pub use command::{Command, IceFragment, Reply, RestartAnswer, WatchOptions};
pub use config::{EngineConfig, IceMode};
pub use egress::Transmit;
pub use error::SfuError;
pub use event::{CloseReason, SfuEvent};
pub use negotiate::{Negotiator, Prepared, Role};
pub use path::{End, Path, Proto};
pub use relay::{Relay, WorkerId};
pub use shard::{Output, Shard};
pub use stats::ShardStats;
pub use tap::{TapId, TapNews, TapPacket};

#[cfg(test)]
mod testing;
