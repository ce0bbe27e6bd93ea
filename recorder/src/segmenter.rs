//! Samples of all renditions to parts and segments.
//!
//! Segment `n` of every rendition covers the same time. A boundary is made by the first rendition that can: a
//! key frame once the segment is long enough, or sound where there is no picture. The others follow with their
//! own key frame, which they are asked for at once, and sound at exactly that time:
//!
//! ```text
//!   v0  K-----------|K-------------|K---        a boundary belongs to all of them, and so does a
//!   v1  K------------|K------------|K---        discontinuity: players count both alike in every
//!   a0  ------------|--------------|----        rendition
//! ```
//!
//! Nobody waits for long: a rendition without a key frame is cut where it stands when the next boundary comes,
//! and one that has nothing gets a gap, so that numbers stay aligned. A hole in a rendition is covered by its
//! last picture, or by silence, as far as that goes.

mod track;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sluice_media::track::TrackConfig;

use crate::entry::{Entry, Output, micros};
use crate::name::Rendition;
use track::Track;

/// A frame with its place on the time line.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    /// When it is decoded, in ticks.
    pub(crate) decode: i64,
    /// What makes the time of presentation of it.
    pub(crate) offset: i32,
    pub(crate) key: bool,
    /// It does not continue what came before.
    pub(crate) fresh: bool,
    /// How long it lasts in ticks, where it says so itself.
    pub(crate) duration: Option<u32>,
    /// On key frames: how it is coded.
    pub(crate) config: Option<Arc<TrackConfig>>,
    pub(crate) data: Bytes,
}

/// Where all renditions begin a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Boundary {
    segment: u64,
    /// Microseconds from the origin.
    at: i64,
    discontinuity: bool,
}

/// Cuts the renditions of one broadcast.
#[derive(Debug)]
pub(crate) struct Segmenter {
    /// All in microseconds.
    target: i64,
    part: i64,
    previous: Option<Boundary>,
    head: Option<Boundary>,
    tracks: BTreeMap<Rendition, Track>,
    newest_video: Option<i64>,
    /// Sound that waits for the picture of its time, so that both are cut at the same place.
    held: VecDeque<Placed>,
}

impl Segmenter {
    pub(crate) fn new(segment: Duration, part: Duration) -> Self {
        let micros = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX / 16).max(1_000);
        Self {
            target: micros(segment),
            part: micros(part),
            previous: None,
            head: None,
            tracks: BTreeMap::new(),
            newest_video: None,
            held: VecDeque::new(),
        }
    }

    /// Takes in the next sample of a rendition, in the order of decoding.
    pub(crate) fn push(&mut self, rendition: Rendition, sample: Placed, out: &mut Vec<Output>) {
        match rendition {
            Rendition::Audio => self.held.push_back(sample),
            Rendition::Video(_) => {
                let at = micros(rendition, sample.decode);
                self.take(rendition, sample, out);
                self.newest_video = self.newest_video.max(Some(at));
            }
        }
        self.release(false, out);
    }

    /// Nothing comes for a while: gives out what is there.
    pub(crate) fn pause(&mut self, out: &mut Vec<Output>) {
        self.release(true, out);
        for track in self.tracks.values_mut() {
            track.flush(None, out);
        }
    }

    /// Nothing comes any more: closes all segments.
    pub(crate) fn end(&mut self, out: &mut Vec<Output>) {
        self.pause(out);
        let Some(head) = self.head else { return };
        self.catch_up(out);
        if self.tracks.values().all(|track| !track.has_begun()) {
            return;
        }
        let at = self.tracks.values().map(Track::end_micros).max().unwrap_or(head.at).max(head.at + 1);
        let end = Boundary { segment: head.segment + 1, at, discontinuity: false };
        for track in self.tracks.values_mut() {
            track.advance(head, end, None, out);
        }
    }

    /// Whether a rendition needs a key frame for the next boundary, or to follow the others over one.
    pub(crate) fn wants_key(&self, rendition: Rendition) -> bool {
        let (Some(head), Some(track)) = (self.head, self.tracks.get(&rendition)) else { return false };
        let Some(newest) = self.newest_video else { return false };
        let due = head.at + self.target;
        track.is_dropping()
            || track.segment < head.segment
            || (newest >= due - self.ask_ahead() && !track.expects_key(newest, due + NATURAL_LATE))
    }

    /// Tells that a key frame was asked for.
    pub(crate) fn asked(&mut self, rendition: Rendition) {
        if let Some(track) = self.tracks.get_mut(&rendition) {
            track.asked();
        }
    }

    /// Samples that are held, for bounds in tests.
    #[cfg(test)]
    pub(crate) fn samples_held(&self) -> usize {
        self.held.len() + self.tracks.values().map(Track::samples_held).sum::<usize>()
    }

    /// Takes held sound whose time has come.
    fn release(&mut self, all: bool, out: &mut Vec<Output>) {
        while let (Some(first), Some(last)) = (self.held.front(), self.held.back()) {
            let first_at = micros(Rendition::Audio, first.decode);
            let waited = micros(Rendition::Audio, last.decode) - first_at;
            let due = all
                || !self.video_is_live(first_at)
                || self.newest_video.is_some_and(|newest| first_at < newest)
                || !(0..=HOLD).contains(&waited);
            if !due {
                return;
            }
            if let Some(sample) = self.held.pop_front() {
                self.take(Rendition::Audio, sample, out);
            }
        }
    }

    fn video_is_live(&self, at: i64) -> bool {
        self.newest_video.is_some_and(|newest| newest >= at.saturating_sub(VIDEO_GONE))
    }

    fn take(&mut self, rendition: Rendition, sample: Placed, out: &mut Vec<Output>) {
        let at = micros(rendition, sample.decode);
        let head = match self.head {
            Some(head) => head,
            None => self.open(Boundary { segment: 0, at, discontinuity: false }, out),
        };
        let part = self.part;
        let track = self.tracks.entry(rendition).or_insert_with(|| Track::new(rendition, head.segment, part));
        track.note(&sample, at);
        if track.is_dropping() && !sample.key {
            return;
        }
        if track.needs_break(&sample) {
            let at_new_place = head.discontinuity && !(track.segment == head.segment && track.has_begun());
            if !at_new_place {
                if at - head.at < MIN_BREAK.min(self.target / 2) && rendition != Rendition::Audio {
                    // So many changes make no picture that anybody wants to see.
                    track.drop_until_key();
                    return;
                }
                self.open(Boundary { segment: head.segment + 1, at, discontinuity: true }, out);
            }
            self.advance(rendition, Some(sample.decode), out);
        } else {
            track.fill(sample.decode, out);
            self.cut(rendition, &sample, at, head, out);
        }
        let Some(track) = self.tracks.get_mut(&rendition) else { return };
        track.push(sample, out);
    }

    /// Moves a rendition over the boundary that lies in front of the sample, and makes one where it is due.
    fn cut(&mut self, rendition: Rendition, sample: &Placed, at: i64, head: Boundary, out: &mut Vec<Output>) {
        let Some(track) = self.tracks.get(&rendition) else { return };
        let long = at >= head.at + LONGEST * self.target;
        let follows = match rendition {
            Rendition::Audio => at >= head.at,
            Rendition::Video(_) => {
                (sample.key && at >= head.at - self.tolerance()) || at >= head.at + self.target
            }
        };
        if track.segment < head.segment && follows {
            self.advance(rendition, Some(sample.decode), out);
        }
        let leads = match rendition {
            Rendition::Audio => at >= head.at + self.target && !self.video_is_live(at),
            Rendition::Video(_) => sample.key && at >= head.at + self.target - self.tolerance(),
        };
        if leads || (long && rendition != Rendition::Audio) {
            self.open(Boundary { segment: head.segment + 1, at, discontinuity: false }, out);
            self.advance(rendition, Some(sample.decode), out);
        }
    }

    /// Makes a boundary. Whoever has not come to the one before is brought there.
    fn open(&mut self, boundary: Boundary, out: &mut Vec<Output>) -> Boundary {
        self.catch_up(out);
        self.previous = self.head.replace(boundary);
        let Boundary { segment, at, discontinuity } = boundary;
        out.push(Output::Entry(Entry::Boundary { segment, at, discontinuity }, Bytes::new()));
        boundary
    }

    fn catch_up(&mut self, out: &mut Vec<Output>) {
        let (Some(previous), Some(head)) = (self.previous, self.head) else { return };
        for track in self.tracks.values_mut().filter(|track| track.segment < head.segment) {
            track.advance(previous, head, None, out);
        }
    }

    /// Brings a rendition to the newest boundary; `next`: where it goes on.
    fn advance(&mut self, rendition: Rendition, next: Option<i64>, out: &mut Vec<Output>) {
        let (Some(previous), Some(head)) = (self.previous, self.head) else { return };
        if let Some(track) = self.tracks.get_mut(&rendition).filter(|track| track.segment < head.segment) {
            track.advance(previous, head, next, out);
        }
    }

    /// A key frame that comes so much earlier than it is due makes a boundary, too.
    fn tolerance(&self) -> i64 {
        TOLERANCE.min(self.target / 4)
    }

    /// Key frames are asked for so much earlier than they are due, since they take a round trip to come.
    fn ask_ahead(&self) -> i64 {
        ASK_AHEAD.min(self.target / 8)
    }
}

/// All in microseconds.
///
/// Segments are shorter than their target by at most this. Less asks publishers with a regular key frame for
/// another one just before it; more makes segments of different lengths.
const TOLERANCE: i64 = 500_000;

/// Less makes segments longer than their target; more makes them shorter on good networks.
const ASK_AHEAD: i64 = 250_000;

/// How long after its time a publisher's own key frame is waited for before one is asked for.
const NATURAL_LATE: i64 = 500_000;

/// Sound waits so long for the picture of its time. More is latency of sound wherever the picture stands still;
/// less lets sound be cut a part later than the picture.
const HOLD: i64 = 400_000;

/// Where the newest picture is older than the sound by this, sound makes the boundaries. Less takes a picture
/// that is sent once a second for none.
const VIDEO_GONE: i64 = 2_000_000;

/// No two breaks are nearer to each other, so that a publisher that changes its parameter sets with every frame
/// does not make a segment of each.
const MIN_BREAK: i64 = 500_000;

/// A segment without a key frame is cut after so many times its target, where players cannot begin. More makes
/// players wait for long segments; less cuts publishers with rare key frames.
const LONGEST: i64 = 3;
