//! What a recording consists of: entries, added up.
//!
//! The same book is kept in three places. While a broadcast is live its window is a book that forgets its
//! first pages; a journal that is read back is one; and what is left beside the files in the object store,
//! `index.json`, is one that is closed.

use std::collections::{BTreeMap, VecDeque};
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sluice_domain::{Codec, MediaKind, MediaTime};

use crate::entry::{Begun, Closed, Entry, FORM, Init, Part, micros, timescale};
use crate::name::Rendition;

/// A recording, or the part of it that is remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Book {
    pub(crate) begun: Begun,
    #[serde(default)]
    pub(crate) origin: Option<MediaTime>,
    #[serde(default)]
    pub(crate) ended: Option<MediaTime>,
    /// Where segments begin, from the first one remembered, with none left out.
    pub(crate) cuts: VecDeque<Cut>,
    pub(crate) shelves: BTreeMap<Rendition, Shelf>,
    /// Discontinuities that are forgotten.
    #[serde(default)]
    pub(crate) discontinuities_gone: u64,
    /// Holes: in a lane, or in the tap's queue.
    #[serde(default)]
    pub(crate) gaps: u64,
}

/// Where a segment begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cut {
    #[serde(rename = "n")]
    pub(crate) segment: u64,
    /// Microseconds from the origin.
    pub(crate) at: i64,
    #[serde(rename = "d", default, skip_serializing_if = "is_false")]
    pub(crate) discontinuity: bool,
}

/// A rendition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shelf {
    pub(crate) inits: Vec<Init>,
    pub(crate) segments: VecDeque<Segment>,
    /// The segment in the making.
    #[serde(skip)]
    pub(crate) open: Option<Segment>,
    /// Bytes of all segments, also of those forgotten.
    #[serde(default)]
    pub(crate) bytes: u64,
}

/// A segment of a rendition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Segment {
    #[serde(rename = "n")]
    pub(crate) segment: u64,
    #[serde(rename = "i", default, skip_serializing_if = "is_zero")]
    pub(crate) init: u32,
    /// In ticks.
    #[serde(rename = "t")]
    pub(crate) start: u64,
    #[serde(rename = "l")]
    pub(crate) duration: u64,
    #[serde(rename = "b", default)]
    pub(crate) bytes: u64,
    #[serde(rename = "f", default)]
    pub(crate) samples: u32,
    #[serde(rename = "g", default, skip_serializing_if = "is_false")]
    pub(crate) gap: bool,
    /// It begins without a key frame, so that nobody can begin with it.
    #[serde(rename = "k", default, skip_serializing_if = "is_false")]
    pub(crate) keyless: bool,
}

/// How heavy a rendition is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Weight {
    /// Bits per second of the heaviest segment, and over all.
    pub(crate) peak: u64,
    pub(crate) average: u64,
    pub(crate) frame_rate: Option<f64>,
}

impl Book {
    pub(crate) fn new(begun: Begun) -> Self {
        Self {
            begun,
            origin: None,
            ended: None,
            cuts: VecDeque::new(),
            shelves: BTreeMap::new(),
            discontinuities_gone: 0,
            gaps: 0,
        }
    }

    /// Adds what happened.
    pub(crate) fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Begin(_) => {}
            Entry::Origin { at } => self.origin = Some(*at),
            Entry::Boundary { segment, at, discontinuity } => {
                // A journal that skips a number is none of ours; what follows is of no use.
                if self.cuts.back().is_none_or(|last| last.segment + 1 == *segment) {
                    self.cuts.push_back(Cut { segment: *segment, at: *at, discontinuity: *discontinuity });
                }
            }
            Entry::Init(init) => {
                let shelf = self.shelf(init.rendition);
                shelf.inits.retain(|known| known.init != init.init);
                shelf.inits.push(init.clone());
            }
            Entry::Part(part) => self.shelf(part.rendition).add(part),
            Entry::Closed(closed) => self.shelf(closed.rendition).close(closed),
            Entry::Lost { .. } => self.gaps += 1,
            Entry::Ended { at } => self.ended = Some(*at),
        }
    }

    fn shelf(&mut self, rendition: Rendition) -> &mut Shelf {
        self.shelves.entry(rendition).or_insert_with(|| Shelf {
            inits: Vec::new(),
            segments: VecDeque::new(),
            open: None,
            bytes: 0,
        })
    }

    /// Closes what was left open, as a process that was killed leaves it.
    pub(crate) fn close_all(&mut self, at: MediaTime) {
        let last = self.cuts.back().map(|cut| cut.segment);
        for shelf in self.shelves.values_mut() {
            if let Some(open) = shelf.open.take() {
                shelf.segments.push_back(open);
            }
        }
        self.ended.get_or_insert(at);
        // Nothing came behind the newest boundary: it is none.
        if let Some(last) = last
            && self.shelves.values().all(|shelf| shelf.segments.back().is_none_or(|s| s.segment < last))
        {
            self.cuts.pop_back();
        }
    }

    /// Forgets all segments before this one.
    pub(crate) fn forget_before(&mut self, first: u64) {
        while let Some(cut) = self.cuts.front().copied().filter(|cut| cut.segment < first) {
            self.cuts.pop_front();
            self.discontinuities_gone += u64::from(cut.discontinuity);
        }
        for shelf in self.shelves.values_mut() {
            while shelf.segments.front().is_some_and(|segment| segment.segment < first) {
                shelf.segments.pop_front();
            }
            let oldest = shelf.segments.iter().chain(&shelf.open).map(|segment| segment.init).min();
            let newest = shelf.inits.last().map_or(0, |init| init.init);
            shelf.inits.retain(|init| init.init >= oldest.unwrap_or(newest));
        }
    }

    /// Number of the first segment that is remembered.
    pub(crate) fn first(&self) -> u64 {
        self.cuts.front().map_or(0, |cut| cut.segment)
    }

    pub(crate) fn cut(&self, segment: u64) -> Option<&Cut> {
        let index = usize::try_from(segment.checked_sub(self.first())?).ok()?;
        self.cuts.get(index)
    }

    /// The segments of a rendition within a range, closed ones only: where it has none there is a gap, so that
    /// all renditions are aligned.
    ///
    /// Who has none at the newest boundary ends before it, as others do that a process that was killed was about
    /// to write. A gap stands there only in place of nothing at all, which no player takes.
    pub(crate) fn aligned(&self, rendition: Rendition, range: RangeInclusive<u64>) -> Vec<Segment> {
        let Some(shelf) = self.shelves.get(&rendition) else { return Vec::new() };
        let mut have = shelf.segments.iter().peekable();
        let mut segments = Vec::with_capacity(shelf.segments.len());
        for (index, cut) in self.cuts.iter().enumerate().filter(|(_, cut)| range.contains(&cut.segment)) {
            while have.next_if(|segment| segment.segment < cut.segment).is_some() {}
            if let Some(segment) = have.next_if(|segment| segment.segment == cut.segment) {
                segments.push(*segment);
                continue;
            }
            let end = match self.cuts.get(index + 1) {
                Some(next) => next.at,
                None if segments.is_empty() => self.end().unwrap_or(cut.at),
                None => break,
            };
            segments.push(Segment {
                segment: cut.segment,
                init: shelf.inits.first().map_or(0, |init| init.init),
                start: ticks_of(rendition, cut.at),
                duration: ticks_of(rendition, (end - cut.at).max(1)),
                bytes: 0,
                samples: 0,
                gap: true,
                keyless: false,
            });
        }
        segments
    }

    /// The newest segment that a rendition is done with.
    pub(crate) fn last_closed(&self, rendition: Rendition) -> Option<u64> {
        self.shelves.get(&rendition)?.segments.back().map(|segment| segment.segment)
    }

    /// The newest segment that any rendition is done with.
    pub(crate) fn last(&self) -> Option<u64> {
        self.shelves.keys().filter_map(|rendition| self.last_closed(*rendition)).max()
    }

    /// When the sample at these ticks was captured.
    pub(crate) fn date(&self, rendition: Rendition, ticks: u64) -> Option<MediaTime> {
        let ticks = i64::try_from(ticks).ok()?;
        Some(self.origin?.plus_micros(micros(rendition, ticks)))
    }

    /// From the beginning of the first to the end of the last segment that is remembered, in microseconds.
    pub(crate) fn length(&self) -> i64 {
        let begin = self.cuts.front().map_or(0, |cut| cut.at);
        self.end().map_or(0, |end| (end - begin).max(0))
    }

    /// The end of the last segment, in microseconds from the origin.
    fn end(&self) -> Option<i64> {
        self.shelves.iter().filter_map(|(rendition, shelf)| shelf.end_micros(*rendition)).max()
    }

    /// Bytes of all renditions since the beginning.
    pub(crate) fn bytes(&self) -> u64 {
        self.shelves.values().map(|shelf| shelf.bytes).sum()
    }

    /// Whether this version can read it.
    pub(crate) fn is_readable(&self) -> bool {
        self.begun.form <= FORM
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn weight(&self) -> u64 {
        let segments: usize = self.shelves.values().map(|shelf| shelf.segments.len()).sum();
        let bytes = segments * size_of::<Segment>() + self.cuts.len() * size_of::<Cut>() + 4_096;
        bytes as u64
    }

    /// Renditions of pictures, the largest first.
    pub(crate) fn pictures(&self) -> Vec<Rendition> {
        let mut pictures: Vec<(u32, Rendition)> = self
            .shelves
            .iter()
            .filter(|(rendition, shelf)| rendition.kind() == MediaKind::Video && !shelf.inits.is_empty())
            .map(|(rendition, shelf)| (shelf.pixels(), *rendition))
            .collect();
        pictures.sort_by_key(|(pixels, rendition)| (std::cmp::Reverse(*pixels), *rendition));
        pictures.into_iter().map(|(_, rendition)| rendition).collect()
    }
}

impl Shelf {
    fn add(&mut self, part: &Part) {
        self.bytes += part.bytes;
        match &mut self.open {
            Some(open) if open.segment == part.segment => {
                open.duration = (part.start + part.duration).saturating_sub(open.start);
                open.bytes += part.bytes;
                open.samples = open.samples.saturating_add(part.samples);
            }
            open => {
                *open = Some(Segment {
                    segment: part.segment,
                    init: part.init,
                    start: part.start,
                    duration: part.duration,
                    bytes: part.bytes,
                    samples: part.samples,
                    gap: false,
                    keyless: !part.independent,
                });
            }
        }
    }

    fn close(&mut self, closed: &Closed) {
        let segment = match self.open.take() {
            Some(open) if open.segment == closed.segment && !closed.gap => open,
            _ => Segment {
                segment: closed.segment,
                init: self.inits.last().map_or(0, |init| init.init),
                start: closed.start,
                duration: closed.duration,
                bytes: 0,
                samples: 0,
                gap: true,
                keyless: false,
            },
        };
        if self.segments.back().is_none_or(|last| last.segment < segment.segment) {
            self.segments.push_back(segment);
        }
    }

    /// Whether every segment that is remembered begins with a key frame.
    pub(crate) fn is_independent(&self) -> bool {
        self.segments.iter().chain(&self.open).all(|segment| !segment.keyless)
    }

    /// How it is coded now.
    pub(crate) fn newest_init(&self) -> Option<&Init> {
        self.inits.last()
    }

    pub(crate) fn codec(&self) -> Option<Codec> {
        self.newest_init().map(|init| init.codec)
    }

    fn pixels(&self) -> u32 {
        self.inits
            .iter()
            .filter_map(|init| init.size)
            .map(|(width, height)| u32::from(width) * u32::from(height))
            .max()
            .unwrap_or(0)
    }

    fn end_micros(&self, rendition: Rendition) -> Option<i64> {
        let last = self.open.iter().chain(self.segments.back()).next()?;
        Some(micros(rendition, i64::try_from(last.start + last.duration).unwrap_or(i64::MAX)))
    }

    /// How heavy the segments are that are remembered.
    pub(crate) fn weight(&self, rendition: Rendition) -> Weight {
        let scale = u64::from(timescale(rendition));
        let (mut bytes, mut ticks, mut samples, mut peak) = (0_u64, 0_u64, 0_u64, 0_u64);
        for segment in self.segments.iter().chain(&self.open).filter(|segment| !segment.gap) {
            bytes += segment.bytes;
            ticks += segment.duration;
            samples += u64::from(segment.samples);
            // What is shorter than half a second says little of a rate.
            if segment.duration >= scale / 2 {
                peak = peak.max(segment.bytes * 8 * scale / segment.duration);
            }
        }
        if ticks == 0 {
            return Weight::default();
        }
        let average = bytes * 8 * scale / ticks;
        let rate = samples as f64 * scale as f64 / ticks as f64;
        Weight {
            peak: peak.max(average),
            average,
            frame_rate: Some(rate).filter(|_| rendition.kind() == MediaKind::Video),
        }
    }
}

/// How long a segment is.
pub(crate) fn span(rendition: Rendition, ticks: u64) -> Duration {
    let micros = u128::from(ticks) * 1_000_000 / u128::from(timescale(rendition));
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

fn ticks_of(rendition: Rendition, micros: i64) -> u64 {
    crate::entry::ticks(rendition, micros.max(0)).unsigned_abs()
}

fn is_false(value: &bool) -> bool {
    !*value
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}
