//! Starts what records: the recorder with its spool and store, and the ffmpeg workers.

use std::path::PathBuf;

use anyhow::{Context, Result};
use sluice_live::{Live, RecordingConfig};
use sluice_recorder::{Recorder, RecorderConfig, RecorderEvent, S3Config, StoreConfig};
use sluice_transcode::{Transcode, TranscodeConfig};
use tokio::sync::mpsc;
use tracing::warn;

use crate::config::{Config, RecordingStore};

/// A recorder that has started and waits for what is live.
pub(crate) struct Ready {
    recorder: Recorder,
    events: mpsc::Receiver<RecorderEvent>,
    transcode: TranscodeConfig,
    settings: RecordingConfig,
}

/// Opens the spool and the store, unless the configuration says that nothing is recorded.
pub(crate) fn open(config: &Config) -> Result<Option<Ready>> {
    if !config.recorder.enabled {
        return Ok(None);
    }
    let (recorder, events) = Recorder::start(recorder(config)?)
        .context("the recorder cannot start; see `[recorder]` in the configuration, or turn it off there")?;
    // What a process that was killed left there is of no use to this one.
    if let Err(error) = std::fs::remove_dir_all(scratch(config))
        && error.kind() != std::io::ErrorKind::NotFound
    {
        warn!(%error, "old temporary files could not be removed");
    }
    let settings = RecordingConfig {
        thumbnails: config.recorder.thumbnails.0,
        undo: config.recorder.undo.0,
        scratch: scratch(config),
    };
    Ok(Some(Ready { recorder, events, transcode: transcode(config), settings }))
}

impl Ready {
    /// Records what is live from now on. Asks ffmpeg what it can do before, which may take seconds: nobody else
    /// has to wait for that.
    pub(crate) async fn run(self, live: Live) {
        let Self { recorder, events, transcode, settings } = self;
        let program = transcode.ffmpeg.clone();
        let transcode = Transcode::start(transcode).await;
        if !transcode.available() {
            warn!(
                ffmpeg = %program.display(),
                "there is no ffmpeg: recordings have no pictures and no downloads"
            );
        }
        live.record(recorder, events, transcode, settings);
    }
}

fn recorder(config: &Config) -> Result<RecorderConfig> {
    let recorder = &config.recorder;
    let within =
        |path: &Option<PathBuf>, name| path.clone().unwrap_or_else(|| config.server.data_dir.join(name));
    let store = match recorder.store {
        RecordingStore::Local => StoreConfig::Local(within(&recorder.directory, "recordings")),
        RecordingStore::S3 => StoreConfig::S3(s3(config)?),
    };
    Ok(RecorderConfig {
        segment: recorder.segment.0,
        part: recorder.part.0,
        rewind: recorder.window.0,
        free_space: recorder.free_space.0,
        ..RecorderConfig::new(within(&recorder.spool, "spool"), store)
    })
}

fn s3(config: &Config) -> Result<S3Config> {
    let recorder = &config.recorder;
    let needed = |key: &'static str| move || format!("`recorder.{key}` is needed with \"s3\"");
    let access_key = recorder.s3_access_key.as_ref().with_context(needed("s3_access_key"))?;
    let secret_key = recorder.s3_secret_key.as_ref().with_context(needed("s3_secret_key"))?;
    Ok(S3Config {
        endpoint: recorder.s3_endpoint.clone(),
        region: recorder.s3_region.clone(),
        bucket: recorder.s3_bucket.clone().with_context(needed("s3_bucket"))?,
        prefix: recorder.s3_prefix.clone(),
        access_key: access_key.0.expose().clone(),
        secret_key: secret_key.0.clone(),
    })
}

/// Settings of the ffmpeg workers.
pub(crate) fn transcode(config: &Config) -> TranscodeConfig {
    TranscodeConfig {
        ffmpeg: config.transcode.ffmpeg.clone(),
        concurrency: usize::from(config.transcode.jobs),
        folder: scratch(config),
        limit: config.transcode.timeout.0,
        ..TranscodeConfig::default()
    }
}

/// Where files are that are needed for a while: on the disk of the data, which has room for recordings.
fn scratch(config: &Config) -> PathBuf {
    config.server.data_dir.join("scratch")
}
