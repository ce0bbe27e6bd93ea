//! One rendition: its samples to parts, its parts to the current segment.

use std::sync::Arc;

use bytes::Bytes;
use sluice_media::cmaf;
use sluice_media::track::TrackConfig;

use super::{Boundary, Placed};
use crate::entry::{self, Closed, Entry, Init, Output, Part};
use crate::name::Rendition;

/// One rendition on its way into files.
#[derive(Debug)]
pub(super) struct Track {
    rendition: Rendition,
    /// The segment that it is in.
    pub(super) segment: u64,
    /// Longest part, in ticks.
    part_ticks: i64,
    /// Parts of the current segment that are out.
    parts: u32,
    /// Fragments so far, of all segments.
    fragments: u32,
    /// Samples of the part in the making. The last one's duration is known when the next one comes.
    pending: Vec<Placed>,
    /// Decoding time of the current segment's first sample, once a part of it is out.
    begun: Option<i64>,
    /// End of the newest part.
    end: i64,
    /// How long a sample usually lasts.
    usual: i64,
    config: Option<Arc<TrackConfig>>,
    init: u32,
    /// What comes next does not follow from what was before.
    fresh: bool,
    /// Samples are dropped until a key frame may begin a new segment.
    dropping: bool,
    /// The newest key frame, and the time between the last two if nobody asked for them; in microseconds.
    last_key: Option<i64>,
    natural: Option<i64>,
    asked: bool,
}

impl Track {
    pub(super) fn new(rendition: Rendition, segment: u64, part_micros: i64) -> Self {
        let usual = match rendition {
            Rendition::Video(_) => 3_000,
            Rendition::Audio => SILENCE_TICKS,
        };
        Self {
            rendition,
            segment,
            // A part of ten pictures at 30 a second is 333.3 ms.
            part_ticks: entry::ticks(rendition, part_micros + PART_ROUNDING),
            parts: 0,
            fragments: 0,
            pending: Vec::new(),
            begun: None,
            end: 0,
            usual,
            config: None,
            init: 0,
            fresh: false,
            dropping: false,
            last_key: None,
            natural: None,
            asked: false,
        }
    }

    /// Whether there is something in the current segment.
    pub(super) fn has_begun(&self) -> bool {
        self.begun.is_some() || !self.pending.is_empty()
    }

    pub(super) fn end_micros(&self) -> i64 {
        entry::micros(self.rendition, self.end)
    }

    pub(super) fn is_dropping(&self) -> bool {
        self.dropping
    }

    pub(super) fn drop_until_key(&mut self) {
        self.dropping = true;
    }

    pub(super) fn asked(&mut self) {
        self.asked = true;
    }

    #[cfg(test)]
    pub(super) fn samples_held(&self) -> usize {
        self.pending.len()
    }

    /// Looks at a sample that came, whether or not it is of use.
    pub(super) fn note(&mut self, sample: &Placed, at: i64) {
        self.fresh |= sample.fresh;
        if sample.key && self.rendition != Rendition::Audio {
            let since = self.last_key.map(|last| at - last).filter(|since| *since > 0);
            self.natural = if self.asked { None } else { since };
            self.last_key = Some(at);
            self.asked = false;
        }
    }

    /// Whether the publisher's own key frame is still to be expected, at `latest`.
    pub(super) fn expects_key(&self, newest: i64, latest: i64) -> bool {
        match (self.last_key, self.natural) {
            (Some(last), Some(natural)) => {
                let expected = last.saturating_add(natural);
                expected <= latest && newest <= expected + KEY_LATE
            }
            _ => false,
        }
    }

    /// Whether the sample cannot stand in one segment with what is there.
    pub(super) fn needs_break(&self, sample: &Placed) -> bool {
        let changed = match (&self.config, &sample.config) {
            (Some(old), Some(new)) => !Arc::ptr_eq(old, new) && old != new,
            _ => false,
        };
        let hole = self.last_decode().is_some_and(|last| {
            self.has_begun() && sample.decode - last > entry::ticks(self.rendition, MAX_HOLE)
        });
        (self.fresh && self.config.is_some()) || changed || hole
    }

    /// Adds a sample to the current segment.
    pub(super) fn push(&mut self, mut sample: Placed, out: &mut Vec<Output>) {
        self.fresh = false;
        self.dropping = false;
        self.adopt(&sample, out);
        let earliest = match self.pending.last() {
            Some(last) => last.decode + 1,
            None => self.end,
        };
        if sample.decode < earliest {
            let moved = i32::try_from(earliest - sample.decode).unwrap_or(i32::MAX);
            sample.offset = sample.offset.saturating_sub(moved);
            sample.decode = earliest;
        }
        if let Some(last) = self.pending.last() {
            let step = sample.decode - last.decode;
            if step < entry::ticks(self.rendition, 1_000_000) {
                self.usual += (step - self.usual) / 8;
            }
        }
        self.append(sample, out);
    }

    fn append(&mut self, sample: Placed, out: &mut Vec<Output>) {
        let lasts = sample.duration.map_or(self.usual, i64::from);
        if let Some(first) = self.pending.first()
            && (sample.decode + lasts - first.decode > self.part_ticks || self.pending.len() >= MAX_PENDING)
        {
            self.flush(Some(sample.decode), out);
        }
        self.pending.push(sample);
    }

    /// Puts silence where sound is missing: encoders send nothing while nobody speaks, and packets get lost.
    pub(super) fn fill(&mut self, until: i64, out: &mut Vec<Output>) {
        if self.rendition != Rendition::Audio {
            return;
        }
        while let Some(last) = self.pending.last() {
            let at = last.decode + last.duration.map_or(SILENCE_TICKS, i64::from);
            if until - at < SILENCE_TICKS {
                return;
            }
            let silence = Placed {
                decode: at,
                offset: 0,
                key: true,
                fresh: false,
                duration: Some(SILENCE_TICKS as u32),
                config: None,
                data: Bytes::from_static(&SILENCE),
            };
            self.append(silence, out);
        }
    }

    /// Writes an init where the sample needs one.
    fn adopt(&mut self, sample: &Placed, out: &mut Vec<Output>) {
        let Some(config) = &sample.config else { return };
        match &self.config {
            Some(old) if Arc::ptr_eq(old, config) => return,
            Some(old) if old == config => {}
            old => {
                self.init = if old.is_some() { self.init + 1 } else { 0 };
                let bytes = cmaf::init_segment(config);
                let init = Init {
                    rendition: self.rendition,
                    init: self.init,
                    codec: config.codec(),
                    codecs: config.codec_string().to_owned(),
                    size: config.size(),
                    bytes: bytes.len() as u64,
                };
                out.push(Output::Entry(Entry::Init(init), bytes));
            }
        }
        self.config = Some(Arc::clone(config));
    }

    /// Gives out the part in the making; `next`: the sample behind it.
    pub(super) fn flush(&mut self, next: Option<i64>, out: &mut Vec<Output>) {
        let (Some(first), Some(last)) = (self.pending.first(), self.pending.last()) else { return };
        let start = first.decode;
        let independent = first.key;
        let usual = last.duration.map_or(self.usual, i64::from).max(1);
        let longest = entry::ticks(self.rendition, MAX_HOLE);
        let end = match next {
            Some(next) if next > last.decode && next - last.decode <= longest => next,
            _ => last.decode + usual,
        };
        let ends = self.pending.iter().skip(1).map(|sample| sample.decode).chain([end]);
        let samples: Vec<cmaf::Sample> = self
            .pending
            .iter()
            .zip(ends)
            .map(|(sample, end)| cmaf::Sample {
                data: sample.data.clone(),
                duration: u32::try_from(end - sample.decode).unwrap_or(1),
                offset: sample.offset,
                key: sample.key,
            })
            .collect();
        self.fragments = self.fragments.wrapping_add(1);
        let bytes = cmaf::part(self.fragments, start.unsigned_abs(), &samples);
        let part = Part {
            rendition: self.rendition,
            segment: self.segment,
            part: self.parts,
            init: self.init,
            start: start.unsigned_abs(),
            duration: (end - start).unsigned_abs(),
            bytes: bytes.len() as u64,
            samples: u32::try_from(samples.len()).unwrap_or(u32::MAX),
            independent,
        };
        self.pending.clear();
        self.parts += 1;
        self.begun.get_or_insert(start);
        self.end = end;
        out.push(Output::Entry(Entry::Part(part), bytes));
    }

    /// Ends the current segment and goes on to the next one.
    pub(super) fn advance(&mut self, from: Boundary, to: Boundary, next: Option<i64>, out: &mut Vec<Output>) {
        let boundary = entry::ticks(self.rendition, to.at);
        // Where nothing tells how long the last picture lasts, it lasts until the boundary.
        self.flush(next.filter(|_| !self.fresh).or(Some(boundary)), out);
        let closed = match self.begun.take() {
            Some(start) => Closed {
                rendition: self.rendition,
                segment: self.segment,
                gap: false,
                start: start.unsigned_abs(),
                duration: (self.end - start).unsigned_abs(),
            },
            None => {
                let start = entry::ticks(self.rendition, from.at).max(0);
                Closed {
                    rendition: self.rendition,
                    segment: self.segment,
                    gap: true,
                    start: start.unsigned_abs(),
                    duration: (boundary - start).max(1).unsigned_abs(),
                }
            }
        };
        out.push(Output::Entry(Entry::Closed(closed), Bytes::new()));
        self.segment = to.segment;
        self.parts = 0;
    }

    fn last_decode(&self) -> Option<i64> {
        self.pending.last().map(|sample| sample.decode).or(self.begun.map(|_| self.end))
    }
}

/// Parts may be longer than asked for by so many microseconds.
const PART_ROUNDING: i64 = 1_000;

/// A hole up to this, in microseconds, is covered by the picture before it, or by silence. Beyond it a new
/// segment begins. More shows a picture that stands still; less breaks slide shows.
const MAX_HOLE: i64 = 3_000_000;

/// How much later than usual a publisher's own key frame may be, in microseconds.
const KEY_LATE: i64 = 250_000;

/// Most samples of a part, whatever their timestamps say: memory is bounded by it.
const MAX_PENDING: usize = 512;

/// 20 ms of silence as Opus: CELT over the full band, one frame without energy (RFC 6716 §3.1, §4.3).
const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];
const SILENCE_TICKS: i64 = 960;
