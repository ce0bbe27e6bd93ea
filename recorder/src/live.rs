//! The live window as requests see it: shared, waiting, rendered once for all who ask for the same.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use sluice_domain::{BroadcastId, LayerInfo, MediaTime, RecordingId};
use sluice_media::playlist::{self, Skip};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::cache::Cache;
use crate::entry::{Begun, Entry};
use crate::error::HlsRefusal;
use crate::metrics;
use crate::name::{FileName, Rendition};
use crate::text::{Template, Text, plain_query};
use crate::texts;
use crate::window::{Found, Window};

/// A file of a recording that is in the cache of all files.
pub(crate) type FileKey = (RecordingId, Rendition, FileName);

/// What can be watched of a broadcast now. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LiveWindow {
    live: Arc<Live>,
}

/// What a player wants to be in a playlist before it is sent (`_HLS_msn`, `_HLS_part`, `_HLS_skip`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reload {
    /// This segment, as a whole or up to `part`.
    pub segment: Option<u64>,
    /// This part of it.
    pub part: Option<u32>,
    /// Old segments may be left out.
    pub skip: bool,
}

/// How a broadcast is recorded now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether it will be kept.
    pub kept: bool,
    /// Bytes so far.
    pub bytes: u64,
    /// Length so far in milliseconds.
    pub duration_ms: u64,
    /// Renditions that players are offered.
    pub renditions: Vec<Rendition>,
    /// Holes so far.
    pub gaps: u64,
    /// Whether nothing more comes.
    pub ended: bool,
}

/// One key frame as an MP4 file.
#[derive(Debug, Clone)]
pub struct Still {
    /// Init segment and the part that begins with the key frame.
    pub mp4: Bytes,
    /// Whose it is.
    pub rendition: Rendition,
}

/// The window of a broadcast, which the recording's task fills and requests read.
#[derive(Debug)]
pub(crate) struct Live {
    recording: RecordingId,
    broadcast: BroadcastId,
    spool: PathBuf,
    files: Arc<Cache<FileKey, Bytes>>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    window: Window,
    /// Counts the changes of each rendition's playlist.
    changes: BTreeMap<Rendition, watch::Sender<u64>>,
    /// Playlists as they are now, by rendition, whether old segments are left out, and whether with a query.
    texts: BTreeMap<(Rendition, bool, bool), (u64, Shared)>,
}

/// A text that many get.
#[derive(Debug, Clone)]
enum Shared {
    Same(Text),
    Each(Template),
}

impl Live {
    pub(crate) fn new(
        begun: Begun,
        rewind: Duration,
        spool: PathBuf,
        spooled: bool,
        files: Arc<Cache<FileKey, Bytes>>,
    ) -> Self {
        Self {
            recording: begun.recording,
            broadcast: begun.broadcast,
            spool,
            files,
            state: Mutex::new(State {
                window: Window::new(begun, rewind, spooled),
                changes: BTreeMap::new(),
                texts: BTreeMap::new(),
            }),
        }
    }

    pub(crate) fn broadcast(&self) -> BroadcastId {
        self.broadcast
    }

    /// Adds what happened and wakes who waits for it.
    pub(crate) fn apply(&self, entries: &[(Entry, Bytes)]) {
        let mut state = self.lock();
        for (entry, bytes) in entries {
            if let Some(rendition) = state.window.apply(entry, bytes) {
                state.change(rendition).send_modify(|count| *count += 1);
            }
        }
        if state.window.has_ended() {
            state.texts.clear();
            for change in state.changes.values() {
                change.send_modify(|count| *count += 1);
            }
        }
    }

    pub(crate) fn expect(&self, layers: &[LayerInfo]) {
        self.lock().window.expect(layers);
    }

    pub(crate) fn stop_spooling(&self) {
        self.lock().window.stop_spooling();
    }

    /// Number of the oldest segment that can be watched.
    pub(crate) fn first(&self) -> u64 {
        self.lock().window.book().first()
    }

    pub(crate) fn status(&self) -> Status {
        let state = self.lock();
        let book = state.window.book();
        let (pictures, sound) = texts::offered(book);
        // Ticks count from the first picture on.
        let forgotten = book.cuts.front().map_or(0, |cut| cut.at);
        Status {
            kept: book.begun.keep,
            bytes: book.bytes(),
            duration_ms: (forgotten + book.length()).max(0).unsigned_abs() / 1_000,
            renditions: pictures.into_iter().chain(sound).collect(),
            gaps: book.gaps,
            ended: state.window.has_ended(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn change(&mut self, rendition: Rendition) -> &watch::Sender<u64> {
        self.changes.entry(rendition).or_insert_with(|| watch::Sender::new(0))
    }

    /// Whether this rendition is something that players are offered.
    fn look_at(&self, rendition: Rendition) -> Result<(), HlsRefusal> {
        let book = self.window.book();
        match book.shelves.get(&rendition).and_then(|shelf| shelf.codec()) {
            Some(codec) if texts::is_playable(codec) => Ok(()),
            Some(_) => Err(HlsRefusal::CodecUnsupported),
            None if book.shelves.is_empty() => Err(HlsRefusal::NotLive),
            None => Err(HlsRefusal::Unknown),
        }
    }

    /// Why there is no master playlist.
    fn nothing(&self) -> HlsRefusal {
        if self.window.book().pictures().is_empty() {
            HlsRefusal::NotLive
        } else {
            HlsRefusal::CodecUnsupported
        }
    }

    fn text(&mut self, rendition: Rendition, skip: bool, query: &str) -> Result<Shared, HlsRefusal> {
        let version = *self.change(rendition).borrow();
        let key = (rendition, skip, !query.is_empty());
        if let Some((of, text)) = self.texts.get(&key)
            && *of == version
        {
            return Ok(text.clone());
        }
        let model = self.window.playlist(rendition).ok_or(HlsRefusal::NotLive)?;
        let skipped = if skip { Skip::Old } else { Skip::Nothing };
        let text = if query.is_empty() {
            Shared::Same(Text::new(playlist::media(&model, skipped, "")))
        } else {
            Shared::Each(Template::new(|query| playlist::media(&model, skipped, query)))
        };
        metrics::rendered();
        self.texts.insert(key, (version, text.clone()));
        Ok(text)
    }
}

impl LiveWindow {
    pub(crate) const fn new(live: Arc<Live>) -> Self {
        Self { live }
    }

    /// What is recorded.
    pub fn recording(&self) -> RecordingId {
        self.live.recording
    }

    /// The master playlist. Media playlists are at `{base}{rendition}/media.m3u8`.
    pub fn master(&self, base: &str, query: &str) -> Result<Text, HlsRefusal> {
        plain_query(query)?;
        let state = self.live.lock();
        if !state.window.is_ready() {
            return Err(HlsRefusal::NotLive);
        }
        let master = state.window.master(base).ok_or_else(|| state.nothing())?;
        Ok(Text::new(playlist::master(&master, query)))
    }

    /// The manifest of DASH.
    pub fn dash(&self, base: &str, query: &str, now: MediaTime) -> Result<Text, HlsRefusal> {
        plain_query(query)?;
        let state = self.live.lock();
        if !state.window.is_ready() {
            return Err(HlsRefusal::NotLive);
        }
        let manifest = state.window.manifest(base, now).ok_or_else(|| state.nothing())?;
        Ok(Text::new(playlist::dash(&manifest, query)))
    }

    /// The media playlist of a rendition, once it has what is asked for, and a segment in any case.
    pub async fn playlist(&self, rendition: &str, reload: Reload, query: &str) -> Result<Text, HlsRefusal> {
        plain_query(query)?;
        let rendition: Rendition = rendition.parse().map_err(|_| HlsRefusal::Unknown)?;
        if reload.segment.is_none() && reload.part.is_some() {
            return Err(HlsRefusal::Absurd);
        }
        let begun = Instant::now();
        loop {
            let (mut change, deadline) = {
                let mut state = self.live.lock();
                state.look_at(rendition)?;
                let (next, _) = state.window.next(rendition);
                if reload.segment.is_some_and(|segment| segment > next.saturating_add(AHEAD)) {
                    return Err(HlsRefusal::Absurd);
                }
                let has = match reload.segment {
                    Some(segment) => state.window.has(rendition, segment, reload.part),
                    // Players take a playlist without a whole segment for a broken one, and may not ask again.
                    None => state.window.has_segment(rendition),
                };
                if has || state.window.has_ended() {
                    return match state.text(rendition, reload.skip, query)? {
                        Shared::Same(text) => Ok(text),
                        Shared::Each(template) => {
                            drop(state);
                            Ok(template.fill(query))
                        }
                    };
                }
                let deadline = begun + state.window.longest_wait();
                (state.change(rendition).subscribe(), deadline)
            };
            match timeout_at(deadline, change.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return Err(HlsRefusal::TooLate),
            }
        }
    }

    /// A file of a rendition: an init segment, a segment, or a part, also the one that comes next.
    pub async fn file(&self, rendition: &str, name: &str) -> Result<Bytes, HlsRefusal> {
        let rendition: Rendition = rendition.parse().map_err(|_| HlsRefusal::Unknown)?;
        let name: FileName = name.parse().map_err(|_| HlsRefusal::Unknown)?;
        let begun = Instant::now();
        loop {
            let (found, mut change, deadline) = {
                let mut state = self.live.lock();
                state.look_at(rendition)?;
                let found = state.window.file(rendition, name);
                let deadline = begun + state.window.longest_wait();
                (found, state.change(rendition).subscribe(), deadline)
            };
            match found {
                Found::Held(bytes) => return Ok(bytes),
                Found::Gone => return Err(HlsRefusal::Unknown),
                Found::Spooled => return self.spooled(rendition, name).await,
                Found::Soon => {}
            }
            match timeout_at(deadline, change.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return Err(HlsRefusal::TooLate),
            }
        }
    }

    /// How the recording goes.
    pub fn status(&self) -> Status {
        self.live.status()
    }

    /// The newest key frame of the smallest layer that is at least 180 lines high, for thumbnails.
    pub fn key_frame(&self) -> Option<Still> {
        let (mp4, rendition) = self.live.lock().window.key_frame(STILL_HEIGHT)?;
        Some(Still { mp4, rendition })
    }

    async fn spooled(&self, rendition: Rendition, name: FileName) -> Result<Bytes, HlsRefusal> {
        let path = self.live.spool.join(rendition.to_string()).join(name.to_string());
        let read = async { tokio::fs::read(path).await.map(Bytes::from) };
        let key = (self.live.recording, rendition, name);
        // It may leave the window between the look and the read.
        self.live.files.fetch(key, read).await.map_err(|_| HlsRefusal::Unknown)
    }
}

/// A playlist may be asked for so many segments before they are begun (rfc8216bis 6.2.5.2 says two at most).
const AHEAD: u64 = 2;

/// Thumbnails are shown 320 points wide; a smaller layer would be seen to be one.
const STILL_HEIGHT: u16 = 180;
