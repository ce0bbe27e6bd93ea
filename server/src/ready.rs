//! The ready file: addresses and demo key for scripts and tests.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

/// What a script needs to know once everything listens.
#[derive(Debug, Serialize)]
pub(crate) struct Ready {
    /// Base URL of everything HTTP.
    pub http: String,
    /// Base URL of everything HTTPS, where there is a certificate.
    pub https: Option<String>,
    /// UDP port of all media.
    pub udp: u16,
    /// Port of the relay (TURN), by UDP and TCP.
    pub turn: Option<u16>,
    /// Base URL of metrics and health probes.
    pub internal: String,
    /// Where to publish: the demo stream's address, or the one that finds the stream by its key.
    pub whip: String,
    /// Where to watch the demo's stream.
    pub whep: Option<String>,
    /// The demo's stream.
    pub stream: Option<String>,
    /// Its first key.
    pub key: Option<String>,
    /// Process to send signals to.
    pub pid: u32,
}

impl Ready {
    /// Writes the file in one step, so that whoever sees it sees all of it. It holds a key, so
    /// only the owner may read it.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).context("the ready file cannot be written")?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = path.with_file_name(name);
        private(&temporary, text.as_bytes())
            .and_then(|()| fs::rename(&temporary, path))
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}

/// Writes a file that only its owner may read.
pub(crate) fn private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}
