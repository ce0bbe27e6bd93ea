//! What can be watched of a broadcast while it is live: the newest segments, with their bytes in memory, and
//! before them those that are read from the spool.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use sluice_domain::{LayerInfo, MediaTime};
use sluice_media::playlist::{self, Clock, Manifest, Master, MediaPlaylist, Report, State};

use crate::book::{Book, span};
use crate::entry::{Begun, Entry};
use crate::name::{FileName, Rendition};
use crate::texts::{self, RunBegin};

/// The live window, without a clock and without IO.
#[derive(Debug)]
pub(crate) struct Window {
    book: Book,
    rewind: Duration,
    part: Duration,
    segment: Duration,
    recent: BTreeMap<Rendition, Recent>,
    inits: BTreeMap<(Rendition, u32), Bytes>,
    /// The longest segment so far, since a target duration must not shrink.
    target: u32,
    /// Whether segments whose bytes have left memory are in the spool.
    spooled: bool,
    /// Layers that the publisher sends.
    expected: Vec<Rendition>,
    ended: bool,
    /// The run of DASH that the first segment belongs to, where its beginning is forgotten.
    run: Option<RunBegin>,
}

/// The newest segments of a rendition.
#[derive(Debug, Default)]
struct Recent {
    segments: VecDeque<Held>,
}

#[derive(Debug)]
struct Held {
    segment: u64,
    parts: Vec<HeldPart>,
    /// All bytes, once the segment is closed; parts are slices of it then.
    whole: Option<Bytes>,
}

#[derive(Debug)]
struct HeldPart {
    duration: u64,
    independent: bool,
    bytes: Bytes,
}

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// Here.
    Held(Bytes),
    /// In the spool.
    Spooled,
    /// It will come.
    Soon,
    /// It was never made, or is kept no longer.
    Gone,
}

impl Window {
    pub(crate) fn new(begun: Begun, rewind: Duration, spooled: bool) -> Self {
        let segment = Duration::from_millis(begun.segment_ms);
        // What the segmenter allows itself for parts of ten pictures.
        let part = Duration::from_millis(begun.part_ms + 1);
        Self {
            book: Book::new(begun),
            rewind,
            part,
            segment,
            recent: BTreeMap::new(),
            inits: BTreeMap::new(),
            target: playlist::target_duration([segment]),
            spooled,
            expected: Vec::new(),
            ended: false,
            run: None,
        }
    }

    /// Adds what happened, with the bytes of a part or an init. Says whose playlist has changed.
    pub(crate) fn apply(&mut self, entry: &Entry, bytes: &Bytes) -> Option<Rendition> {
        self.book.apply(entry);
        match entry {
            Entry::Init(init) => {
                self.inits.insert((init.rendition, init.init), bytes.clone());
                None
            }
            Entry::Part(part) => {
                let segments = &mut self.recent.entry(part.rendition).or_default().segments;
                if segments.back().is_none_or(|held| held.segment != part.segment) {
                    segments.push_back(Held { segment: part.segment, parts: Vec::new(), whole: None });
                }
                if let Some(held) = segments.back_mut() {
                    let (duration, independent) = (part.duration, part.independent);
                    held.parts.push(HeldPart { duration, independent, bytes: bytes.clone() });
                }
                Some(part.rendition)
            }
            Entry::Closed(closed) => {
                let recent = self.recent.entry(closed.rendition).or_default();
                if let Some(held) = recent.segments.back_mut().filter(|held| held.segment == closed.segment) {
                    held.close();
                }
                while recent.segments.len() > IN_MEMORY {
                    recent.segments.pop_front();
                }
                if !closed.gap {
                    let target = playlist::target_duration([span(closed.rendition, closed.duration)]);
                    self.target = self.target.max(target);
                }
                self.forget();
                Some(closed.rendition)
            }
            Entry::Ended { .. } => {
                self.ended = true;
                None
            }
            Entry::Begin(_) | Entry::Origin { .. } | Entry::Boundary { .. } | Entry::Lost { .. } => None,
        }
    }

    /// The layers that the publisher sends now.
    pub(crate) fn expect(&mut self, layers: &[LayerInfo]) {
        self.expected = layers
            .iter()
            .enumerate()
            .filter(|(_, layer)| layer.active)
            .filter_map(|(index, _)| Rendition::of_layer(index))
            .collect();
    }

    /// The spool takes no more: what is not in memory is not there.
    pub(crate) fn stop_spooling(&mut self) {
        self.spooled = false;
        self.forget();
    }

    pub(crate) fn book(&self) -> &Book {
        &self.book
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// How long a player may be let wait.
    pub(crate) fn longest_wait(&self) -> Duration {
        Duration::from_secs(u64::from(self.target)) * 3
    }

    /// Whether every rendition that is to be expected is there, or has had its time to come. A master playlist
    /// is read once, so it should not be written before.
    pub(crate) fn is_ready(&self) -> bool {
        let length = Duration::from_micros(self.book.length().unsigned_abs());
        let there = |rendition: &Rendition| self.recent.contains_key(rendition);
        if self.recent.is_empty() {
            return false;
        }
        let pictures = self.expected.iter().all(there) || length >= WAIT_FOR_LAYERS;
        let sound = there(&Rendition::Audio) || length >= WAIT_FOR_SOUND;
        self.ended || (pictures && sound)
    }

    pub(crate) fn master(&self, base: &str) -> Option<Master> {
        texts::master(&self.book, base)
    }

    pub(crate) fn manifest(&self, base: &str, now: MediaTime) -> Option<Manifest> {
        let clock = if self.ended {
            Clock::Static
        } else {
            Clock::Live { now, update: self.segment, window: self.rewind }
        };
        texts::manifest(&self.book, base, self.book.first()..=self.book.last()?, self.run, clock)
    }

    /// The media playlist of a rendition; `None` where nothing of it can be told.
    pub(crate) fn playlist(&self, rendition: Rendition) -> Option<MediaPlaylist> {
        let shelf = self.book.shelves.get(&rendition)?;
        let first = self.book.first();
        let mut segments = match self.book.last_closed(rendition) {
            Some(last) => texts::segments(&self.book, rendition, first..=last),
            None => Vec::new(),
        };
        if segments.is_empty() && shelf.open.is_none() {
            return None;
        }
        let held = self.recent.get(&rendition).map(|recent| &recent.segments);
        for held in held.into_iter().flatten() {
            let at = usize::try_from(held.segment.checked_sub(first)?).ok()?;
            if let Some(segment) = segments.get_mut(at) {
                segment.parts = parts(rendition, held);
            }
        }
        let open = shelf.open.as_ref().map(|open| {
            let mut segment = texts::segment(&self.book, rendition, open);
            let newest = held.and_then(|held| held.back()).filter(|held| held.segment == open.segment);
            segment.parts = newest.map(|held| parts(rendition, held)).unwrap_or_default();
            segment
        });
        // A rendition that began late has gaps before its first segment.
        if segments.is_empty()
            && let Some(open) = shelf.open.as_ref().filter(|open| open.segment > first)
        {
            segments = texts::segments(&self.book, rendition, first..=open.segment - 1);
        }
        let (segment, part) = self.next(rendition);
        Some(MediaPlaylist {
            target: self.target,
            part_target: Some(self.part),
            sequence: first,
            discontinuity_sequence: self.book.discontinuities_gone,
            segments,
            open,
            preload: (!self.ended).then(|| FileName::Part(segment, part).to_string()),
            reports: self.reports(rendition),
            state: if self.ended { State::Ended } else { State::Live },
        })
    }

    /// The segment in the making and the part of it that comes next.
    pub(crate) fn next(&self, rendition: Rendition) -> (u64, u32) {
        let Some(shelf) = self.book.shelves.get(&rendition) else { return (self.book.first(), 0) };
        match (&shelf.open, self.book.last_closed(rendition)) {
            (Some(open), _) => {
                let newest = self.recent.get(&rendition).and_then(|recent| recent.segments.back());
                let parts = newest.filter(|held| held.segment == open.segment).map_or(0, |h| h.parts.len());
                (open.segment, u32::try_from(parts).unwrap_or(u32::MAX))
            }
            (None, Some(last)) => (last + 1, 0),
            (None, None) => (self.book.first(), 0),
        }
    }

    /// Whether a playlist has any whole segment.
    pub(crate) fn has_segment(&self, rendition: Rendition) -> bool {
        self.book.last_closed(rendition).is_some()
    }

    /// Whether a playlist has this segment, or this part of it.
    pub(crate) fn has(&self, rendition: Rendition, segment: u64, part: Option<u32>) -> bool {
        let (next, parts) = self.next(rendition);
        match part {
            Some(part) => (segment, part) < (next, parts),
            None => segment < next,
        }
    }

    /// A file of a rendition.
    pub(crate) fn file(&self, rendition: Rendition, name: FileName) -> Found {
        let held = |segment: u64| {
            let recent = self.recent.get(&rendition)?;
            recent.segments.iter().find(|held| held.segment == segment)
        };
        let (next_segment, next_part) = self.next(rendition);
        match name {
            FileName::Init(init) => match self.inits.get(&(rendition, init)) {
                Some(bytes) => Found::Held(bytes.clone()),
                None => Found::Gone,
            },
            FileName::Segment(segment) => match held(segment) {
                Some(Held { whole: Some(whole), .. }) => Found::Held(whole.clone()),
                // A player that looked at a part may ask for its segment a moment too early.
                Some(_) if !self.ended => Found::Soon,
                Some(_) => Found::Gone,
                None => self.in_spool(rendition, segment),
            },
            FileName::Part(segment, part) => {
                let bytes = usize::try_from(part).ok().and_then(|part| held(segment)?.parts.get(part));
                match bytes {
                    Some(part) => Found::Held(part.bytes.clone()),
                    None if self.ended => Found::Gone,
                    None if (segment, part) == (next_segment, next_part) => Found::Soon,
                    None => Found::Gone,
                }
            }
        }
    }

    /// A key frame with what a decoder needs for it: of the newest segment, of the smallest layer that is at
    /// least `height` high.
    pub(crate) fn key_frame(&self, height: u16) -> Option<(Bytes, Rendition)> {
        let mut pictures = self.book.pictures();
        pictures.reverse();
        let high = |rendition: &Rendition| {
            let init = self.book.shelves.get(rendition).and_then(|shelf| shelf.newest_init());
            init.and_then(|init| init.size).is_some_and(|(_, have)| have >= height)
        };
        let chosen = pictures.iter().find(|r| high(r)).or(pictures.last())?;
        let recent = self.recent.get(chosen)?;
        let held = recent.segments.iter().rev().find(|h| h.parts.first().is_some_and(|p| p.independent))?;
        let shelf = self.book.shelves.get(chosen)?;
        let segment = shelf.segments.iter().chain(&shelf.open).find(|s| s.segment == held.segment)?;
        let init = self.inits.get(&(*chosen, segment.init))?;
        let part = &held.parts.first()?.bytes;
        let mut file = BytesMut::with_capacity(init.len() + part.len());
        file.extend_from_slice(init);
        file.extend_from_slice(part);
        Some((file.freeze(), *chosen))
    }

    /// Bytes that are in memory.
    #[cfg(test)]
    pub(crate) fn bytes_held(&self) -> usize {
        let parts = self.recent.values().flat_map(|recent| &recent.segments).flat_map(|held| &held.parts);
        parts.map(|part| part.bytes.len()).sum()
    }

    fn in_spool(&self, rendition: Rendition, segment: u64) -> Found {
        let known =
            self.book.shelves.get(&rendition).is_some_and(|shelf| {
                shelf.segments.iter().any(|known| known.segment == segment && !known.gap)
            });
        if known && self.spooled { Found::Spooled } else { Found::Gone }
    }

    fn reports(&self, rendition: Rendition) -> Vec<Report> {
        let (pictures, sound) = texts::offered(&self.book);
        pictures
            .into_iter()
            .chain(sound)
            .filter(|other| *other != rendition)
            .filter_map(|other| {
                let (segment, parts) = self.next(other);
                let (last_segment, last_part) = match parts.checked_sub(1) {
                    Some(part) => (segment, Some(u64::from(part))),
                    None => (segment.checked_sub(1)?, self.parts_of(other, segment.checked_sub(1)?)),
                };
                Some(Report { uri: format!("../{other}/{}", texts::PLAYLIST), last_segment, last_part })
            })
            .collect()
    }

    /// Index of the last part of a closed segment.
    fn parts_of(&self, rendition: Rendition, segment: u64) -> Option<u64> {
        let held = self.recent.get(&rendition)?.segments.iter().find(|held| held.segment == segment)?;
        held.parts.len().checked_sub(1).map(|last| last as u64)
    }

    /// Forgets what is older than the window, or is nowhere any more.
    fn forget(&mut self) {
        let Some(newest) = self.book.cuts.back().copied() else { return };
        let rewind = i64::try_from(self.rewind.as_micros()).unwrap_or(i64::MAX);
        let oldest = newest.at.saturating_sub(rewind);
        let mut first = self.book.first();
        while first + (IN_MEMORY as u64) < newest.segment
            && self.book.cut(first + 1).is_some_and(|next| next.at < oldest || !self.spooled)
        {
            first += 1;
        }
        if first == self.book.first() {
            return;
        }
        let manifest = self.manifest("", self.book.origin.unwrap_or(MediaTime(0)));
        let runs = manifest.iter().flat_map(|manifest| &manifest.runs);
        if let Some(run) = runs.take_while(|run| run.id <= first).last() {
            self.run = Some((run.id, i64::try_from(run.start.as_micros()).unwrap_or(0)));
        }
        self.book.forget_before(first);
        let book = &self.book;
        self.inits.retain(|(rendition, init), _| {
            book.shelves.get(rendition).is_some_and(|shelf| shelf.inits.iter().any(|kept| kept.init == *init))
        });
    }
}

impl Held {
    /// Lays the parts one behind the other, so that they and the segment share their memory.
    fn close(&mut self) {
        let mut whole = BytesMut::with_capacity(self.parts.iter().map(|part| part.bytes.len()).sum());
        for part in &self.parts {
            whole.extend_from_slice(&part.bytes);
        }
        let whole = whole.freeze();
        let mut at = 0;
        for part in &mut self.parts {
            let end = at + part.bytes.len();
            part.bytes = whole.slice(at..end);
            at = end;
        }
        self.whole = Some(whole);
    }
}

fn parts(rendition: Rendition, held: &Held) -> Vec<playlist::Part> {
    held.parts
        .iter()
        .enumerate()
        .map(|(index, part)| playlist::Part {
            uri: FileName::Part(held.segment, u32::try_from(index).unwrap_or(u32::MAX)).to_string(),
            duration: span(rendition, part.duration),
            independent: part.independent,
            gap: false,
        })
        .collect()
}

/// Segments of a rendition whose bytes are in memory. Players that are live need the newest three; fewer make
/// them wait for a disk, and each more costs the bytes of a segment.
const IN_MEMORY: usize = 6;

/// How long a master playlist waits for layers, and for sound, once there is something. More is latency of the
/// first viewers; less leaves them without what comes late.
const WAIT_FOR_LAYERS: Duration = Duration::from_secs(3);
const WAIT_FOR_SOUND: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
