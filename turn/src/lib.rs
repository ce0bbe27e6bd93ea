//! A TURN server: threads, sockets and streams around what `sluice-turn-proto` decides.
//!
//! ```text
//!  UDP clients ──▶ worker threads (SO_REUSEPORT; one Server each) ──▶ relay sockets ──▶ peers
//!                     ▲    │                                 │
//!  TCP, TLS ─▶ stream ┘    └▶ answers, what peers say        └──▶ Media: this node's own media port,
//!   (a task each, by mail)                                         without a socket on the way
//! ```
//!
//! A client's datagrams always reach the same worker, because the kernel picks it by their addresses; a
//! stream is given to one. So no worker asks another anything while it relays, and what they share (quotas,
//! ports that are kept) is locked only when an allocation begins or ends.

mod config;
mod credentials;
mod gather;
mod listen;
mod mailbox;
mod media;
mod metrics;
mod relays;
mod socket;
mod stream;
mod turn;
mod worker;

pub use config::{StartError, TurnConfig};
pub use credentials::Credentials;
pub use media::Media;
pub use turn::Turn;
