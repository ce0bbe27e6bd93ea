//! The ffmpeg workers: pictures, downloads and codecs of recordings.
//!
//! ffmpeg runs as a supervised child process, so that what breaks it breaks nothing else.
//!
//! ```text
//!   still, storyboard, download, h264 ──▶ arguments ──▶ process: one ffmpeg, niced, with a time limit
//!        │                                                 │ gone with the future that waits for it
//!        └── source: segments as a playlist of links       └── last lines of what it said, in the error
//! ```
//!
//! Everything goes by files: jobs read what is given as paths, write beside their target, and rename what
//! is whole. Where there is no ffmpeg, [`Transcode::available`] is false and every job says so.

mod check;
mod config;
mod download;
mod error;
mod h264;
mod jpeg;
mod process;
mod source;
mod still;
mod storyboard;

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::sync::Semaphore;

pub use config::TranscodeConfig;
pub use download::Trim;
pub use error::TranscodeError;
pub use h264::{Made, Rendition};
pub use process::{Probe, probe};
pub use source::{Segment, Source};
pub use storyboard::{Grid, Storyboard};

/// The ffmpeg workers of this node. Clones share them.
#[derive(Debug, Clone)]
pub struct Transcode(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: TranscodeConfig,
    probe: Option<Probe>,
    /// Jobs that may take long.
    heavy: Semaphore,
    /// Jobs of one picture, which do not wait for those.
    light: Semaphore,
}

impl Transcode {
    /// Finds out whether ffmpeg is there, and what it can do.
    pub async fn start(config: TranscodeConfig) -> Self {
        let probe = process::probe(&config).await;
        let heavy = Semaphore::new(config.concurrency.max(1));
        Self(Arc::new(Inner { config, probe, heavy, light: Semaphore::new(1) }))
    }

    /// Whether there is an ffmpeg that answers.
    pub fn available(&self) -> bool {
        self.0.probe.is_some()
    }

    /// What ffmpeg says of itself.
    pub fn version(&self) -> Option<&str> {
        self.0.probe.as_ref().map(|probe| probe.version.as_str())
    }

    /// Whether this ffmpeg can encode H.264.
    pub fn encodes_h264(&self) -> bool {
        self.0.probe.as_ref().is_some_and(|probe| probe.h264.is_some())
    }

    /// The encoder of H.264.
    fn encoder(&self) -> Result<&'static str, TranscodeError> {
        let probe = self.0.probe.as_ref().ok_or(TranscodeError::Unavailable)?;
        probe.h264.ok_or(TranscodeError::NoEncoder("H.264"))
    }

    /// A folder for the files of one job, gone with it.
    fn folder(&self) -> Result<TempDir, TranscodeError> {
        let within = &self.0.config.folder;
        let made = std::fs::create_dir_all(within)
            .and_then(|()| tempfile::Builder::new().prefix("transcode-").tempdir_in(within));
        made.map_err(TranscodeError::files("making a folder for temporary files"))
    }

    /// Refuses where the disk of a folder has no room for this much.
    fn room(&self, folder: &Path, bytes: u64) -> Result<(), TranscodeError> {
        let disk = rustix::fs::statvfs(folder)
            .map_err(|error| TranscodeError::files("looking at the free space of a disk")(error.into()))?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < bytes.saturating_add(self.0.config.free_space) {
            return Err(TranscodeError::DiskFull);
        }
        Ok(())
    }
}
