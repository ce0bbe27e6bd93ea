//! A recording on the disk of this machine, while it is made.
//!
//! ```text
//!   {spool}/{recording}/index.jsonl          what happened, one entry a line, only ever appended to
//!                      /stored               what is in the object store already, one file a line
//!                      /v0/init-0.mp4  seg-0.m4s  seg-1.m4s …
//! ```
//!
//! Bytes are written before the line that names them. So whenever the process is killed, every line that ends
//! with a line end is true, and what is behind it is at most a part that no line names yet.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sluice_domain::RecordingId;

use crate::entry::{Begun, Entry};
use crate::name::{FileName, Rendition};

/// The files of one recording.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
    journal: File,
    /// The segment that each rendition is in.
    open: BTreeMap<Rendition, (u64, File)>,
}

impl Spool {
    /// Makes the folder of a new recording.
    pub(crate) fn create(root: &Path, begun: &Begun) -> io::Result<Self> {
        let folder = folder(root, begun.recording);
        fs::create_dir_all(&folder)?;
        let journal = OpenOptions::new().create_new(true).append(true).open(folder.join(JOURNAL))?;
        let mut spool = Self { folder, journal, open: BTreeMap::new() };
        spool.write(&[(Entry::Begin(begun.clone()), Bytes::new())])?;
        Ok(spool)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes down what happened: the bytes, then the lines that name them.
    pub(crate) fn write(&mut self, entries: &[(Entry, Bytes)]) -> io::Result<()> {
        let mut lines = Vec::with_capacity(entries.len() * 160);
        let mut closed = false;
        for (entry, bytes) in entries {
            match entry {
                Entry::Init(init) => {
                    let path = self.path(init.rendition, FileName::Init(init.init))?;
                    fs::write(path, bytes)?;
                }
                Entry::Part(part) => self.segment(part.rendition, part.segment)?.write_all(bytes)?,
                Entry::Closed(done) => {
                    closed = true;
                    if let Some((_, file)) = self.open.remove(&done.rendition) {
                        // A machine that loses its power loses what is not on the disk, so lines come later.
                        file.sync_data()?;
                    }
                }
                Entry::Begin(_)
                | Entry::Origin { .. }
                | Entry::Boundary { .. }
                | Entry::Lost { .. }
                | Entry::Ended { .. } => {}
            }
            serde_json::to_writer(&mut lines, entry)?;
            lines.push(b'\n');
        }
        self.journal.write_all(&lines)?;
        if closed {
            self.journal.sync_data()?;
        }
        Ok(())
    }

    fn segment(&mut self, rendition: Rendition, segment: u64) -> io::Result<&mut File> {
        if self.open.get(&rendition).is_none_or(|(open, _)| *open != segment) {
            let path = self.path(rendition, FileName::Segment(segment))?;
            let file = OpenOptions::new().create(true).append(true).open(path)?;
            self.open.insert(rendition, (segment, file));
        }
        match self.open.get_mut(&rendition) {
            Some((_, file)) => Ok(file),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn path(&self, rendition: Rendition, name: FileName) -> io::Result<PathBuf> {
        let folder = self.folder.join(rendition.to_string());
        if !self.open.contains_key(&rendition) {
            fs::create_dir_all(&folder)?;
        }
        Ok(folder.join(name.to_string()))
    }
}

/// Where a recording is in the spool.
pub(crate) fn folder(root: &Path, recording: RecordingId) -> PathBuf {
    root.join(recording.to_string())
}

/// Where a file of a recording is.
pub(crate) fn file(folder: &Path, rendition: Rendition, name: FileName) -> PathBuf {
    folder.join(rendition.to_string()).join(name.to_string())
}

/// Deletes a file; one that is not there is deleted already.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Deletes a recording's folder.
pub(crate) fn remove_all(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Writes down that a file is in the object store.
pub(crate) fn note_stored(folder: &Path, rendition: Rendition, name: FileName) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join(STORED))?;
    file.write_all(format!("{rendition}/{name}\n").as_bytes())
}

/// Name of the journal.
pub(crate) const JOURNAL: &str = "index.jsonl";

/// Name of the list of what is in the object store.
pub(crate) const STORED: &str = "stored";
