//! The life of a broadcast: who may publish and watch, and what is live now.
//!
//! ```text
//!  signaling, api ──▶ Live ──▶ access (credential ─▶ Grant) ──▶ store, accounts
//!                      │            ▲
//!                      │         watchdog (does every Grant still stand?)
//!                      │            ▼
//!                      ├──▶ chat (one task a chat) ──▶ ledger of its own ──▶ store
//!                      │
//!                      ├──▶ state, lifecycle (sans-IO tables) ◀── run ◀── SfuEvent
//!                      │      │     │    └── news ──▶ who listens
//!                      │      │     └── ledger ──▶ scribe ──▶ store
//!                      └──────┴── Effect ──▶ Sfu
//! ```
//!
//! This is the only crate that says "may" and "now". It knows no HTTP header and no status code,
//! and it never waits for the media plane with its tables locked.

mod access;
mod asking;
mod broadcast;
pub mod chat;
mod config;
mod description;
mod directory;
mod error;
mod events;
mod identity;
mod ledger;
mod lifecycle;
mod live;
mod metrics;
mod news;
mod playing;
mod probing;
mod recordings;
mod revocation;
mod run;
mod scribe;
mod seats;
mod session;
mod state;
mod tally;
mod telling;
mod watchdog;

pub use access::{Credential, is_key_text};
pub use broadcast::{BroadcastStatus, EndReason};
pub use chat::filter;
pub use chat::{ChatRefusal, ChatSocket, ChatStatus, Chats};
pub use config::LiveConfig;
pub use directory::StreamStatus;
pub use error::LiveError;
pub use events::{EventKind, EventStreamId, Reconnect, ViewerEvent, ViewerEvents};
pub use identity::watched;
pub use live::Live;
pub use news::{Interest, Listener, Lost, Notice, NoticeEvent, StreamOf, Topic};
pub use playing::Replay;
pub use recordings::rights::{may_download, sees_recording};
pub use recordings::{CONVERTED, Converted, Download, RecorderHealth, RecordingConfig, RunningRecording};
pub use revocation::Fallen;
pub use session::{End, Opened, Restarted, SessionInfo};
pub use sluice_accounts::Identity;
pub use sluice_recorder::{HlsRefusal, LiveWindow, Object, Reload, Vod};
pub use sluice_sfu::{IceFragment, RestartAnswer, SfuError, WatchOptions, has_only_channel};
pub use telling::is_listed;
