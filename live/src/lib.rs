//! The life of a broadcast: who may publish and watch, and what is live now.
//!
//! ```text
//!  signaling, api ──▶ Live ──▶ access (credential ─▶ Grant)
//!                      │
//!                      ├──▶ state, lifecycle (sans-IO tables) ◀── run ◀── SfuEvent
//!                      │            │
//!                      └────────────┴── Effect ──▶ Sfu
//! ```
//!
//! This is the only crate that says "may" and "now". It knows no HTTP header and no status code,
//! and it never waits for the media plane with its tables locked.

mod access;
mod broadcast;
mod config;
mod description;
mod directory;
mod error;
mod events;
mod lifecycle;
mod live;
mod metrics;
mod run;
mod session;
mod state;

pub use access::Credential;
pub use broadcast::BroadcastStatus;
pub use config::{LiveConfig, StreamConfig, StreamsError};
pub use directory::StreamStatus;
pub use error::LiveError;
pub use events::{EventKind, EventStreamId, Reconnect, ViewerEvent, ViewerEvents};
pub use live::Live;
pub use session::{End, Opened, Restarted, SessionInfo};
pub use sluice_sfu::{IceFragment, RestartAnswer, SfuError, WatchOptions};
