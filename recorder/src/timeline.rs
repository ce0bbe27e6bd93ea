//! From RTP timestamps to places on the time line of a recording.
//!
//! Two clocks tell when a picture was taken. RTP timestamps step exactly from frame to frame, but run a little
//! too fast or too slow, which adds up to seconds in a long broadcast. Capture times are right in the long run,
//! but shake. So steps are taken from RTP and stretched by so little that nobody notices (0.5 % at most), until
//! the sum of them is what capture times say:
//!
//! ```text
//!   truth     |----|----|----|----|----|----|     error is smoothed over seconds,
//!   RTP       |-----|-----|-----|-----|-----|     and each step gives back a part of it
//!   placed    |-----|-----|----|----|----|----|
//! ```
//!
//! What cannot be mended like this (a publisher whose timestamps jump) is a jump, and said so.

use sluice_domain::MediaTime;

/// The time line of one RTP source. Ticks are those of its codec's clock, from the recording's origin.
#[derive(Debug)]
pub(crate) struct Timeline {
    rate: i64,
    origin: MediaTime,
    last: Option<Last>,
}

/// Where a frame belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// When it is to be shown, in ticks from the origin.
    pub(crate) ticks: i64,
    /// It does not continue what came before.
    pub(crate) jumped: bool,
}

#[derive(Debug)]
struct Last {
    timestamp: u32,
    /// All in 1/65,536 ticks: a step is stretched by less than a tick.
    position: i64,
    error: i64,
    /// Since when the error has been too large to be mended, as a capture time.
    wrong_since: Option<MediaTime>,
}

impl Timeline {
    pub(crate) fn new(rate: u32, origin: MediaTime) -> Self {
        Self { rate: i64::from(rate.max(1)), origin, last: None }
    }

    /// Places the next frame in decoding order; `estimated`: `captured` rests on arrival.
    pub(crate) fn place(&mut self, timestamp: u32, captured: MediaTime, estimated: bool) -> Place {
        let truth = self.fine(captured.micros_since(self.origin));
        let (jump_at, smoothing) = if estimated {
            (self.fine(JUMP_ESTIMATED), SMOOTHING_ESTIMATED)
        } else {
            (self.fine(JUMP), SMOOTHING)
        };
        let (smoothing, return_over) = (self.fine(smoothing), self.fine(RETURN_OVER));
        let plausible = self.fine(PLAUSIBLE_STEP);
        let Some(last) = &mut self.last else {
            self.last = Some(Last { timestamp, position: truth, error: 0, wrong_since: None });
            return Place { ticks: truth >> FRACTION, jumped: false };
        };
        let step = i64::from(timestamp.wrapping_sub(last.timestamp).cast_signed()) << FRACTION;
        let position = last.position.saturating_add(step);
        let error = truth.saturating_sub(position);
        last.timestamp = timestamp;
        if error.abs() > jump_at {
            let since = *last.wrong_since.get_or_insert(captured);
            if step.abs() > plausible || captured.micros_since(since).unsigned_abs() >= PATIENCE {
                *last = Last { timestamp, position: truth, error: 0, wrong_since: None };
                return Place { ticks: truth >> FRACTION, jumped: true };
            }
            last.position = position;
            return Place { ticks: position >> FRACTION, jumped: false };
        }
        last.wrong_since = None;
        let elapsed = step.abs().min(smoothing);
        last.error += (i128::from(error - last.error) * i128::from(elapsed) / i128::from(smoothing)) as i64;
        let most = elapsed / STRETCH;
        let part = (i128::from(last.error) * i128::from(elapsed) / i128::from(return_over)) as i64;
        let correction = part.clamp(-most, most);
        last.error -= correction;
        last.position = position + correction;
        Place { ticks: last.position >> FRACTION, jumped: false }
    }

    /// Microseconds in 1/65,536 ticks.
    fn fine(&self, micros: i64) -> i64 {
        let fine = ((i128::from(micros) * i128::from(self.rate)) << FRACTION) / 1_000_000;
        fine.clamp(i128::from(i64::MIN / 4), i128::from(i64::MAX / 4)) as i64
    }
}

const FRACTION: u32 = 16;

/// An error beyond this, in microseconds, is not mended but a jump: sound that is 100 ms away from its picture
/// is noticed at once, and mending it by stretching takes 20 s.
const JUMP: i64 = 100_000;

/// The same while capture times rest on arrival: networks delay packets by hundreds of milliseconds.
const JUMP_ESTIMATED: i64 = 1_000_000;

/// How long an error must last before it counts as a jump, in microseconds. Less breaks at a single sender report
/// that is off; more plays longer out of step.
const PATIENCE: u64 = 1_000_000;

/// A step of timestamps beyond this, in microseconds, that capture times do not confirm is a jump at once.
const PLAUSIBLE_STEP: i64 = 2_000_000;

/// Over how many microseconds errors are averaged. Less lets the noise of sender reports through.
const SMOOTHING: i64 = 2_000_000;

/// The same while capture times rest on arrival.
const SMOOTHING_ESTIMATED: i64 = 10_000_000;

/// In how many microseconds an error is given back. More leaves a larger error where clocks drift: 7 s at
/// 100 ppm are 0.7 ms.
const RETURN_OVER: i64 = 5_000_000;

/// A step is stretched by at most one part in so many.
const STRETCH: i64 = 200;

#[cfg(test)]
mod tests {
    use super::*;

    /// A source whose clock is `ppm` too fast and that sends `rate / step` frames a second.
    fn run(rate: u32, step: u32, ppm: i64, seconds: i64, noise: i64) -> i64 {
        let origin = MediaTime(1_000_000_000);
        let mut timeline = Timeline::new(rate, origin);
        let mut worst = 0;
        let mut seed = 1_u64;
        let frames = seconds * i64::from(rate) / i64::from(step);
        for frame in 0..frames {
            // The source's clock counts `ticks` while this much time passes in truth.
            let ticks = frame * i64::from(step);
            let micros = ticks * 1_000_000 / i64::from(rate) * 1_000_000 / (1_000_000 + ppm);
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let shake = if noise > 0 { (seed >> 33) as i64 % (2 * noise) - noise } else { 0 };
            let timestamp = (ticks as u64).wrapping_add(4_294_000_000) as u32;
            let place = timeline.place(timestamp, origin.plus_micros(micros + shake), false);
            assert!(!place.jumped, "frame {frame}");
            worst = worst.max((place.ticks * 1_000_000 / i64::from(rate) - micros).abs());
        }
        worst
    }

    #[test]
    fn a_clock_that_is_100_ppm_off_is_followed_within_2_ms_for_6_hours() {
        for ppm in [-100, 100] {
            let audio = run(48_000, 960, ppm, 6 * 3600, 0);
            let video = run(90_000, 3_000, ppm, 6 * 3600, 0);
            assert!(audio <= 2_000 && video <= 2_000, "{audio} {video} µs at {ppm} ppm");
        }
    }

    #[test]
    fn capture_times_that_shake_do_not_shake_the_time_line() {
        let worst = run(90_000, 3_000, 30, 600, 20_000);
        assert!(worst <= 22_000, "{worst} µs, of which the first frame's capture time is 20,000");
    }

    #[test]
    fn a_wrapped_timestamp_is_a_step_and_a_jumped_one_a_jump() {
        let origin = MediaTime(0);
        let mut timeline = Timeline::new(90_000, origin);
        timeline.place(u32::MAX - 1_499, MediaTime(0), false);
        assert_eq!(timeline.place(1_500, MediaTime(33_333), false), Place { ticks: 3_000, jumped: false });
        let jumped = timeline.place(900_000_000, MediaTime(66_667), false);
        assert!(jumped.jumped && (jumped.ticks - 6_000).abs() <= 1, "{jumped:?}");
        let next = timeline.place(900_003_000, MediaTime(100_000), false);
        assert!(!next.jumped && (next.ticks - 9_000).abs() <= 2, "{next:?}");
    }

    #[test]
    fn a_pause_that_capture_times_confirm_is_no_jump() {
        let mut timeline = Timeline::new(90_000, MediaTime(0));
        timeline.place(0, MediaTime(0), false);
        let place = timeline.place(2_700_000, MediaTime(30_000_000), false);
        assert_eq!(place, Place { ticks: 2_700_000, jumped: false });
    }

    #[test]
    fn one_capture_time_that_is_off_changes_next_to_nothing_and_a_lasting_change_is_a_jump() {
        let mut timeline = Timeline::new(90_000, MediaTime(0));
        for frame in 0..30_u32 {
            timeline.place(frame * 3_000, MediaTime(i64::from(frame) * 33_333), false);
        }
        assert!(!timeline.place(90_000, MediaTime(1_400_000), false).jumped);
        let jumps = (31..90_u32)
            .filter(|frame| {
                timeline.place(frame * 3_000, MediaTime(i64::from(*frame) * 33_333 + 400_000), false).jumped
            })
            .count();
        assert_eq!(jumps, 1);
    }

    #[test]
    fn absurd_capture_times_overflow_nothing() {
        let mut timeline = Timeline::new(90_000, MediaTime(i64::MIN));
        for captured in [i64::MAX, i64::MIN, 0, i64::MAX] {
            for timestamp in [0, u32::MAX, 1 << 31] {
                timeline.place(timestamp, MediaTime(captured), captured == 0);
            }
        }
    }
}
