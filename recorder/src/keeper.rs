//! Brings the files of a recording into the object store, and takes away what is there and not watched any more.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use object_store::path::Path;
use sluice_domain::RecordingId;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::entry::Entry;
use crate::error::StoreError;
use crate::live::Live;
use crate::metrics;
use crate::name::{FileName, Rendition};
use crate::spool;
use crate::store::Store;

/// The files of one recording on their way out of the spool.
#[derive(Debug)]
pub(crate) struct Keeper {
    recording: RecordingId,
    /// Whether files go to the store at all.
    keep: bool,
    store: Store,
    folder: PathBuf,
    retry: Duration,
    queue: Mutex<Queue>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    /// Written and not stored yet: as many as the spool has files.
    pending: VecDeque<(Rendition, FileName)>,
    /// Stored and still in the spool, since the live window reads them there.
    stored: BTreeSet<(u64, Rendition)>,
    /// Nothing more will be written.
    written: bool,
}

/// An object that is to be in the store.
struct What {
    key: Path,
    from: From,
}

enum From {
    Memory(Bytes),
    Spool(PathBuf),
}

impl Keeper {
    pub(crate) fn new(
        recording: RecordingId,
        keep: bool,
        store: Store,
        folder: PathBuf,
        retry: Duration,
    ) -> Self {
        Self { recording, keep, store, folder, retry, queue: Mutex::default(), wake: Notify::new() }
    }

    /// Looks for files that are complete now.
    pub(crate) fn wrote(&self, entries: &[(Entry, Bytes)]) {
        let mut queue = self.lock();
        for (entry, _) in entries {
            match entry {
                Entry::Init(init) => queue.add(init.rendition, FileName::Init(init.init)),
                Entry::Closed(closed) if !closed.gap => {
                    queue.add(closed.rendition, FileName::Segment(closed.segment));
                }
                Entry::Closed(_)
                | Entry::Begin(_)
                | Entry::Origin { .. }
                | Entry::Boundary { .. }
                | Entry::Part(_)
                | Entry::Lost { .. }
                | Entry::Ended { .. } => {}
            }
        }
        drop(queue);
        self.wake.notify_one();
    }

    /// Adds files that are complete.
    pub(crate) fn add(&self, files: impl IntoIterator<Item = (Rendition, FileName)>) {
        let mut queue = self.lock();
        for (rendition, name) in files {
            queue.add(rendition, name);
        }
        drop(queue);
        self.wake.notify_one();
    }

    /// Nothing more is written: [`Keeper::run`] ends with what it has.
    pub(crate) fn written(&self) {
        self.lock().written = true;
        self.wake.notify_one();
    }

    /// Stores file after file, until there is nothing more to come. `false`: told to stop before.
    pub(crate) async fn run(&self, live: Option<&Live>, stop: &CancellationToken) -> bool {
        loop {
            let next = {
                let mut queue = self.lock();
                let next = queue.pending.pop_front();
                if next.is_none() && queue.written {
                    return true;
                }
                next
            };
            match next {
                Some((rendition, name)) => {
                    let stored = self.store_file(rendition, name, stop).await;
                    metrics::pending(-1.0);
                    if !stored {
                        return false;
                    }
                }
                None => tokio::select! {
                    () = self.wake.notified() => {}
                    () = stop.cancelled() => return false,
                },
            }
            if let Some(live) = live {
                self.sweep(live.first()).await;
            }
        }
    }

    /// Puts the index there: with it the recording is whole.
    pub(crate) async fn store_index(&self, index: Bytes, stop: &CancellationToken) -> bool {
        let key = self.store.index(self.recording);
        self.insist(stop, &What { key, from: From::Memory(index) }).await
    }

    async fn store_file(&self, rendition: Rendition, name: FileName, stop: &CancellationToken) -> bool {
        if self.keep {
            let key = self.store.raw(self.recording, rendition, name);
            let from = From::Spool(spool::file(&self.folder, rendition, name));
            if !self.insist(stop, &What { key, from }).await {
                return false;
            }
            let folder = self.folder.clone();
            let noted =
                tokio::task::spawn_blocking(move || spool::note_stored(&folder, rendition, name)).await;
            if !matches!(noted, Ok(Ok(()))) {
                tracing::warn!(recording = %self.recording, "what is stored cannot be written down: it will be stored again after a restart");
            }
        }
        if let FileName::Segment(segment) = name {
            self.lock().stored.insert((segment, rendition));
        }
        true
    }

    /// Tries for ever: as long as the spool has the file, nothing is lost.
    async fn insist(&self, stop: &CancellationToken, what: &What) -> bool {
        let mut wait = FIRST_RETRY.min(self.retry);
        let mut tries = 0_u32;
        loop {
            let begun = Instant::now();
            let result = tokio::select! {
                result = self.put(what) => result,
                () = stop.cancelled() => return false,
            };
            let seconds = begun.elapsed().as_secs_f64();
            match result {
                Ok(()) => {
                    metrics::uploaded("stored", seconds);
                    if tries > 0 {
                        tracing::info!(key = %what.key, tries, "the store takes files again");
                    }
                    return true;
                }
                Err(error) => {
                    metrics::uploaded("failed", seconds);
                    tries += 1;
                    if tries == 1 || tries.is_multiple_of(20) {
                        let error = chain(&error);
                        tracing::warn!(key = %what.key, tries, error, "a file cannot be stored yet");
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stop.cancelled() => return false,
            }
            wait = (wait * 2).min(self.retry);
        }
    }

    async fn put(&self, what: &What) -> Result<(), StoreError> {
        match &what.from {
            From::Memory(bytes) => self.store.put(&what.key, bytes.clone()).await,
            From::Spool(path) => match self.store.put_file(&what.key, path).await {
                // What is not in the spool cannot come from there; its place is a gap for whoever asks.
                Err(StoreError::File(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
                result => result,
            },
        }
    }

    /// Deletes from the spool what is stored, or not to be kept, and older than the live window.
    async fn sweep(&self, first: u64) {
        let old: Vec<PathBuf> = {
            let mut queue = self.lock();
            let kept = queue.stored.split_off(&(first, Rendition::Video(0)));
            let old = std::mem::replace(&mut queue.stored, kept);
            old.into_iter().map(|(n, r)| spool::file(&self.folder, r, FileName::Segment(n))).collect()
        };
        if old.is_empty() {
            return;
        }
        let removed =
            tokio::task::spawn_blocking(move || old.iter().try_for_each(|path| spool::remove(path)));
        if !matches!(removed.await, Ok(Ok(()))) {
            tracing::warn!(recording = %self.recording, "a segment cannot be deleted from the spool");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn add(&mut self, rendition: Rendition, name: FileName) {
        self.pending.push_back((rendition, name));
        metrics::pending(1.0);
    }
}

/// An error with its causes, for logs.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// The first wait before a file is tried again; each one after it is twice as long.
const FIRST_RETRY: Duration = Duration::from_millis(500);
