//! What is counted while a broadcast runs, to be written down with it. Pure: time comes in.

use sluice_domain::control::MediaIssue;
use sluice_domain::{Codec, LayerInfo, MediaTime};

/// Most issues of one broadcast that are kept. An encoder at its limit flaps between well and
/// unwell; the first hundred changes tell all that there is to tell.
const MAX_ISSUES: usize = 100;

/// The numbers of one broadcast.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tally {
    pub(crate) started: MediaTime,
    pub(crate) peak_viewers: u32,
    pub(crate) joins: u32,
    /// When each issue appeared.
    pub(crate) issues: Vec<(MediaTime, MediaIssue)>,
    /// The layers as they were while media still flowed.
    pub(crate) layers: Vec<LayerInfo>,
    pub(crate) codec: Option<Codec>,
    viewers: u32,
    watched_micros: i64,
    since: MediaTime,
}

impl Tally {
    pub(crate) fn new(now: MediaTime) -> Self {
        Self {
            started: now,
            peak_viewers: 0,
            joins: 0,
            issues: Vec::new(),
            layers: Vec::new(),
            codec: None,
            viewers: 0,
            watched_micros: 0,
            since: now,
        }
    }

    /// The audience changed.
    pub(crate) fn audience(&mut self, viewers: u32, now: MediaTime) {
        self.watched_micros = self.watched_until(now);
        self.since = now;
        self.viewers = viewers;
        self.peak_viewers = self.peak_viewers.max(viewers);
    }

    /// Seconds that all viewers together have watched until `now`.
    pub(crate) fn watch_seconds(&self, now: MediaTime) -> i64 {
        self.watched_until(now) / 1_000_000
    }

    /// The publisher's media have these issues now.
    pub(crate) fn issues(&mut self, before: &[MediaIssue], issues: &[MediaIssue], now: MediaTime) {
        let appeared = issues.iter().filter(|issue| !before.contains(issue)).map(|issue| (now, *issue));
        let room = MAX_ISSUES.saturating_sub(self.issues.len());
        self.issues.extend(appeared.take(room));
    }

    fn watched_until(&self, now: MediaTime) -> i64 {
        // A clock that was set back must not take watched time away.
        let passed = now.micros_since(self.since).max(0);
        self.watched_micros.saturating_add(passed.saturating_mul(i64::from(self.viewers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn watched_time_is_what_each_viewer_watched() {
        let mut tally = Tally::new(MediaTime(0));
        tally.audience(2, MediaTime(10 * SECOND));
        tally.audience(5, MediaTime(20 * SECOND));
        tally.audience(0, MediaTime(21 * SECOND));
        assert_eq!(tally.watch_seconds(MediaTime(100 * SECOND)), 2 * 10 + 5);
        assert_eq!(tally.peak_viewers, 5);
    }

    #[test]
    fn a_clock_that_is_set_back_takes_nothing_away() {
        let mut tally = Tally::new(MediaTime(100 * SECOND));
        tally.audience(1, MediaTime(100 * SECOND));
        tally.audience(1, MediaTime(110 * SECOND));
        tally.audience(1, MediaTime(50 * SECOND));
        assert_eq!(tally.watch_seconds(MediaTime(51 * SECOND)), 11);
    }

    #[test]
    fn an_issue_is_noted_when_it_appears_and_only_so_often() {
        let mut tally = Tally::new(MediaTime(0));
        let issue = [MediaIssue::LossHigh];
        tally.issues(&[], &issue, MediaTime(1));
        tally.issues(&issue, &issue, MediaTime(2));
        assert_eq!(tally.issues, [(MediaTime(1), MediaIssue::LossHigh)]);
        for at in 0..1000 {
            tally.issues(&[], &issue, MediaTime(at));
        }
        assert_eq!(tally.issues.len(), MAX_ISSUES);
    }
}
