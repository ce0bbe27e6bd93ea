//! Taps to CMAF files, playlists and an object store.
//!
//! What a broadcast's tap brings becomes fragments of MP4, once: LL-HLS, HLS, DASH and recordings are
//! different texts over the same files. Nothing here knows where packets come from.
//!
//! ```text
//!   tap ─► session ─────────────────────────► entries ─┬─► live window ─► LL-HLS, HLS, DASH
//!          lane: frames, time line   (pure)            │
//!          segmenter: parts, segments                  └─► spool ─► object store ─► vod
//! ```
//!
//! The upper line has no IO and no clock. The lower one may fail without the upper one noticing.

mod book;
mod cache;
mod config;
mod entry;
mod error;
mod keeper;
mod lane;
mod live;
mod metrics;
mod name;
mod recorder;
mod recording;
mod recover;
mod segmenter;
mod session;
mod spool;
mod store;
mod summary;
mod text;
mod texts;
mod timeline;
mod vod;
mod window;

pub use config::{RecorderConfig, S3Config, StoreConfig};
pub use error::{HlsRefusal, StartError, StoreError};
pub use live::{LiveWindow, Reload, Status, Still};
pub use name::{FileName, InvalidName, Rendition};
pub use recorder::{Recorder, RecorderEvent, Usage};
pub use recording::{Begin, FailReason, Taps};
pub use store::{ByteRange, Object};
pub use summary::{RenditionSummary, Summary};
pub use text::Text;
pub use vod::{SegmentFile, Trim, Vod};

#[cfg(test)]
mod testing;
