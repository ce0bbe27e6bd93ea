//! Decoding times for frames whose RTP timestamps say when they are shown.
//!
//! RTP carries frames in decoding order and stamps them with presentation times, which run back and forth
//! where there are B-frames. MP4 wants decoding times that only rise, and the difference as composition
//! offset. The decoding times given out are the presentation times in sorted order, so a group of pictures
//! that is closed begins at its key frame's presentation time and lasts as long as it is seen:
//!
//! ```text
//!   decoded    I0  P3  B1  B2 | I4  P7  B5  B6
//!   shown at    0   3   1   2 |  4   7   5   6
//!   decode at   0   1   2   3 |  4   5   6   7
//!   offset      0  +2  -1  -1 |  0  +2  -1  -1
//! ```
//!
//! A frame waits for as many others as the stream may reorder, and no longer than until the next key frame;
//! without B-frames it does not wait at all.

use std::collections::{BTreeMap, VecDeque};

/// A frame with its place in MP4's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timed<T> {
    /// Decoding time; rises from frame to frame by one at least.
    pub decode: i64,
    /// What makes the presentation time of it.
    pub offset: i32,
    /// The frame.
    pub item: T,
}

impl<T> Timed<T> {
    /// When the frame is shown.
    pub fn presentation(&self) -> i64 {
        self.decode.saturating_add(i64::from(self.offset))
    }
}

/// Gives frames of one track their decoding times.
#[derive(Debug)]
pub struct DecodeOrder<T> {
    /// Frames in decoding order, whose decoding time is not known yet.
    waiting: VecDeque<(i64, T)>,
    /// Presentation times that no frame has as decoding time yet, sorted, with how often.
    times: BTreeMap<i64, u32>,
    /// Frames that wait so that those shown before them can come.
    depth: usize,
    /// Presentation times of the newest frames since the key frame, given out or waiting.
    recent: VecDeque<i64>,
    last: Option<i64>,
}

impl<T> Default for DecodeOrder<T> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            times: BTreeMap::new(),
            depth: 0,
            recent: VecDeque::new(),
            last: None,
        }
    }
}

impl<T> DecodeOrder<T> {
    /// Sets how many frames may be decoded before one that is shown before them, where the stream tells
    /// (`TrackConfig::max_reorder`). Where it does not, the order of what comes tells.
    pub fn set_depth(&mut self, depth: u8) {
        self.depth = usize::from(depth).min(MAX_DEPTH);
    }

    /// Takes the next frame in decoding order, and puts those that are due behind `out`. `presentation` is
    /// in units of the track's timescale, without the wraps of RTP.
    pub fn push(&mut self, presentation: i64, key: bool, item: T, out: &mut Vec<Timed<T>>) {
        if key {
            // What was decoded before a key frame is shown before it.
            self.flush(out);
        }
        // All that was decoded before it and is shown after it should have waited.
        let later = self.recent.iter().filter(|recent| **recent > presentation).count();
        self.depth = self.depth.max(later);
        if self.recent.len() == MAX_DEPTH {
            self.recent.pop_front();
        }
        self.recent.push_back(presentation);
        *self.times.entry(presentation).or_default() += 1;
        self.waiting.push_back((presentation, item));
        while self.waiting.len() > self.depth {
            self.give_out(out);
        }
    }

    /// Gives out the frames that wait: nothing more will come, or something else.
    pub fn flush(&mut self, out: &mut Vec<Timed<T>>) {
        while !self.waiting.is_empty() {
            self.give_out(out);
        }
        self.recent.clear();
    }

    /// Frames that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn give_out(&mut self, out: &mut Vec<Timed<T>>) {
        let (Some((presentation, item)), Some(mut first)) =
            (self.waiting.pop_front(), self.times.first_entry())
        else {
            return;
        };
        let sorted = *first.key();
        *first.get_mut() -= 1;
        if *first.get() == 0 {
            first.remove();
        }
        let decode = self.last.map_or(sorted, |last| sorted.max(last.saturating_add(1)));
        self.last = Some(decode);
        let offset = presentation.saturating_sub(decode);
        let offset = i32::try_from(offset).unwrap_or(if offset < 0 { i32::MIN } else { i32::MAX });
        out.push(Timed { decode, offset, item });
    }
}

/// Both H.264 and H.265 hold 16 pictures at most. More would let a publisher whose timestamps run backwards
/// fill memory.
const MAX_DEPTH: usize = 16;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pushes presentation times, `true` for key frames; answers with decoding time and offset.
    fn run(depth: u8, frames: &[(i64, bool)]) -> Vec<(i64, i32)> {
        let mut order = DecodeOrder::default();
        order.set_depth(depth);
        let mut out = Vec::new();
        for (presentation, key) in frames {
            order.push(*presentation, *key, *presentation, &mut out);
        }
        order.flush(&mut out);
        assert!(out.iter().all(|timed| timed.presentation() == timed.item));
        out.iter().map(|timed| (timed.decode, timed.offset)).collect()
    }

    const GROUP: [(i64, bool); 8] =
        [(0, true), (30, false), (10, false), (20, false), (40, true), (70, false), (50, false), (60, false)];

    #[test]
    fn without_b_frames_nothing_waits_and_nothing_is_offset() {
        let mut order = DecodeOrder::default();
        let mut out = Vec::new();
        for time in [0, 3_000, 6_000, 9_000] {
            order.push(time, time == 0, (), &mut out);
            assert_eq!(order.waiting(), 0);
        }
        let times: Vec<_> = out.iter().map(|timed| (timed.decode, timed.offset)).collect();
        assert_eq!(times, [(0, 0), (3_000, 0), (6_000, 0), (9_000, 0)]);
    }

    #[test]
    fn a_stream_that_tells_its_depth_gets_the_times_of_the_drawing() {
        let expected = [(0, 0), (10, 20), (20, -10), (30, -10), (40, 0), (50, 20), (60, -10), (70, -10)];
        assert_eq!(run(1, &GROUP), expected);
        assert_eq!(run(4, &GROUP), expected, "waiting for longer changes nothing");
    }

    #[test]
    fn a_stream_that_does_not_tell_is_found_out() {
        let times = run(0, &GROUP);
        assert!(times.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let expected = [(40, 0), (50, 20), (60, -10), (70, -10)];
        assert_eq!(times[4..], expected, "from the next key frame on all is in place");
    }

    #[test]
    fn a_pyramid_of_b_frames_needs_two_to_wait() {
        // I0 P4 B2 b1 b3, as x264 does it.
        let frames = [(0, true), (40, false), (20, false), (10, false), (30, false), (50, true)];
        let expected = [(0, 0), (10, 30), (20, 0), (30, -20), (40, -10), (50, 0)];
        assert_eq!(run(2, &frames), expected);
        let mut twice = frames[..5].to_vec();
        twice.extend(frames.map(|(time, key)| (time + 50, key)));
        let shifted = expected.map(|(decode, offset)| (decode + 50, offset));
        assert_eq!(run(0, &twice)[5..], shifted, "found out within the first group");
    }

    #[test]
    fn leading_pictures_of_an_open_group_keep_their_times() {
        // CRA 8 with 6 and 7 before it on the screen.
        let frames = [(40, true), (50, false), (80, true), (60, false), (70, false), (90, false)];
        assert_eq!(run(2, &frames), [(40, 0), (50, 0), (60, 20), (70, -10), (80, -10), (90, 0)]);
    }

    proptest! {
        #[test]
        fn decoding_times_rise_and_presentation_times_stay(
            depth in 0_u8..20, frames in prop::collection::vec((-1_000_i64..1_000, any::<bool>()), 0..200),
        ) {
            let mut order = DecodeOrder::default();
            order.set_depth(depth);
            let mut out = Vec::new();
            for (index, (presentation, key)) in frames.iter().enumerate() {
                order.push(*presentation, *key, index, &mut out);
                prop_assert!(order.waiting() <= MAX_DEPTH);
            }
            order.flush(&mut out);
            prop_assert_eq!(out.len(), frames.len());
            prop_assert!(out.windows(2).all(|pair| pair[0].decode < pair[1].decode));
            for (index, timed) in out.iter().enumerate() {
                prop_assert_eq!(timed.item, index, "the order of decoding is kept");
                prop_assert_eq!(timed.presentation(), frames[index].0);
            }
        }

        #[test]
        fn enough_depth_makes_decoding_times_a_sorted_copy_of_the_presentation_times(
            swaps in prop::collection::vec(0_usize..4, 1..60),
        ) {
            // Frames displaced by three places at most.
            let mut times: Vec<i64> = (0..swaps.len()).map(|index| index as i64 * 10).collect();
            let mut at = 0;
            while at + 1 < times.len() {
                let end = (at + 1 + swaps[at]).min(times.len());
                times[at..end].rotate_right(1);
                at = end;
            }
            let mut order = DecodeOrder::default();
            order.set_depth(4);
            let mut out = Vec::new();
            for time in &times {
                order.push(*time, false, (), &mut out);
            }
            order.flush(&mut out);
            let decoded: Vec<_> = out.iter().map(|timed| timed.decode).collect();
            times.sort_unstable();
            prop_assert_eq!(decoded, times);
        }
    }
}
