//! Recordings that are over, read from the object store.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sluice_domain::{MediaKind, RecordingId};
use sluice_media::playlist::{self, Clock, MediaPlaylist, Skip, State};

use crate::book::{Book, Segment, span};
use crate::entry::micros;
use crate::error::{HlsRefusal, StoreError};
use crate::keeper::chain;
use crate::name::{FileName, Rendition};
use crate::recorder::{Recorder, Shared};
use crate::spool;
use crate::store::{ByteRange, Object};
use crate::summary::Summary;
use crate::text::{Text, plain_query};
use crate::texts;

/// What is to be left out at both ends, in milliseconds from the beginning of the recording. Nothing that lies
/// outside is ever shown, so up to a segment more is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trim {
    /// Where it begins.
    pub start_ms: Option<u64>,
    /// Where it ends.
    pub end_ms: Option<u64>,
}

/// A recording that can be watched. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Vod {
    shared: Arc<Shared>,
    book: Arc<Book>,
    shown: RangeInclusive<u64>,
}

/// A segment that programs can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentFile {
    /// The file that begins its track.
    pub init: PathBuf,
    /// Its own file.
    pub media: PathBuf,
    /// Where it begins in the recording.
    pub start: Duration,
    /// How long it is.
    pub duration: Duration,
}

impl Recorder {
    /// A recording whose files are in the store.
    pub async fn vod(&self, recording: RecordingId, trim: Trim) -> Result<Vod, HlsRefusal> {
        let shared = &self.shared;
        let read = async { read_book(shared, recording).await.map(Arc::new) };
        let book = shared.books.fetch(recording, read).await.map_err(|error| refusal(&error))?;
        let shown = shown(&book, trim).ok_or(HlsRefusal::NotLive)?;
        Ok(Vod { shared: Arc::clone(shared), book, shown })
    }

    /// Puts something made of a recording beside it: a file of this machine.
    pub async fn put_processed(
        &self,
        recording: RecordingId,
        name: &str,
        file: &Path,
    ) -> Result<(), StoreError> {
        let key = self.shared.store.processed(recording, name)?;
        self.shared.store.put_file(&key, file).await
    }

    /// Puts something made of a recording beside it: bytes.
    pub async fn put_processed_bytes(
        &self,
        recording: RecordingId,
        name: &str,
        bytes: Bytes,
    ) -> Result<(), StoreError> {
        let key = self.shared.store.processed(recording, name)?;
        self.shared.store.put(&key, bytes).await
    }

    /// Reads something made of a recording, or a part of it.
    pub async fn processed(
        &self,
        recording: RecordingId,
        name: &str,
        range: Option<ByteRange>,
    ) -> Result<Object, StoreError> {
        let key = self.shared.store.processed(recording, name)?;
        self.shared.store.read(&key, range).await
    }

    /// How long something made of a recording is; `None` where it is not there.
    pub async fn processed_size(
        &self,
        recording: RecordingId,
        name: &str,
    ) -> Result<Option<u64>, StoreError> {
        let key = self.shared.store.processed(recording, name)?;
        self.shared.store.size(&key).await
    }

    /// Deletes something made of a recording.
    pub async fn delete_processed(&self, recording: RecordingId, name: &str) -> Result<(), StoreError> {
        let key = self.shared.store.processed(recording, name)?;
        self.shared.store.delete(&key).await
    }

    /// Deletes all files of a recording, for good. One that is still written is not touched: `false`.
    pub async fn delete(&self, recording: RecordingId) -> Result<bool, StoreError> {
        let shared = &self.shared;
        if shared.is_live(recording) {
            return Ok(false);
        }
        // The index first: what is left if this is cut short cannot be watched.
        shared.store.delete(&shared.store.index(recording)).await?;
        shared.books_changed(recording);
        shared.store.delete_all(&shared.store.of(recording)).await?;
        let folder = spool::folder(&shared.config.spool, recording);
        let removed = tokio::task::spawn_blocking(move || spool::remove_all(&folder)).await;
        removed.unwrap_or(Ok(())).map_err(StoreError::File)?;
        Ok(true)
    }

    /// Keeps the smallest pictures of a recording, and its sound. Says how many bytes it has now.
    pub async fn keep_smallest(&self, recording: RecordingId) -> Result<u64, StoreError> {
        let shared = &self.shared;
        let mut book = read_book(shared, recording).await?;
        let pictures = book.pictures();
        let Some((smallest, others)) = pictures.split_last() else { return Ok(book.bytes()) };
        book.shelves.retain(|rendition, _| rendition == smallest || rendition.kind() == MediaKind::Audio);
        let index = serde_json::to_vec(&book).map_err(StoreError::Index)?;
        // First nobody is told of them any more, then they go.
        shared.store.put(&shared.store.index(recording), index.into()).await?;
        shared.books_changed(recording);
        for rendition in others {
            let folder = shared.store.of(recording).join("raw").join(rendition.to_string());
            shared.store.delete_all(&folder).await?;
        }
        Ok(book.bytes())
    }
}

impl Vod {
    /// The whole recording in numbers, whatever is shown of it.
    pub fn summary(&self) -> Summary {
        Summary::of(&self.book)
    }

    /// Where what is shown begins, and how long it is: milliseconds from the beginning of the recording.
    pub fn shown_ms(&self) -> (u64, u64) {
        let begin = self.book.cuts.front().map_or(0, |cut| cut.at);
        let first = self.book.cut(*self.shown.start()).map_or(begin, |cut| cut.at);
        let end = match self.book.cut(*self.shown.end() + 1) {
            Some(next) => next.at,
            None => begin + self.book.length(),
        };
        let ms = |micros: i64| micros.max(0).unsigned_abs() / 1_000;
        (ms(first - begin), ms(end - first))
    }

    /// The master playlist. Media playlists are at `{base}{rendition}/media.m3u8`.
    pub fn master(&self, base: &str, query: &str) -> Result<Text, HlsRefusal> {
        plain_query(query)?;
        let master = texts::master(&self.book, base).ok_or_else(|| self.nothing())?;
        Ok(Text::new(playlist::master(&master, query)))
    }

    /// The manifest of DASH.
    pub fn dash(&self, base: &str, query: &str) -> Result<Text, HlsRefusal> {
        plain_query(query)?;
        let manifest = texts::manifest(&self.book, base, self.shown.clone(), None, Clock::Static)
            .ok_or_else(|| self.nothing())?;
        Ok(Text::new(playlist::dash(&manifest, query)))
    }

    /// The media playlist of a rendition.
    pub fn playlist(&self, rendition: &str, query: &str) -> Result<Text, HlsRefusal> {
        plain_query(query)?;
        let rendition = self.rendition(rendition)?;
        let segments = texts::segments(&self.book, rendition, self.shown.clone());
        let lengths = segments.iter().filter(|segment| !segment.gap).map(|segment| segment.duration);
        let model = MediaPlaylist {
            target: playlist::target_duration(lengths),
            sequence: *self.shown.start(),
            segments,
            state: State::Vod,
            ..MediaPlaylist::default()
        };
        Ok(Text::new(playlist::media(&model, Skip::Nothing, query)))
    }

    /// A file of a rendition: an init segment, or a segment that is shown.
    pub async fn file(&self, rendition: &str, name: &str) -> Result<Bytes, HlsRefusal> {
        let rendition = self.rendition(rendition)?;
        let name: FileName = name.parse().map_err(|_| HlsRefusal::Unknown)?;
        let shelf = self.book.shelves.get(&rendition).ok_or(HlsRefusal::Unknown)?;
        let known = match name {
            FileName::Init(init) => shelf.inits.iter().any(|known| known.init == init),
            FileName::Segment(segment) => {
                self.shown.contains(&segment)
                    && shelf.segments.iter().any(|known| known.segment == segment && !known.gap)
            }
            FileName::Part(..) => false,
        };
        if !known {
            return Err(HlsRefusal::Unknown);
        }
        self.fetch(rendition, name).await.map_err(|error| refusal(&error))
    }

    /// The files of what is shown of a rendition, for programs that read files: in the store where that is a
    /// folder of this machine, else in `folder`, to which they are written.
    pub async fn segment_files(
        &self,
        rendition: Rendition,
        folder: &Path,
    ) -> Result<Vec<SegmentFile>, StoreError> {
        let begin = self.book.cuts.front().map_or(0, |cut| cut.at);
        let mut files = Vec::new();
        let mut inits: BTreeMap<u32, PathBuf> = BTreeMap::new();
        for segment in self.segments(rendition).iter().filter(|segment| !segment.gap) {
            let init = match inits.get(&segment.init) {
                Some(init) => init.clone(),
                None => {
                    let path = self.local(rendition, FileName::Init(segment.init), folder).await?;
                    inits.insert(segment.init, path.clone());
                    path
                }
            };
            let media = self.local(rendition, FileName::Segment(segment.segment), folder).await?;
            let at = micros(rendition, i64::try_from(segment.start).unwrap_or(i64::MAX)) - begin;
            files.push(SegmentFile {
                init,
                media,
                start: Duration::from_micros(u64::try_from(at).unwrap_or(0)),
                duration: span(rendition, segment.duration),
            });
        }
        Ok(files)
    }

    /// A key frame near a time, as an MP4 file, for pictures of it: of the smallest layer that is at least
    /// `height` high.
    pub async fn key_frame(&self, at_ms: u64, height: u16) -> Result<Bytes, HlsRefusal> {
        let mut pictures = self.book.pictures();
        pictures.reverse();
        let high = |rendition: &&Rendition| {
            let init = self.book.shelves.get(*rendition).and_then(|shelf| shelf.newest_init());
            init.and_then(|init| init.size).is_some_and(|(_, have)| have >= height)
        };
        let rendition = *pictures.iter().find(high).or(pictures.last()).ok_or(HlsRefusal::Unknown)?;
        let begin = self.book.cuts.front().map_or(0, |cut| cut.at);
        let at = begin.saturating_add(i64::try_from(at_ms).unwrap_or(i64::MAX / 1_000).saturating_mul(1_000));
        let segments = self.segments(rendition);
        let real = segments.iter().filter(|segment| !segment.gap);
        let start = |segment: &&Segment| micros(rendition, i64::try_from(segment.start).unwrap_or(i64::MAX));
        let segment = real.min_by_key(|segment| (start(segment) - at).abs()).ok_or(HlsRefusal::Unknown)?;
        let init = self.fetch(rendition, FileName::Init(segment.init)).await;
        let bytes = self.fetch(rendition, FileName::Segment(segment.segment)).await;
        match (init, bytes) {
            (Ok(init), Ok(bytes)) => Ok([init, bytes].concat().into()),
            (Err(error), _) | (_, Err(error)) => Err(refusal(&error)),
        }
    }

    /// The length of what is shown of a rendition.
    pub fn duration(&self, rendition: Rendition) -> Duration {
        self.segments(rendition).iter().map(|segment| span(rendition, segment.duration)).sum()
    }

    /// A file of this machine with the bytes of a file of the store.
    async fn local(
        &self,
        rendition: Rendition,
        name: FileName,
        folder: &Path,
    ) -> Result<PathBuf, StoreError> {
        let store = &self.shared.store;
        let key = store.raw(self.book.begun.recording, rendition, name);
        if let Some(path) = store.path(&key) {
            return Ok(path);
        }
        // Not by the cache: what viewers ask for should stay there.
        let bytes = store.get(&key).await?;
        let path = folder.join(format!("{rendition}-{name}"));
        tokio::fs::write(&path, bytes).await.map_err(StoreError::File)?;
        Ok(path)
    }

    async fn fetch(&self, rendition: Rendition, name: FileName) -> Result<Bytes, StoreError> {
        let recording = self.book.begun.recording;
        let store = &self.shared.store;
        let key = store.raw(recording, rendition, name);
        let read = store.get(&key);
        self.shared.files.fetch((recording, rendition, name), read).await
    }

    fn segments(&self, rendition: Rendition) -> Vec<Segment> {
        self.book.aligned(rendition, self.shown.clone())
    }

    fn rendition(&self, name: &str) -> Result<Rendition, HlsRefusal> {
        let rendition = name.parse().map_err(|_| HlsRefusal::Unknown)?;
        match self.book.shelves.get(&rendition).and_then(|shelf| shelf.codec()) {
            Some(codec) if texts::is_playable(codec) => Ok(rendition),
            Some(_) => Err(HlsRefusal::CodecUnsupported),
            None => Err(HlsRefusal::Unknown),
        }
    }

    fn nothing(&self) -> HlsRefusal {
        if self.book.pictures().is_empty() { HlsRefusal::Unknown } else { HlsRefusal::CodecUnsupported }
    }
}

/// The index as it was put there.
async fn read_book(shared: &Shared, recording: RecordingId) -> Result<Book, StoreError> {
    let bytes = shared.store.get(&shared.store.index(recording)).await?;
    let book: Book = serde_json::from_slice(&bytes).map_err(StoreError::Index)?;
    if book.is_readable() { Ok(book) } else { Err(StoreError::Missing { key: recording.to_string() }) }
}

/// Segments that lie within a trim as a whole; the one nearest to its middle where none does.
fn shown(book: &Book, trim: Trim) -> Option<RangeInclusive<u64>> {
    let last = book.last()?;
    let begin = book.cuts.front()?.at;
    let micros = |ms: u64| begin.saturating_add(i64::try_from(ms.saturating_mul(1_000)).unwrap_or(i64::MAX));
    let from = trim.start_ms.map_or(i64::MIN, micros);
    let to = trim.end_ms.map_or(i64::MAX, micros);
    let end_of_all = begin + book.length();
    let end_of = |segment: u64| book.cut(segment + 1).map_or(end_of_all, |next| next.at);
    let cuts = book.cuts.iter().filter(|cut| cut.segment <= last);
    let mut within = cuts
        .clone()
        .filter(|cut| cut.at >= from && end_of(cut.segment) <= to.saturating_add(ROUNDING))
        .map(|cut| cut.segment);
    if let Some(first) = within.next() {
        return Some(first..=within.next_back().unwrap_or(first));
    }
    let middle = from.max(begin) / 2 + to.min(end_of_all) / 2;
    let near = cuts.min_by_key(|cut| (cut.at.saturating_add(end_of(cut.segment)) / 2 - middle).abs())?;
    Some(near.segment..=near.segment)
}

fn refusal(error: &StoreError) -> HlsRefusal {
    match error {
        StoreError::Missing { .. } | StoreError::Name { .. } => HlsRefusal::Unknown,
        StoreError::Range { size } => HlsRefusal::Range { size: *size },
        StoreError::File(_) | StoreError::Refused(_) | StoreError::Index(_) => {
            tracing::warn!(error = chain(error), "a recording cannot be read from the store");
            HlsRefusal::Away
        }
    }
}

/// A trim is told in milliseconds, and a segment may end a fraction of one later.
const ROUNDING: i64 = 1_000;
