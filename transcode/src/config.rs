//! Settings of the ffmpeg workers.

use std::path::PathBuf;
use std::time::Duration;

/// Settings of the ffmpeg workers.
#[derive(Debug, Clone)]
pub struct TranscodeConfig {
    /// The program: a path, or a name to be looked up in `PATH`.
    pub ffmpeg: PathBuf,
    /// Long jobs at once. More finishes recordings sooner, fewer leaves the processors to live media.
    pub concurrency: usize,
    /// Threads of one ffmpeg.
    pub threads: usize,
    /// How much ffmpeg stands back behind live media: 0 not at all, 19 the most.
    pub nice: i32,
    /// Where temporary files go. Best on the same disk as the recordings.
    pub folder: PathBuf,
    /// Bytes of a disk that no job may use up.
    pub free_space: u64,
    /// How long a job may take, besides what the length of its media allows it.
    pub limit: Duration,
}

impl Default for TranscodeConfig {
    fn default() -> Self {
        Self {
            ffmpeg: PathBuf::from("ffmpeg"),
            concurrency: 1,
            threads: 1,
            nice: 10,
            folder: std::env::temp_dir(),
            free_space: 256 << 20,
            limit: Duration::from_secs(60),
        }
    }
}
