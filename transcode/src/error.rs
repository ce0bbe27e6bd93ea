//! Why a job failed.

use std::io;
use std::time::Duration;

use thiserror::Error;

/// Why a job failed.
#[derive(Debug, Error)]
pub enum TranscodeError {
    /// There is no ffmpeg.
    #[error("there is no ffmpeg; install it or set transcode.ffmpeg")]
    Unavailable,
    /// This ffmpeg lacks an encoder.
    #[error("this ffmpeg cannot encode {0}")]
    NoEncoder(&'static str),
    /// ffmpeg took too long and was ended.
    #[error("ffmpeg took longer than {} s and was ended", .after.as_secs())]
    TimedOut {
        /// How long it could take.
        after: Duration,
    },
    /// ffmpeg could not do it.
    #[error("ffmpeg failed ({status}): {said}")]
    Failed {
        /// How it ended.
        status: String,
        /// The last lines that it wrote.
        said: String,
    },
    /// The disk has no room.
    #[error("the disk is full")]
    DiskFull,
    /// There is nothing to make it of.
    #[error("there is no {0} to make it of")]
    Nothing(&'static str),
    /// What ffmpeg made is not what it should be.
    #[error("ffmpeg made something else: {0}")]
    NotWhole(&'static str),
    /// A file could not be read or written.
    #[error("{what} failed")]
    Files {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl TranscodeError {
    /// The error of something that was tried with files.
    pub(crate) fn files(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Files { what, source },
        }
    }

    /// A word for metrics.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Unavailable | Self::NoEncoder(_) => "unavailable",
            Self::TimedOut { .. } => "timed_out",
            Self::Failed { .. } | Self::NotWhole(_) => "failed",
            Self::DiskFull => "disk_full",
            Self::Nothing(_) => "nothing",
            Self::Files { .. } => "files",
        }
    }
}
