//! How much a player has, and when it ran out of it.

use std::time::{Duration, Instant};

/// Media of one track on its way to the screen.
#[derive(Debug)]
pub(crate) struct Buffer {
    /// What must be there before it plays.
    hold: Duration,
    /// What is there, as of `at`.
    filled: Duration,
    at: Instant,
    state: State,
    pub(crate) stalls: u64,
    pub(crate) stalled: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Starting,
    Playing,
    Stalled { since: Instant },
}

impl Buffer {
    pub(crate) const fn new(now: Instant, hold: Duration) -> Self {
        let stalled = Duration::ZERO;
        Self { hold, filled: Duration::ZERO, at: now, state: State::Starting, stalls: 0, stalled }
    }

    /// Media arrived. True where it begins to play with it for the first time.
    pub(crate) fn add(&mut self, now: Instant, media: Duration) -> bool {
        self.play(now);
        self.filled += media;
        if self.filled < self.hold {
            return false;
        }
        match std::mem::replace(&mut self.state, State::Playing) {
            State::Starting => return true,
            State::Stalled { since } => self.stalled += now.saturating_duration_since(since),
            State::Playing => {}
        }
        false
    }

    /// Time passes; a buffer that runs dry stalls from that moment on.
    pub(crate) fn play(&mut self, now: Instant) {
        let span = now.saturating_duration_since(self.at);
        self.at = now;
        if self.state != State::Playing {
            return;
        }
        if span > self.filled {
            self.stalls += 1;
            self.state = State::Stalled { since: now - (span - self.filled) };
        }
        self.filled = self.filled.saturating_sub(span);
    }

    /// What is there now.
    pub(crate) fn filled(&mut self, now: Instant) -> Duration {
        self.play(now);
        self.filled
    }

    /// The run is over.
    pub(crate) fn end(&mut self, now: Instant) {
        self.play(now);
        if let State::Stalled { since } = self.state {
            self.stalled += now.saturating_duration_since(since);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_buffer_that_is_filled_in_time_never_stalls() {
        let start = Instant::now();
        let mut buffer = Buffer::new(start, millis(1000));
        assert!(!buffer.add(start, millis(999)));
        assert!(buffer.add(start + millis(5000), millis(333)), "nothing is played before it is held");
        for part in 1..100 {
            assert!(!buffer.add(start + millis(5000 + part * 333), millis(333)));
        }
        buffer.end(start + millis(5000 + 99 * 333));
        assert_eq!((buffer.stalls, buffer.stalled), (0, Duration::ZERO));
    }

    #[test]
    fn a_stall_lasts_from_the_last_picture_until_enough_is_there_again() {
        let start = Instant::now();
        let mut buffer = Buffer::new(start, millis(500));
        assert!(buffer.add(start, millis(600)));
        assert_eq!(buffer.filled(start + millis(400)), millis(200));
        buffer.add(start + millis(1000), millis(300));
        buffer.add(start + millis(1100), millis(300));
        assert_eq!((buffer.stalls, buffer.stalled), (1, millis(500)));
        buffer.end(start + millis(2000));
        assert_eq!((buffer.stalls, buffer.stalled), (2, millis(800)));
    }
}
