//! Counts frames from packets that come in order: whole ones, broken ones, and the time between.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::media::vp8::PictureId;
use crate::report::histogram;

/// Timestamps may run this far ahead of or behind the arrivals; more counts as a jump. A viewer
/// that joins is served from a cache, which makes the first second different.
const JUMP: f64 = 1.0;
const SETTLING: Duration = Duration::from_secs(1);

/// What a packet is to its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) key: bool,
    /// Begins its frame, as far as its codec tells.
    pub(crate) starts: bool,
    /// Carries nothing (bandwidth probes).
    pub(crate) padding: bool,
    pub(crate) picture_id: Option<PictureId>,
}

/// Counts over the life of the stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FrameCounts {
    /// Whole frames that a decoder could show.
    pub(crate) frames: u64,
    pub(crate) key_frames: u64,
    /// Frames with a packet missing for good.
    pub(crate) broken: u64,
    /// Whole frames that refer to a broken one, until the next key frame.
    pub(crate) undecodable: u64,
    pub(crate) timestamp_jumps: u64,
    pub(crate) picture_id_breaks: u64,
    pub(crate) longest_gap: Duration,
}

/// The counter.
pub(crate) struct Frames {
    clock_rate: f64,
    current: Option<Current>,
    /// A decoder would wait for a key frame.
    waiting: bool,
    broken: bool,
    last: Option<(Instant, u32)>,
    last_picture: Option<PictureId>,
    started: Option<Instant>,
    first_key: Option<Instant>,
    pub(crate) counts: FrameCounts,
    /// Gaps between frames in milliseconds.
    gaps: Histogram<u32>,
}

struct Current {
    timestamp: u32,
    key: bool,
}

impl Frames {
    /// For a codec with this RTP clock.
    pub(crate) fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate: f64::from(clock_rate),
            current: None,
            waiting: true,
            broken: false,
            last: None,
            last_picture: None,
            started: None,
            first_key: None,
            counts: FrameCounts::default(),
            gaps: histogram(60_000),
        }
    }

    /// Whether a decoder would be waiting for a key frame.
    pub(crate) fn needs_key(&self) -> bool {
        self.waiting
    }

    /// When the first whole key frame was there.
    pub(crate) fn first_key(&self) -> Option<Instant> {
        self.first_key
    }

    /// The gaps between frames, in milliseconds.
    pub(crate) fn gaps(&self) -> &Histogram<u32> {
        &self.gaps
    }

    /// A packet was given up: the frame it belonged to, and those that refer to it, are lost.
    pub(crate) fn break_current(&mut self) {
        self.broken = true;
    }

    /// Takes the next packet in order.
    pub(crate) fn take(&mut self, now: Instant, part: Part) {
        if part.padding {
            return;
        }
        let same = self.current.as_ref().is_some_and(|current| current.timestamp == part.timestamp);
        if !same {
            let hole = self.broken;
            // A frame whose marker was lost ends where the next one begins.
            if self.current.is_some() {
                self.finish(now, !self.broken);
            } else if self.broken {
                self.finish_broken();
            }
            // What was lost may have been the beginning of this one.
            self.broken = hole && !part.starts;
            self.current = Some(Current { timestamp: part.timestamp, key: false });
            self.check_picture(part.picture_id);
        }
        if let Some(current) = &mut self.current {
            current.key |= part.key;
        }
        if part.marker {
            self.finish(now, !self.broken);
        }
    }

    fn finish_broken(&mut self) {
        self.broken = false;
        self.waiting = true;
        self.counts.broken += 1;
        self.last_picture = None;
    }

    fn finish(&mut self, now: Instant, whole: bool) {
        let Some(current) = self.current.take() else {
            return;
        };
        if !whole {
            self.finish_broken();
            return;
        }
        if current.key {
            self.waiting = false;
            self.counts.key_frames += 1;
            self.first_key.get_or_insert(now);
        }
        if self.waiting {
            self.counts.undecodable += 1;
            return;
        }
        self.counts.frames += 1;
        let started = *self.started.get_or_insert(now);
        if let Some((before, timestamp)) = self.last {
            let gap = now.duration_since(before);
            self.counts.longest_gap = self.counts.longest_gap.max(gap);
            self.gaps.saturating_record(gap.as_millis() as u64);
            let advance = f64::from(current.timestamp.wrapping_sub(timestamp) as i32) / self.clock_rate;
            let settled = now.duration_since(started) >= SETTLING;
            if advance <= 0.0 || (settled && (advance - gap.as_secs_f64()).abs() > JUMP) {
                self.counts.timestamp_jumps += 1;
            }
        }
        self.last = Some((now, current.timestamp));
    }

    fn check_picture(&mut self, picture_id: Option<PictureId>) {
        if let (Some(before), Some(id)) = (self.last_picture, picture_id)
            && !id.follows(before)
        {
            self.counts.picture_id_breaks += 1;
        }
        self.last_picture = picture_id;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(timestamp: u32, marker: bool, key: bool) -> Part {
        Part { timestamp, marker, key, starts: true, padding: false, picture_id: None }
    }

    #[test]
    fn frames_before_the_first_key_frame_cannot_be_shown() {
        let now = Instant::now();
        let mut frames = Frames::new(90_000);
        frames.take(now, part(0, true, false));
        frames.take(now, part(3000, false, true));
        frames.take(now, part(3000, true, false));
        frames.take(now, part(6000, true, false));
        assert_eq!(frames.counts.undecodable, 1);
        assert_eq!((frames.counts.frames, frames.counts.key_frames), (2, 1));
        assert!(!frames.needs_key());
    }

    #[test]
    fn a_lost_packet_costs_everything_up_to_the_next_key_frame() {
        let now = Instant::now();
        let mut frames = Frames::new(90_000);
        frames.take(now, part(0, true, true));
        frames.take(now, part(3000, false, false));
        frames.break_current();
        frames.take(now, part(3000, true, false));
        assert!(frames.needs_key());
        frames.take(now, part(6000, true, false));
        frames.take(now, part(9000, true, true));
        let counts = frames.counts;
        assert_eq!((counts.frames, counts.broken, counts.undecodable), (2, 1, 1));
    }

    #[test]
    fn a_frame_lost_as_a_whole_is_counted_when_the_next_one_begins() {
        let now = Instant::now();
        let mut frames = Frames::new(90_000);
        frames.take(now, part(0, true, true));
        frames.break_current();
        frames.take(now, part(6000, true, false));
        assert_eq!(frames.counts.broken, 1);
        assert!(frames.needs_key());
    }

    #[test]
    fn a_frame_without_its_beginning_is_no_key_frame() {
        let now = Instant::now();
        let mut frames = Frames::new(90_000);
        frames.take(now, part(0, true, true));
        frames.break_current();
        let mut rest = part(3000, true, true);
        rest.starts = false;
        frames.take(now, rest);
        frames.take(now, part(6000, true, false));
        assert!(frames.needs_key());
        assert_eq!(frames.counts.frames, 1);
        frames.take(now, part(9000, true, true));
        assert_eq!(frames.counts.frames, 2);
    }

    #[test]
    fn gaps_and_timestamp_jumps_are_noticed_but_not_the_fast_start_of_a_joiner() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut frames = Frames::new(90_000);
        frames.take(at(0), part(0, true, true));
        frames.take(at(1), part(180_000, true, false));
        frames.take(at(1001), part(270_000, true, false));
        assert_eq!(frames.counts.timestamp_jumps, 0);
        assert_eq!(frames.counts.longest_gap, Duration::from_millis(1000));
        frames.take(at(1034), part(900_000, true, false));
        frames.take(at(1067), part(897_000, true, false));
        assert_eq!(frames.counts.timestamp_jumps, 2);
        assert_eq!((frames.gaps().len(), frames.gaps().max()), (4, 1003));
    }

    #[test]
    fn picture_ids_must_follow_each_other() {
        let now = Instant::now();
        let mut frames = Frames::new(90_000);
        for (at, value) in [0x7ffe_u16, 0x7fff, 0, 2].into_iter().enumerate() {
            let mut packet = part(3000 * at as u32, true, at == 0);
            packet.picture_id = Some(PictureId { value, wide: true });
            frames.take(now, packet);
        }
        assert_eq!(frames.counts.picture_id_breaks, 1);
    }
}
