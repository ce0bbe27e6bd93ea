//! What can go wrong, as callers see it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// A recorder cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The folder of the spool is of no use.
    #[error("the spool {path} cannot be used")]
    Spool {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The settings of the object store are of no use.
    #[error("the object store cannot be used")]
    Store(#[source] StoreError),
    /// A time that must not be.
    #[error("{what} must be between {least} ms and {most} ms")]
    Duration {
        /// Which one.
        what: &'static str,
        /// The shortest that is of use.
        least: u64,
        /// The longest.
        most: u64,
    },
}

/// The object store did not do what it was asked for.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is no such object.
    #[error("there is no object {key}")]
    Missing {
        /// Its name.
        key: String,
    },
    /// A name that is none.
    #[error("{name} cannot be the name of an object")]
    Name {
        /// The name.
        name: String,
    },
    /// A range that the object does not have.
    #[error("the object has no such range")]
    Range {
        /// Its length.
        size: u64,
    },
    /// A file of this machine.
    #[error("a file cannot be read or written")]
    File(#[source] io::Error),
    /// The store refused, or is away.
    #[error("the object store refused")]
    Refused(#[source] object_store::Error),
    /// What the store has is not what was put there.
    #[error("the index of the recording cannot be read")]
    Index(#[source] serde_json::Error),
}

/// Why a playlist or a file is not given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HlsRefusal {
    /// Nothing can be watched yet, or no longer.
    #[error("there is nothing to watch yet")]
    NotLive,
    /// There are pictures, but coded so that browsers do not play them from files.
    #[error("this codec is not offered over HLS")]
    CodecUnsupported,
    /// There is no such rendition or file, or it is kept no longer.
    #[error("there is no such playlist or segment")]
    Unknown,
    /// The parameters make no sense.
    #[error("the playlist is asked for in a way that makes no sense")]
    Absurd,
    /// What was waited for did not come in time.
    #[error("the segment did not come in time")]
    TooLate,
    /// The object store is away.
    #[error("the store of recordings is away")]
    Away,
    /// The file has no such range.
    #[error("the file has no such range")]
    Range {
        /// Its length.
        size: u64,
    },
}
