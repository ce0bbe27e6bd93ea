//! The task of one recording: what its tap brings into the live window and into the spool.
//!
//! ```text
//!   tap ─► session ─┬─► live window
//!                   └─► queue ─► spool ─► keeper ─► object store
//! ```
//!
//! Whatever happens to the lower line, the upper one goes on: a disk that is full, slow or broken ends the
//! recording where it is, and viewers keep what memory holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use sluice_domain::{BroadcastId, MediaTime, RecordingId};
use sluice_media::tapped::Tapped;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::entry::{Begun, Entry, Output};
use crate::keeper::{Keeper, chain};
use crate::live::Live;
use crate::metrics;
use crate::recorder::{RecorderEvent, Shared};
use crate::recover::{self, Recovered};
use crate::session::Session;
use crate::spool::{self, Spool};
use crate::summary::Summary;

/// What a recorder is to write into files.
#[derive(Debug, Clone)]
pub struct Begin {
    /// Its id, which is the name of its files, too.
    pub recording: RecordingId,
    /// The broadcast that it is of.
    pub broadcast: BroadcastId,
    /// Whether it is kept; otherwise it can be watched while it is live, and no longer.
    pub keep: bool,
    /// When the broadcast began.
    pub started: MediaTime,
}

/// Both ends of a tap.
#[derive(Debug)]
pub struct Taps {
    /// What the tap brings. Its end is the end of the broadcast.
    pub packets: mpsc::Receiver<Tapped>,
    /// Takes the layers of which a key frame is needed. Where it is full the wish is made again.
    pub key_frames: mpsc::Sender<usize>,
}

/// Things that happened at once, in order.
type Batch = Vec<(Entry, Bytes)>;

/// The way into the spool.
#[derive(Debug)]
struct Writer {
    batches: mpsc::Sender<Batch>,
    /// Bytes on their way.
    queued: Arc<AtomicU64>,
    task: JoinHandle<()>,
    keeper: Arc<Keeper>,
}

/// Why a recording ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Over,
    StorageFull,
    TooSlow,
    Shutdown,
}

impl End {
    const fn name(self) -> &'static str {
        match self {
            Self::Over => "ended",
            Self::StorageFull => "storage_full",
            Self::TooSlow => "too_slow",
            Self::Shutdown => "shutdown",
        }
    }
}

/// A recording while its broadcast is live.
struct Recording {
    shared: Arc<Shared>,
    begun: Begun,
    live: Arc<Live>,
    session: Session,
    writer: Option<Writer>,
    key_frames: mpsc::Sender<usize>,
    outputs: Vec<Output>,
}

/// Records until the tap ends.
pub(crate) async fn run(
    shared: Arc<Shared>,
    begun: Begun,
    live: Arc<Live>,
    spool: Option<Spool>,
    mut taps: Taps,
) {
    metrics::live(1.0);
    let mut recording = Recording {
        session: Session::new(shared.config.segment, shared.config.part),
        writer: spool.map(|spool| write_into(&shared, &begun, &live, spool)),
        key_frames: taps.key_frames,
        outputs: Vec::new(),
        shared,
        begun,
        live,
    };
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut progress = Instant::now();
    let mut end = End::Over;
    loop {
        tokio::select! {
            biased;
            () = recording.shared.ending.cancelled() => {
                end = End::Shutdown;
                break;
            }
            tapped = taps.packets.recv() => match tapped {
                Some(tapped) => recording.tapped(tapped),
                None => break,
            },
            _ = ticks.tick() => {
                recording.session.handle_timeout(recording.shared.now(), &mut recording.outputs);
                recording.give();
                if recording.shared.is_low() {
                    recording.stop(End::StorageFull);
                }
                if progress.elapsed() >= PROGRESS {
                    progress = Instant::now();
                    recording.tell();
                }
            }
        }
    }
    let now = recording.shared.now();
    recording.session.handle_end(now, &mut recording.outputs);
    recording.give();
    metrics::live(-1.0);
    recording.finish(end).await;
}

impl Recording {
    fn tapped(&mut self, tapped: Tapped) {
        if let Tapped::Layers(layers) = &tapped {
            self.live.expect(layers);
        }
        self.session.handle_tapped(tapped, self.shared.now(), &mut self.outputs);
        self.give();
    }

    /// Hands on what the session said.
    fn give(&mut self) {
        let mut batch = Batch::new();
        for output in self.outputs.drain(..) {
            match output {
                // The wish is made again while it is not fulfilled.
                Output::Want(layer) => drop(self.key_frames.try_send(layer)),
                Output::Entry(entry, bytes) => {
                    match &entry {
                        Entry::Part(part) => metrics::written(part.bytes),
                        Entry::Lost { .. } => metrics::gap(),
                        _ => {}
                    }
                    batch.push((entry, bytes));
                }
            }
        }
        if batch.is_empty() {
            return;
        }
        self.live.apply(&batch);
        let Some(writer) = &self.writer else { return };
        let size: u64 = batch.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        let queued = writer.queued.fetch_add(size, Ordering::Relaxed);
        if queued > MAX_QUEUED || writer.batches.try_send(batch).is_err() {
            self.stop(End::TooSlow);
        }
    }

    /// Ends the recording; the live window goes on in memory.
    fn stop(&mut self, end: End) {
        let Some(writer) = self.writer.take() else { return };
        self.live.stop_spooling();
        tracing::warn!(recording = %self.begun.recording, reason = end.name(), "a recording ended before its broadcast");
        let (shared, begun) = (Arc::clone(&self.shared), self.begun.clone());
        self.shared.tasks.spawn(async move { conclude(shared, begun, writer, end, None).await });
    }

    fn tell(&self) {
        if self.begun.keep && self.writer.is_some() {
            let status = self.live.status();
            self.shared.tell(RecorderEvent::Progress {
                recording: self.begun.recording,
                bytes: status.bytes,
                duration_ms: status.duration_ms,
            });
        }
    }

    async fn finish(self, end: End) {
        let Self { shared, begun, live, writer, .. } = self;
        match writer {
            Some(writer) => conclude(Arc::clone(&shared), begun, writer, end, Some(&live)).await,
            None => shared.linger().await,
        }
        shared.forget_live(&live);
    }
}

/// Starts the tasks that write and store.
fn write_into(shared: &Arc<Shared>, begun: &Begun, live: &Arc<Live>, spool: Spool) -> Writer {
    let (batches, queue) = mpsc::channel(MAX_BATCHES);
    let queued = Arc::new(AtomicU64::new(0));
    let keeper = Arc::new(Keeper::new(
        begun.recording,
        begun.keep,
        shared.store.clone(),
        spool.folder().to_owned(),
        shared.config.retry,
    ));
    let writing = write(spool, queue, Arc::clone(&queued), Arc::clone(&keeper), begun.recording);
    shared.tasks.spawn(writing);
    let task = {
        let (keeper, live, stop) = (Arc::clone(&keeper), Arc::clone(live), shared.stopping.clone());
        shared.tasks.spawn(async move {
            keeper.run(Some(&live), &stop).await;
        })
    };
    Writer { batches, queued, task, keeper }
}

/// Writes batches in order until there are no more, or the disk refuses.
async fn write(
    mut spool: Spool,
    mut queue: mpsc::Receiver<Batch>,
    queued: Arc<AtomicU64>,
    keeper: Arc<Keeper>,
    recording: RecordingId,
) {
    while let Some(mut batch) = queue.recv().await {
        while batch.len() < LARGE_BATCH
            && let Ok(more) = queue.try_recv()
        {
            batch.extend(more);
        }
        let size: u64 = batch.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        let written = tokio::task::spawn_blocking(move || {
            let result = spool.write(&batch);
            (spool, batch, result)
        });
        match written.await {
            Ok((back, batch, Ok(()))) => {
                spool = back;
                queued.fetch_sub(size, Ordering::Relaxed);
                keeper.wrote(&batch);
            }
            // The queue is dropped, so that the recording ends with what is there.
            Ok((_, _, Err(error))) => {
                tracing::error!(%recording, error = chain(&error), "the spool cannot be written");
                break;
            }
            Err(_) => break,
        }
    }
    keeper.written();
}

/// Brings a recording to its end: what was written to the store, the index last.
async fn conclude(shared: Arc<Shared>, begun: Begun, writer: Writer, end: End, live: Option<&Arc<Live>>) {
    let Writer { batches, task, keeper, .. } = writer;
    drop(batches);
    // It ends when all that the writer said is stored.
    if task.await.is_err() {
        return;
    }
    metrics::ended(end.name());
    let folder = spool::folder(&shared.config.spool, begun.recording);
    let done = !begun.keep || settle(&shared, begun.recording, &keeper, false).await;
    if live.is_some() {
        shared.linger().await;
    }
    if done {
        remove(folder, begun.recording).await;
    }
}

/// Stores what is left of a recording, then its index, and says so. `false`: it must be gone on with later.
pub(crate) async fn settle(
    shared: &Shared,
    recording: RecordingId,
    keeper: &Keeper,
    recovered: bool,
) -> bool {
    let folder = spool::folder(&shared.config.spool, recording);
    let read = tokio::task::spawn_blocking(move || recover::recover(&folder));
    let Recovered { book, stored } = match read.await {
        Ok(Ok(Some(found))) => found,
        Ok(Ok(None)) => {
            shared.say(RecorderEvent::Failed { recording, reason: FailReason::Empty }).await;
            return true;
        }
        Ok(Err(error)) => {
            tracing::error!(%recording, error = chain(&error), "a recording cannot be read back from the spool");
            shared.say(RecorderEvent::Failed { recording, reason: FailReason::Unreadable }).await;
            return false;
        }
        Err(_) => return false,
    };
    keeper.add(recover::files(&book).into_iter().filter(|file| !stored.contains(file)));
    keeper.written();
    let Ok(index) = serde_json::to_vec(&book) else { return false };
    if !keeper.run(None, &shared.stopping).await || !keeper.store_index(index.into(), &shared.stopping).await
    {
        return false;
    }
    shared.books_changed(recording);
    let summary = Summary::of(&book);
    let event = if recovered {
        metrics::recovered();
        RecorderEvent::Recovered { recording, summary }
    } else {
        RecorderEvent::Ended { recording, summary }
    };
    shared.say(event).await;
    true
}

/// Why nothing can be watched of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailReason {
    /// Nothing came that could be recorded.
    Empty,
    /// The spool cannot be written, or there is no space left on its disk.
    Spool,
    /// What is in the spool cannot be read; it stays there.
    Unreadable,
}

impl FailReason {
    /// As people read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "nothing came that could be recorded",
            Self::Spool => "the disk of recordings is full or cannot be written",
            Self::Unreadable => "the files of the recording cannot be read",
        }
    }
}

pub(crate) async fn remove(folder: std::path::PathBuf, recording: RecordingId) {
    let removed = tokio::task::spawn_blocking(move || spool::remove_all(&folder)).await;
    if let Ok(Err(error)) = removed {
        tracing::warn!(%recording, error = chain(&error), "a folder cannot be deleted from the spool");
    }
}

/// How often key frames that are due are looked for. More makes segments longer.
const TICK: Duration = Duration::from_millis(100);

/// How often it is told how far a recording is.
const PROGRESS: Duration = Duration::from_secs(5);

/// Bytes that may wait for the disk: eight seconds of three layers. A disk that is later than this is too slow.
const MAX_QUEUED: u64 = 64 << 20;

/// Batches that may wait for the disk; there are some twenty a second.
const MAX_BATCHES: usize = 1_024;

/// Entries after which a batch is written, though more wait.
const LARGE_BATCH: usize = 512;
