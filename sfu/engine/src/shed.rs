//! What a shard leaves out while it does not keep up, so that delays stay bounded.
//!
//! ```text
//!  level  1  2        3 .. 10                              11
//!         layers      video of the newest viewers,         their audio
//!         one lower,  an eighth more each level
//!         two lower
//! ```

use std::time::Duration;

/// Delay of the queue to viewers above which something must be left out. Less gives up quality on
/// bursts that pass, more lets delays grow.
const TOO_LONG: Duration = Duration::from_millis(50);

/// Delay below which there may be room again. A round through a thousand viewers takes most of it.
const SHORT: Duration = Duration::from_millis(25);

/// A tick above [`SHORT`] takes so many of those below away. More waits for longer where key frames for many
/// viewers take their time, fewer thinks of a queue that is often long as short.
const SETBACK: u32 = 2;

/// Ticks above [`TOO_LONG`] for one more level: 300 ms. A key frame for many viewers stays that long by
/// itself at times; fewer would mistake it for overload.
const TICKS_UP: u32 = 6;

/// A queue that falls to this share of what it was in the [`TICKS_UP`] before goes away by itself: what was left
/// out last is enough. Less leaves out more and more while a long queue is worked off.
const FALLS: f64 = 0.8;

/// Ticks below [`SHORT`] for one level less: 2 s. Fewer tries more often what may not be carried.
const TICKS_DOWN: u32 = 40;

/// Each try that proves right halves the wait for the next, down to this: 1 s. Fewer does not see what the
/// last one did.
const LEAST_TICKS_DOWN: u32 = TICKS_DOWN / 2;

/// Each try that proves wrong doubles the wait for the next, up to this: 32 s.
const MOST_TICKS_DOWN: u32 = 16 * TICKS_DOWN;

/// A level that is needed again within this many ticks was given up too early: 5 s.
const REGRET: u32 = 100;

/// Levels that lower layers.
const LAYERS: u32 = 2;

/// Levels that pause viewers.
const PAUSES: u32 = 8;

/// Levels in all.
const MOST: u32 = LAYERS + PAUSES + 1;

/// A queue this old takes no more video, whatever the level: the last bound.
pub const LONGEST_QUEUE: Duration = Duration::from_millis(400);

/// A queue this old takes no more audio either.
pub const LONGEST_AUDIO_QUEUE: Duration = Duration::from_millis(800);

/// What is left out for one viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Less {
    /// So many of the best layers.
    pub layers: usize,
    /// All video.
    pub video: bool,
    /// All audio.
    pub audio: bool,
}

/// Decides how much is left out.
#[derive(Debug)]
pub struct Shedder {
    level: u32,
    above: u32,
    below: u32,
    /// The shortest delay of the ticks that `above` counts, and of those counted before.
    shortest: Duration,
    before: Option<Duration>,
    /// Ticks below [`SHORT`] that are asked for.
    patience: u32,
    /// Ticks since the level fell.
    since_down: u32,
    /// Whether the level last fell and that proved right so far.
    eased: bool,
}

impl Default for Shedder {
    fn default() -> Self {
        Self {
            level: 0,
            above: 0,
            below: 0,
            shortest: Duration::MAX,
            before: None,
            patience: TICKS_DOWN,
            since_down: REGRET,
            eased: false,
        }
    }
}

impl Shedder {
    /// On every tick, with how long what waits for viewers has been waiting. True when it changed what is
    /// left out.
    pub fn tick(&mut self, lag: Duration) -> bool {
        let level = self.level;
        self.since_down = self.since_down.saturating_add(1);
        if level == 0 && self.since_down >= REGRET {
            // That is over: what comes next has nothing to do with it.
            self.patience = TICKS_DOWN;
        }
        self.below = if lag < SHORT { self.below + 1 } else { self.below.saturating_sub(SETBACK) };
        if lag <= TOO_LONG {
            (self.above, self.shortest, self.before) = (0, Duration::MAX, None);
        } else {
            (self.above, self.shortest) = (self.above + 1, self.shortest.min(lag));
            if self.above >= TICKS_UP {
                self.stays_long();
            }
        }
        if self.level > 0 && self.below >= self.patience {
            if self.eased {
                self.patience = LEAST_TICKS_DOWN.max(self.patience / 2);
            }
            (self.below, self.level, self.since_down, self.eased) = (0, self.level - 1, 0, true);
        }
        self.level != level
    }

    /// The queue has been too long for [`TICKS_UP`].
    fn stays_long(&mut self) {
        let shortest = std::mem::replace(&mut self.shortest, Duration::MAX);
        let before = self.before.replace(shortest);
        (self.above, self.below) = (0, 0);
        if before.is_some_and(|before| shortest <= before.mul_f64(FALLS)) {
            return;
        }
        self.level = (self.level + 1).min(MOST);
        if self.eased && self.since_down < REGRET {
            self.patience = (self.patience * 2).min(MOST_TICKS_DOWN);
        }
        self.eased = false;
    }

    /// How much is left out: 0 is nothing.
    pub const fn level(&self) -> u32 {
        self.level
    }

    /// What is left out for the viewer that is number `age` of `viewers`, the newest first.
    pub fn less(&self, age: usize, viewers: usize) -> Less {
        let paused = self.level.saturating_sub(LAYERS).min(PAUSES) as usize;
        let video = age < (viewers * paused).div_ceil(PAUSES as usize);
        Less { layers: self.level.min(LAYERS) as usize, video, audio: video && self.level == MOST }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_millis(80);

    /// So many ticks with that delay.
    fn ticks(shedder: &mut Shedder, count: u32, lag: Duration) {
        for _ in 0..count {
            shedder.tick(lag);
        }
    }

    /// Ticks without delay until nothing is left out.
    fn until_all_is_back(shedder: &mut Shedder) -> u32 {
        let mut ticks = 0;
        while shedder.level() > 0 {
            shedder.tick(Duration::ZERO);
            ticks += 1;
        }
        ticks
    }

    fn at_level(level: u32) -> Shedder {
        Shedder { level, ..Shedder::default() }
    }

    #[test]
    fn a_burst_that_passes_leaves_nothing_out() {
        let mut shedder = Shedder::default();
        for tick in 0..1000 {
            assert!(!shedder.tick(if tick % 20 < 5 { LONG } else { Duration::ZERO }));
        }
    }

    #[test]
    fn layers_go_first_then_video_of_the_newest_then_audio() {
        assert_eq!(at_level(0).less(0, 100), Less::default());
        assert_eq!(at_level(1).less(0, 100), Less { layers: 1, ..Less::default() });
        assert_eq!(at_level(2).less(0, 100), Less { layers: 2, ..Less::default() });
        let paused = |level| (0..100).filter(|age| at_level(level).less(*age, 100).video).count();
        assert_eq!([3, 4, 9, 10].map(paused), [13, 25, 88, 100]);
        assert!(at_level(3).less(0, 100).video && !at_level(3).less(99, 100).video);
        assert!(!at_level(10).less(0, 100).audio && at_level(11).less(0, 100).audio);
    }

    #[test]
    fn what_proves_too_much_again_and_again_is_tried_less_and_less() {
        let mut shedder = Shedder::default();
        // One level is needed all the time.
        let tries = |shedder: &mut Shedder, ticks: u32| {
            (0..ticks)
                .filter(|_| {
                    let level = shedder.level();
                    shedder.tick(if level == 0 { LONG } else { Duration::ZERO });
                    shedder.level() < level
                })
                .count()
        };
        assert!(tries(&mut shedder, 1000) <= 5);
        assert!(tries(&mut shedder, 3000) <= 5);
    }

    #[test]
    fn what_was_left_out_comes_back_slowly() {
        let mut shedder = Shedder::default();
        let ups = (0..60).filter(|_| shedder.tick(LONG)).count();
        assert_eq!((ups, shedder.level()), (10, 10));
        // The first after 2 s and the second, those behind them after 1 s each.
        assert_eq!(until_all_is_back(&mut shedder), 40 + 40 + 8 * 20);
    }

    #[test]
    fn key_frames_that_take_their_time_keep_nothing_from_coming_back() {
        let mut shedder = at_level(1);
        // Every second the queue is long for 100 ms, and a round takes 20 ms.
        let lag = |tick: u32| if tick % 20 < 2 { LONG } else { Duration::from_millis(20) };
        let waited = (0..200).take_while(|tick| !shedder.tick(lag(*tick))).count();
        assert!((40..70).contains(&waited) && shedder.level() == 0, "{waited}");
    }

    #[test]
    fn what_was_long_ago_costs_no_patience() {
        let mut shedder = Shedder::default();
        let spike = |shedder: &mut Shedder| {
            ticks(shedder, TICKS_UP, LONG);
            until_all_is_back(shedder)
        };
        let waits: Vec<u32> = (0..4).map(|_| spike(&mut shedder)).collect();
        assert_eq!(waits, [40, 80, 160, 320], "each came too early");
        ticks(&mut shedder, REGRET, Duration::ZERO);
        assert_eq!(spike(&mut shedder), 40);
    }

    #[test]
    fn a_queue_that_is_being_worked_off_leaves_out_no_more() {
        let mut shedder = Shedder::default();
        ticks(&mut shedder, 12, Duration::from_millis(400));
        assert_eq!(shedder.level(), 2);
        for millis in (51..386).rev().step_by(15) {
            shedder.tick(Duration::from_millis(millis));
        }
        assert_eq!(shedder.level(), 2, "it falls");
        ticks(&mut shedder, 12, Duration::from_millis(60));
        assert_eq!(shedder.level(), 3, "it has stopped to fall");
    }
}
