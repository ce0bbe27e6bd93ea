//! What a recorder is told at its start.

use std::path::PathBuf;
use std::time::Duration;

use sluice_domain::Redacted;

/// Settings of a recorder.
#[derive(Debug, Clone)]
pub struct RecorderConfig {
    /// Folder for recordings on their way, on a disk of this machine.
    pub spool: PathBuf,
    /// Where finished files are kept.
    pub store: StoreConfig,
    /// How long segments should be. Longer ones compress better; a player that does not know parts is three of
    /// them behind.
    pub segment: Duration,
    /// How long parts should be. Longer ones are more latency, shorter ones more requests.
    pub part: Duration,
    /// How far viewers can go back while a broadcast is live.
    pub rewind: Duration,
    /// Bytes that stay free on the disk of the spool: below them recordings end.
    pub free_space: u64,
    /// How long a live window stays readable after its broadcast, for viewers who are behind.
    pub linger: Duration,
    /// Longest wait before an upload that failed is tried again.
    pub retry: Duration,
    /// Bytes of files that are kept in memory for requests.
    pub cache: u64,
}

impl RecorderConfig {
    /// The usual settings.
    pub fn new(spool: PathBuf, store: StoreConfig) -> Self {
        Self {
            spool,
            store,
            segment: Duration::from_secs(4),
            part: Duration::from_millis(333),
            rewind: Duration::from_secs(1800),
            free_space: 1 << 30,
            linger: Duration::from_secs(60),
            retry: Duration::from_secs(30),
            cache: 64 << 20,
        }
    }
}

/// Where finished files are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreConfig {
    /// In a folder. On the disk of the spool, files are moved and not copied.
    Local(PathBuf),
    /// In a bucket of S3, or of what speaks like it.
    S3(S3Config),
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Config {
    /// URL of the service; `None` for Amazon's.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: String,
    /// Its name.
    pub bucket: String,
    /// What all keys begin with; may be empty.
    pub prefix: String,
    /// Who we are.
    pub access_key: String,
    /// How we prove it.
    pub secret_key: Redacted<String>,
}
