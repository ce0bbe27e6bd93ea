//! What all viewers of a run counted.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::report::histogram;

/// Longest time that is told apart, in microseconds.
const LONGEST: u64 = 60_000_000;

/// Kinds of errors that are told apart; a server that fails in a thousand ways fails.
const MOST_KINDS: usize = 32;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A master playlist, or a media playlist that does not wait.
    Playlist,
    /// A media playlist that waits for what it has not yet.
    Blocking,
    Init,
    Part,
    Segment,
}

/// Counts and distributions.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Times until the last byte, by kind.
    pub(crate) times: [Histogram<u32>; 5],
    /// From the capture of the end of a part until a viewer had it.
    pub(crate) behind: Histogram<u32>,
    /// From the start of a viewer until it plays.
    pub(crate) startup: Histogram<u32>,
    pub(crate) bytes: u64,
    pub(crate) connections: u64,
    pub(crate) playing: u64,
    /// Viewers that stalled, how often, and for how long in all.
    pub(crate) stalled_viewers: u64,
    pub(crate) stalls: u64,
    pub(crate) stalled: Duration,
    /// Times that a viewer had to leave something out because it was gone already.
    pub(crate) skips: u64,
    pub(crate) gaps: u64,
    pub(crate) errors: BTreeMap<String, u64>,
}

impl Default for Tally {
    fn default() -> Self {
        let one = || histogram(LONGEST);
        Self {
            times: [one(), one(), one(), one(), one()],
            behind: one(),
            startup: one(),
            bytes: 0,
            connections: 0,
            playing: 0,
            stalled_viewers: 0,
            stalls: 0,
            stalled: Duration::ZERO,
            skips: 0,
            gaps: 0,
            errors: BTreeMap::new(),
        }
    }
}

impl Tally {
    pub(crate) fn requests(&self) -> u64 {
        self.times.iter().map(Histogram::len).sum()
    }

    pub(crate) fn failed(&self) -> u64 {
        self.errors.values().sum()
    }

    pub(crate) fn answered(&mut self, kind: Kind, bytes: u64, took: Duration) {
        self.bytes += bytes;
        record(&mut self.times[kind as usize], took);
    }

    pub(crate) fn error(&mut self, what: String) {
        if self.errors.len() < MOST_KINDS || self.errors.contains_key(&what) {
            *self.errors.entry(what).or_default() += 1;
        } else {
            *self.errors.entry("others".to_owned()).or_default() += 1;
        }
    }
}

/// Counts a time in microseconds.
pub(crate) fn record(histogram: &mut Histogram<u32>, span: Duration) {
    histogram.saturating_record(u64::try_from(span.as_micros()).unwrap_or(LONGEST).min(LONGEST));
}

/// The tally that the viewers share. One thread drives them, so that nobody waits.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<Tally>);

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Tally> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn into_inner(self) -> Tally {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
