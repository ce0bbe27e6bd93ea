//! A line that has suddenly become too narrow: the queue grows fast while less arrives than is sent.
//!
//! The trendline sees the same after half a second, when a player has run dry. What arrived since the
//! growth began is what the line carries now, so the estimate can fall to the right place at once.

use super::groups::{Group, Groups};

/// The queue has grown by so many microseconds. Less falls for a radio that pauses, more falls later.
const GROWTH: f64 = 45_000.0;

/// And by so many times the swing: the most that the delay lately fell from group to group. Noise falls
/// as often as it grows, a queue that surges does not fall.
const SWINGS: f64 = 1.5;

/// Growth after the first step, in microseconds and in swings. A longer route or a pause of the radio is
/// one step.
const FURTHER: f64 = 18_000.0;
const FURTHER_SWINGS: f64 = 0.5;

/// Growth that is older than this, in microseconds, is the trendline's.
const SPAN: i64 = 500_000;

/// Microseconds that are lately. Longer includes what arrived before a line became narrow, shorter
/// measures single pictures.
const LATELY: i64 = 150_000;

/// What arrives is at most this share of what is sent. More falls for noise.
const SHARE: f64 = 0.8;

/// What a line carries since its queue began to surge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Surge {
    /// Bits per second.
    pub(super) rate: f64,
    /// Microseconds of arrivals over which that was measured.
    pub(super) span: i64,
}

/// What the line carries since its queue began to surge, if it did.
pub(super) fn surge(groups: &Groups, swing: f64) -> Option<Surge> {
    let newest = groups.newest(0)?;
    let recent = || (1..).map_while(|before| groups.newest(before));
    let recent = || recent().take_while(|group| newest.sent - group.sent <= SPAN);
    let least = recent().map(|group| group.excess).fold(newest.excess, f64::min);
    let growth = newest.excess - least;
    if growth < GROWTH.max(SWINGS * swing) {
        return None;
    }
    // The newest group before the growth, and how many began since.
    let foot = 1 + recent().position(|group| group.excess <= least + 0.2 * growth)?;
    let first = groups.newest(foot.checked_sub(1)?)?;
    if newest.excess - first.excess < FURTHER.max(FURTHER_SWINGS * swing) {
        return None;
    }
    let after = (0..foot - 1).filter_map(|before| groups.newest(before));
    let (sent, rate) = rates(first, newest, after)?;
    (rate < SHARE * sent).then_some(Surge { rate, span: newest.received - first.received })
}

/// What has arrived lately, in bits per second, while packets wait all the time.
pub(super) fn lately(groups: &Groups) -> Option<f64> {
    let newest = groups.newest(0)?;
    let before = (1..).find(|&before| {
        groups.newest(before).is_none_or(|group| newest.received - group.received >= LATELY)
    })?;
    let first = groups.newest(before)?;
    let groups = (0..before).filter_map(|before| groups.newest(before));
    rates(first, newest, groups).map(|(_, arrived)| arrived)
}

/// What was sent and what arrived between two groups, in bits per second.
fn rates<'a>(first: &Group, last: &Group, groups: impl Iterator<Item = &'a Group>) -> Option<(f64, f64)> {
    let (sent, received) = groups.fold((0.0, 0.0), |(sent, received), group| {
        (sent + f64::from(group.sent_bytes), received + f64::from(group.received_bytes))
    });
    let (sent_for, received_for) = (last.sent - first.sent, last.received - first.received);
    (sent_for > 0 && received_for > 0)
        .then(|| (sent * 8e6 / sent_for as f64, received * 8e6 / received_for as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups of 10 kB each 33 ms with these excesses in milliseconds.
    fn groups(excesses: &[i64]) -> Groups {
        let mut groups = Groups::default();
        for (index, excess) in (0..).zip(excesses) {
            let sent = index * 33_000;
            groups.arrived(sent, sent + excess * 1_000, 10_000, *excess as f64 * 1_000.0);
        }
        groups
    }

    #[test]
    fn a_queue_that_grows_tells_what_the_line_carries() {
        let surge = surge(&groups(&[0, 0, 0, 0, 50, 100, 150]), 1_000.0).expect("a surge");
        assert_eq!(surge.span, 166_000);
        assert!((surge.rate - 10_000.0 * 8e6 / 83_000.0).abs() < 1e4, "{surge:?}");
    }

    #[test]
    fn pauses_steps_and_jitter_are_no_surge() {
        assert_eq!(surge(&groups(&[0, 0, 0, 120, 87, 54, 21]), 1_000.0), None);
        assert_eq!(surge(&groups(&[0, 0, 0, 90, 90, 90, 90]), 1_000.0), None);
        assert_eq!(surge(&groups(&[0, 25, 3, 14, 28, 5, 30]), 9_000.0), None);
        assert_eq!(surge(&groups(&[0]), 9_000.0), None);
        assert_eq!(surge(&groups(&[]), 9_000.0), None);
    }
}
