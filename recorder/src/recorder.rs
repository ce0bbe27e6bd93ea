//! The recorder: all recordings of a node.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use sluice_domain::{BroadcastId, MediaTime, RecordingId};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::book::Book;
use crate::cache::Cache;
use crate::config::{RecorderConfig, StoreConfig};
use crate::entry::{Begun, FORM};
use crate::error::StartError;
use crate::keeper::{Keeper, chain};
use crate::live::{FileKey, Live, LiveWindow};
use crate::metrics;
use crate::recording::{self, Begin, FailReason, Taps};
use crate::recover;
use crate::spool::{self, Spool};
use crate::store::Store;
use crate::summary::Summary;

/// Records broadcasts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Recorder {
    pub(crate) shared: Arc<Shared>,
}

/// Something that happened to a recording.
#[derive(Debug, Clone, PartialEq)]
pub enum RecorderEvent {
    /// How far a recording is, every few seconds.
    Progress {
        /// Which.
        recording: RecordingId,
        /// Bytes so far.
        bytes: u64,
        /// Length so far in milliseconds.
        duration_ms: u64,
    },
    /// A recording is over and all of it is in the store.
    Ended {
        /// Which.
        recording: RecordingId,
        /// What it is.
        summary: Summary,
    },
    /// Nothing can be watched of a recording.
    Failed {
        /// Which.
        recording: RecordingId,
        /// Why.
        reason: FailReason,
    },
    /// A recording that another process left behind is in the store now, up to its last complete part. It may
    /// have been told to be [`RecorderEvent::Ended`] before.
    Recovered {
        /// Which.
        recording: RecordingId,
        /// What it is.
        summary: Summary,
    },
    /// There is too little space left on the disk of the spool or of a local store: all recordings end.
    StorageLow {
        /// Bytes that are free.
        free: u64,
    },
    /// There is space again.
    StorageOk {
        /// Bytes that are free.
        free: u64,
    },
}

/// What the recorder uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes that are free on the disk of the spool.
    pub free_bytes: u64,
    /// Whether that is too little to record.
    pub low: bool,
    /// Broadcasts that can be watched from their window now.
    pub live: usize,
}

/// What all tasks of a recorder share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: RecorderConfig,
    pub(crate) store: Store,
    pub(crate) files: Arc<Cache<FileKey, Bytes>>,
    pub(crate) books: Cache<RecordingId, Arc<Book>>,
    pub(crate) tasks: TaskTracker,
    /// All recordings are to end.
    pub(crate) ending: CancellationToken,
    /// What is not stored yet is left to the next process.
    pub(crate) stopping: CancellationToken,
    live: Mutex<HashMap<BroadcastId, Arc<Live>>>,
    events: mpsc::Sender<RecorderEvent>,
    low: AtomicBool,
    free: AtomicU64,
    /// Bytes that are to stay free.
    reserve: AtomicU64,
    /// The time of day at an instant: as for the engine, a clock that is set back does not take time with it.
    epoch: Instant,
    utc: MediaTime,
}

impl Recorder {
    /// Starts a recorder, and finishes the recordings that a process before it could not. Needs a tokio runtime.
    pub fn start(config: RecorderConfig) -> Result<(Self, mpsc::Receiver<RecorderEvent>), StartError> {
        check("the length of segments", config.segment, 500, 20_000)?;
        check("the length of parts", config.part, 100, 4_000)?;
        metrics::describe();
        let spool = |source| StartError::Spool { path: config.spool.clone(), source };
        fs::create_dir_all(&config.spool).map_err(spool)?;
        let left = left_behind(&config.spool).map_err(spool)?;
        let store = Store::open(&config.store).map_err(StartError::Store)?;
        let (events, receiver) = mpsc::channel(MAX_EVENTS);
        let shared = Arc::new(Shared {
            store,
            files: Arc::new(Cache::new(config.cache, |bytes: &Bytes| bytes.len() as u64)),
            books: Cache::new(BOOKS, |book: &Arc<Book>| book.weight()),
            tasks: TaskTracker::new(),
            ending: CancellationToken::new(),
            stopping: CancellationToken::new(),
            live: Mutex::default(),
            events,
            low: AtomicBool::new(false),
            free: AtomicU64::new(0),
            reserve: AtomicU64::new(config.free_space),
            epoch: Instant::now(),
            utc: MediaTime(micros(
                SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default(),
            )),
            config,
        });
        shared.look_at_space();
        shared.tasks.spawn(guard(Arc::clone(&shared)));
        if !left.is_empty() {
            shared.tasks.spawn(finish_left(Arc::clone(&shared), left));
        }
        Ok((Self { shared }, receiver))
    }

    /// Begins to record, and makes the live window. It ends with the tap.
    pub fn begin(&self, begin: Begin, taps: Taps) -> LiveWindow {
        let shared = &self.shared;
        let begun = Begun {
            form: FORM,
            recording: begin.recording,
            broadcast: begin.broadcast,
            keep: begin.keep,
            started: begin.started,
            segment_ms: u64::try_from(shared.config.segment.as_millis()).unwrap_or(u64::MAX),
            part_ms: u64::try_from(shared.config.part.as_millis()).unwrap_or(u64::MAX),
        };
        shared.look_at_space();
        let spool = if shared.is_low() { None } else { self.spool(&begun) };
        if spool.is_none() && begin.keep {
            let event = RecorderEvent::Failed { recording: begin.recording, reason: FailReason::Spool };
            let shared = Arc::clone(shared);
            self.shared.tasks.spawn(async move { shared.say(event).await });
        }
        let folder = spool::folder(&shared.config.spool, begin.recording);
        let live = Arc::new(Live::new(
            begun.clone(),
            shared.config.rewind,
            folder,
            spool.is_some(),
            Arc::clone(&shared.files),
        ));
        shared.lock().insert(begin.broadcast, Arc::clone(&live));
        shared.tasks.spawn(recording::run(Arc::clone(shared), begun, Arc::clone(&live), spool, taps));
        LiveWindow::new(live)
    }

    /// The live window of a broadcast, until a little after its end.
    pub fn live(&self, broadcast: BroadcastId) -> Option<LiveWindow> {
        self.shared.lock().get(&broadcast).map(|live| LiveWindow::new(Arc::clone(live)))
    }

    /// Sets how many bytes are to stay free on the disk of the spool.
    pub fn set_free_space(&self, bytes: u64) {
        self.shared.reserve.store(bytes, Ordering::Relaxed);
        self.shared.look_at_space();
    }

    /// What the recorder uses now.
    pub fn usage(&self) -> Usage {
        Usage {
            free_bytes: self.shared.free.load(Ordering::Relaxed),
            low: self.shared.is_low(),
            live: self.shared.lock().len(),
        }
    }

    /// Ends all recordings and stores what it can within `patience`. The rest is left to the next process.
    pub async fn shutdown(&self, patience: Duration) {
        let shared = &self.shared;
        shared.ending.cancel();
        shared.tasks.close();
        if timeout(patience, shared.tasks.wait()).await.is_err() {
            shared.stopping.cancel();
            shared.tasks.wait().await;
        }
    }

    fn spool(&self, begun: &Begun) -> Option<Spool> {
        match Spool::create(&self.shared.config.spool, begun) {
            Ok(spool) => Some(spool),
            Err(error) => {
                tracing::error!(
                    recording = %begun.recording,
                    error = chain(&error),
                    "a recording cannot begin: its folder cannot be made"
                );
                None
            }
        }
    }
}

impl Shared {
    /// Now, on the node's clock.
    pub(crate) fn now(&self) -> MediaTime {
        self.utc.plus_micros(micros(self.epoch.elapsed()))
    }

    /// Whether there is too little space to record.
    pub(crate) fn is_low(&self) -> bool {
        self.low.load(Ordering::Relaxed)
    }

    /// Says something that may be missed.
    pub(crate) fn tell(&self, event: RecorderEvent) {
        drop(self.events.try_send(event));
    }

    /// Says something that must not be missed.
    pub(crate) async fn say(&self, event: RecorderEvent) {
        tokio::select! {
            _ = self.events.send(event) => {}
            () = self.stopping.cancelled() => {}
        }
    }

    /// Waits for viewers who are behind.
    pub(crate) async fn linger(&self) {
        tokio::select! {
            () = tokio::time::sleep(self.config.linger) => {}
            () = self.ending.cancelled() => {}
        }
    }

    /// Takes a window out of the list, unless another one took its place.
    pub(crate) fn forget_live(&self, live: &Arc<Live>) {
        let mut windows = self.lock();
        if windows.get(&live.broadcast()).is_some_and(|known| Arc::ptr_eq(known, live)) {
            windows.remove(&live.broadcast());
        }
    }

    /// The index of a recording is another one now.
    pub(crate) fn books_changed(&self, recording: RecordingId) {
        self.books.forget(|known| *known == recording);
        self.files.forget(|(known, _, _)| *known == recording);
    }

    /// Whether a recording is being written, or can still be watched from its window.
    pub(crate) fn is_live(&self, recording: RecordingId) -> bool {
        self.lock().values().any(|live| LiveWindow::new(Arc::clone(live)).recording() == recording)
    }

    /// Looks how much space there is; says so where that changes what can be done.
    fn look_at_space(&self) {
        // Recordings may be kept on another disk of this machine, which can be full, too.
        let kept = match &self.config.store {
            StoreConfig::Local(folder) => Some(folder),
            StoreConfig::S3(_) => None,
        };
        let disks = std::iter::once(&self.config.spool).chain(kept);
        let free = disks
            .filter_map(|folder| rustix::fs::statvfs(folder).ok())
            .map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
            .min();
        let Some(free) = free else { return };
        let reserve = self.reserve.load(Ordering::Relaxed);
        metrics::free(free);
        self.free.store(free, Ordering::Relaxed);
        // Space that comes and goes at the bound would end one recording after the other.
        let bound = if self.is_low() { reserve.saturating_add(reserve / 10) } else { reserve };
        let low = free < bound;
        if self.low.swap(low, Ordering::Relaxed) != low {
            if low {
                tracing::error!(
                    free,
                    reserve,
                    "too little space is left on the disk of recordings: they end"
                );
                self.tell(RecorderEvent::StorageLow { free });
            } else {
                tracing::info!(free, "there is space for recordings again");
                self.tell(RecorderEvent::StorageOk { free });
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<BroadcastId, Arc<Live>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at the disk now and then.
async fn guard(shared: Arc<Shared>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => shared.look_at_space(),
            () = shared.ending.cancelled() => return,
        }
    }
}

/// Recordings in the spool that nobody writes.
fn left_behind(spool: &std::path::Path) -> std::io::Result<Vec<(RecordingId, PathBuf)>> {
    let mut left = Vec::new();
    for entry in fs::read_dir(spool)? {
        let entry = entry?;
        if let Some(recording) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
            left.push((recording, entry.path()));
        }
    }
    left.sort_unstable();
    Ok(left)
}

/// Finishes them, one after the other: they are in no hurry.
async fn finish_left(shared: Arc<Shared>, left: Vec<(RecordingId, PathBuf)>) {
    for (recording, folder) in left {
        if shared.stopping.is_cancelled() || shared.ending.is_cancelled() {
            return;
        }
        let kept = {
            let folder = folder.clone();
            tokio::task::spawn_blocking(move || recover::is_kept(&folder)).await.unwrap_or(true)
        };
        if kept {
            tracing::info!(%recording, "a recording was not finished: finishing it");
            let (store, retry) = (shared.store.clone(), shared.config.retry);
            let keeper = Keeper::new(recording, true, store, folder.clone(), retry);
            if !recording::settle(&shared, recording, &keeper, true).await {
                continue;
            }
        }
        recording::remove(folder, recording).await;
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

fn check(what: &'static str, span: Duration, least: u64, most: u64) -> Result<(), StartError> {
    let good = (u128::from(least)..=u128::from(most)).contains(&span.as_millis());
    if good { Ok(()) } else { Err(StartError::Duration { what, least, most }) }
}

/// Events that may wait for their reader.
const MAX_EVENTS: usize = 256;

/// Bytes of indexes in memory; one of an hour has some 250 kB.
const BOOKS: u64 = 16 << 20;

/// How often the disk is looked at. In less time nobody fills the space that is kept free.
const LOOK: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
