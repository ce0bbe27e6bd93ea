//! Media time: from RTP timestamps to the node's clock, by the publisher's sender reports.

use std::time::{Duration, Instant};

use sluice_domain::MediaTime;

/// Seconds from 1900, where NTP begins, to 1970.
const NTP_OFFSET: u64 = 2_208_988_800;

/// A span since 1970 as NTP time (RFC 5905 §6): seconds since 1900 above, their fraction below.
pub fn ntp64(since: Duration) -> u64 {
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    (since.as_secs().wrapping_add(NTP_OFFSET) << 32) | fraction
}

/// Ties the monotonic clock to UTC, once at start, so that the engine never asks for the time.
#[derive(Debug, Clone, Copy)]
pub struct NodeClock {
    epoch: Instant,
    utc: MediaTime,
}

impl NodeClock {
    /// `utc` is the time of day at `epoch`.
    pub const fn new(epoch: Instant, utc: MediaTime) -> Self {
        Self { epoch, utc }
    }

    /// The time of day at an instant.
    pub fn utc(&self, at: Instant) -> MediaTime {
        let micros = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        match at.checked_duration_since(self.epoch) {
            Some(since) => self.utc.plus_micros(micros(since)),
            None => self.utc.plus_micros(-micros(self.epoch - at)),
        }
    }

    /// The instant of a time of day; the earliest that can be told where it lies before that.
    pub fn instant(&self, time: MediaTime) -> Instant {
        let micros = time.micros_since(self.utc);
        let span = Duration::from_micros(micros.unsigned_abs());
        if micros >= 0 { self.epoch + span } else { self.epoch.checked_sub(span).unwrap_or(self.epoch) }
    }
}

/// How far a publisher's NTP clock is from the node's: the smallest difference between arrival and
/// sending of its reports, which is the one least delayed on the way.
#[derive(Debug, Default, Clone)]
pub struct SenderClock {
    offset: Option<(i64, MediaTime)>,
    rtt: Duration,
}

/// How fast the smallest offset may grow again, in microseconds a second: 50 ppm is more than
/// quartz clocks drift apart. Less follows drift late, more follows delayed reports.
const DRIFT: i64 = 50;

impl SenderClock {
    /// A sender report with NTP time `ntp` (microseconds since 1970) arrived at `arrived`.
    pub fn report(&mut self, ntp: i64, arrived: MediaTime) {
        let sample = arrived.0.saturating_sub(ntp);
        self.offset = Some(match self.offset {
            None => (sample, arrived),
            Some((best, at)) => {
                let allowed = best.saturating_add(arrived.micros_since(at).max(0) / 1_000_000 * DRIFT);
                (sample.min(allowed), arrived)
            }
        });
    }

    /// The round trip to the publisher as last measured; half of it is taken off the offset.
    pub const fn set_rtt(&mut self, rtt: Duration) {
        self.rtt = rtt;
    }

    /// What to add to the publisher's NTP time to get the node's time.
    pub fn offset(&self) -> Option<i64> {
        let half_rtt = i64::try_from(self.rtt.as_micros() / 2).unwrap_or(0);
        self.offset.map(|(offset, _)| offset.saturating_sub(half_rtt))
    }
}

/// Reports further than this from arrival are nonsense (T18) or of a clock nobody set.
const PLAUSIBLE: i64 = 10_000_000;

/// One RTP stream's mapping of timestamps to the publisher's NTP clock.
#[derive(Debug, Clone)]
pub struct StreamClock {
    rate: u32,
    report: Option<(i64, u32)>,
}

impl StreamClock {
    /// For a stream with this many timestamp units a second.
    pub const fn new(rate: u32) -> Self {
        Self { rate, report: None }
    }

    /// A sender report; ignored where it places the newest packet more than 10 s away from its
    /// arrival, as reports of some encoders do (T18).
    pub fn report(&mut self, ntp: i64, rtp: u32, newest: Option<(u32, MediaTime)>, clock: &SenderClock) {
        let candidate = Self { rate: self.rate, report: Some((ntp, rtp)) };
        let plausible = newest.is_some_and(|(timestamp, arrived)| {
            candidate
                .captured(timestamp, clock)
                .is_some_and(|captured| captured.micros_since(arrived).abs() < PLAUSIBLE)
        });
        if plausible {
            self.report = candidate.report;
        }
    }

    /// Capture time of a timestamp on the node's clock; `None` before the first report.
    pub fn captured(&self, timestamp: u32, clock: &SenderClock) -> Option<MediaTime> {
        let (ntp, rtp) = self.report?;
        let units = i64::from(timestamp.wrapping_sub(rtp).cast_signed());
        let micros = units * 1_000_000 / i64::from(self.rate);
        Some(MediaTime(ntp.checked_add(micros)?.checked_add(clock.offset()?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::start;

    #[test]
    fn a_timestamp_maps_to_capture_time_by_the_last_report() {
        let mut clock = SenderClock::default();
        clock.report(1_000_000, MediaTime(5_010_000));
        let mut stream = StreamClock::new(90_000);
        assert_eq!(stream.captured(0, &clock), None);
        stream.report(1_000_000, u32::MAX - 44_999, Some((0, MediaTime(5_520_000))), &clock);
        assert_eq!(stream.captured(0, &clock), Some(MediaTime(5_510_000)));
        clock.set_rtt(Duration::from_millis(20));
        assert_eq!(stream.captured(0, &clock), Some(MediaTime(5_500_000)));
    }

    #[test]
    fn a_report_delayed_on_the_way_does_not_move_the_clock() {
        let mut clock = SenderClock::default();
        clock.report(0, MediaTime(10_000));
        clock.report(1_000_000, MediaTime(1_200_000));
        assert_eq!(clock.offset(), Some(10_050));
        clock.report(2_000_000, MediaTime(2_005_000));
        assert_eq!(clock.offset(), Some(5_000));
    }

    #[test]
    fn t18_a_report_with_an_impossible_timestamp_is_ignored() {
        let mut clock = SenderClock::default();
        clock.report(0, MediaTime(0));
        let mut stream = StreamClock::new(90_000);
        stream.report(0, 0x8000_0000, Some((0, MediaTime(0))), &clock);
        assert_eq!(stream.captured(0, &clock), None);
    }

    #[test]
    fn a_node_clock_goes_both_ways() {
        let epoch = start() + Duration::from_secs(100);
        let clock = NodeClock::new(epoch, MediaTime(1_000_000));
        let at = clock.instant(MediaTime(3_500_000));
        assert_eq!(at, epoch + Duration::from_micros(2_500_000));
        assert_eq!(clock.utc(at), MediaTime(3_500_000));
        assert_eq!(clock.utc(epoch - Duration::from_micros(400_000)), MediaTime(600_000));
    }
}
