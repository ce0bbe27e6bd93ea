//! One measurement: so many viewers for so long, and what they and the server showed.

use serde::Serialize;

use super::crowd::Admission;
use super::process::Usage;
use super::shared::{Joined, Quantiles};
use super::viewer::WatchSum;
use crate::cli::bench::Bench;

/// Above this share of its processors the load measures itself.
pub(crate) const LOAD_LIMIT: f64 = 0.9;

/// Use of the server's processors by others, in cores, from which delays are theirs.
pub(crate) const OTHERS_LIMIT: f64 = 0.1;

/// Join times in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct JoinTimes {
    pub(crate) count: usize,
    pub(crate) connected_p50_ms: f64,
    /// To the first packet of a key frame.
    pub(crate) p50_ms: f64,
    pub(crate) p95_ms: f64,
    pub(crate) p99_ms: f64,
    /// To the last packet of the first whole key frame.
    pub(crate) whole_p50_ms: f64,
    pub(crate) whole_p95_ms: f64,
    pub(crate) whole_p99_ms: f64,
    pub(crate) whole_max_ms: f64,
}

impl JoinTimes {
    /// Of these viewers; nothing of none.
    pub(crate) fn of(joined: &[Joined]) -> Option<Self> {
        let sorted = |pick: fn(&Joined) -> std::time::Duration| {
            let mut values: Vec<f64> = joined.iter().map(|join| pick(join).as_secs_f64() * 1000.0).collect();
            values.sort_unstable_by(f64::total_cmp);
            values
        };
        let connected = sorted(|join| join.connected);
        let packet = sorted(|join| join.key_packet);
        let frame = sorted(|join| join.key_frame);
        (!joined.is_empty()).then(|| Self {
            count: joined.len(),
            connected_p50_ms: quantile(&connected, 0.5),
            p50_ms: quantile(&packet, 0.5),
            p95_ms: quantile(&packet, 0.95),
            p99_ms: quantile(&packet, 0.99),
            whole_p50_ms: quantile(&frame, 0.5),
            whole_p95_ms: quantile(&frame, 0.95),
            whole_p99_ms: quantile(&frame, 0.99),
            whole_max_ms: quantile(&frame, 1.0),
        })
    }
}

/// Of sorted values, rounded to a hundredth.
fn quantile(sorted: &[f64], quantile: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let value = sorted.get((last as f64 * quantile).round() as usize).copied().unwrap_or(0.0);
    (value * 100.0).round() / 100.0
}

/// What viewers may get less than before: the ends of a measurement of three seconds lie somewhere within a picture.
const LEFT_OUT: f64 = 0.03;

/// One measurement.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Point {
    pub(crate) label: String,
    /// Of the capacity, where the scenario knows one.
    pub(crate) offered_percent: Option<f64>,
    pub(crate) viewers: u64,
    pub(crate) seconds: f64,
    pub(crate) packets_per_second: f64,
    pub(crate) bits_per_second: f64,
    /// Lost for good, of all that should have come.
    pub(crate) loss: f64,
    /// Missing at first, of all that should have come.
    pub(crate) holes: f64,
    /// What viewers got less than at best in this run. A server that is short of time pauses viewers, which is no
    /// loss to them: what they get is numbered without a hole.
    pub(crate) left_out: f64,
    pub(crate) repaired: u64,
    pub(crate) duplicates: u64,
    pub(crate) nacks: u64,
    pub(crate) sequence_breaks: u64,
    pub(crate) forged: u64,
    pub(crate) checked: u64,
    pub(crate) ended: u64,
    pub(crate) server: Option<Usage>,
    pub(crate) server_ns_per_packet: Option<f64>,
    pub(crate) server_user_ns_per_packet: Option<f64>,
    /// Of the media threads alone, where the server names them.
    pub(crate) media_ns_per_packet: Option<f64>,
    pub(crate) viewers_per_core: Option<f64>,
    pub(crate) bytes_per_viewer: Option<f64>,
    /// Of the load's processors.
    pub(crate) load_cpu: f64,
    /// What others used of the server's and of the load's processors, in cores.
    pub(crate) others_on_server_cpus: f64,
    pub(crate) others_on_load_cpus: f64,
    pub(crate) forward_ms: Quantiles,
    pub(crate) key_frame_ms: Quantiles,
    pub(crate) join: Option<JoinTimes>,
    pub(crate) admission: Option<Admission>,
    pub(crate) key_requests: u64,
    pub(crate) viewer_plis: u64,
    pub(crate) late_frames: u64,
    /// Datagrams for which the server's socket, and those of the load, had no room.
    pub(crate) server_socket_drops: u64,
    pub(crate) load_socket_drops: u64,
    /// Why this is not what was promised.
    pub(crate) broken: Option<String>,
}

impl Point {
    /// Fills in what follows from two sums over viewers.
    pub(crate) fn count(&mut self, before: &WatchSum, after: &WatchSum) {
        let (Some(from), Some(to)) = (before.at, after.at) else {
            return;
        };
        self.seconds = to.duration_since(from).as_secs_f64().max(0.001);
        let packets = after.packets - before.packets;
        let lost = after.lost - before.lost;
        let expected = (packets + lost).max(1) as f64;
        self.viewers = after.watching;
        self.packets_per_second = packets as f64 / self.seconds;
        self.bits_per_second = (after.bytes - before.bytes) as f64 * 8.0 / self.seconds;
        self.loss = lost as f64 / expected;
        self.holes = (after.holes - before.holes) as f64 / expected;
        self.repaired = after.repaired - before.repaired;
        self.duplicates = after.duplicates - before.duplicates;
        self.nacks = after.nacks - before.nacks;
        self.sequence_breaks = after.breaks - before.breaks;
        self.forged = after.forged - before.forged;
        self.checked = after.checked - before.checked;
        self.ended = after.ended;
        self.viewer_plis = after.plis - before.plis;
    }

    /// Compares what a viewer gets with what it got in the first of the points before, of the same streams. Those
    /// behind it are no measure: they begin while newcomers are still catching up, who get more than is live.
    pub(crate) fn compare(&mut self, before: &[Self]) {
        let each = |point: &Self| point.packets_per_second / point.viewers.max(1) as f64;
        let usual = before.first().map(each).filter(|usual| *usual > 0.0);
        self.left_out = usual.map_or(0.0, |usual| (1.0 - each(self) / usual).max(0.0));
    }

    /// Fills in what the server used, and how much of that was before there were viewers.
    pub(crate) fn charge(&mut self, usage: Usage, resident_before: u64) {
        let packets = self.packets_per_second.max(1.0);
        self.server_ns_per_packet = Some(usage.cpu.total * 1e9 / packets);
        self.server_user_ns_per_packet = Some(usage.cpu.user * 1e9 / packets);
        self.media_ns_per_packet = usage.media_threads.map(|share| share.total * 1e9 / packets);
        self.viewers_per_core = (usage.cpu.total > 0.0).then(|| self.viewers as f64 / usage.cpu.total);
        self.bytes_per_viewer = (self.viewers > 0)
            .then(|| usage.resident_bytes.saturating_sub(resident_before) as f64 / self.viewers as f64);
        self.server = Some(usage);
    }

    /// Why the load could not follow, if it could not.
    pub(crate) fn load_trouble(&self) -> Option<String> {
        if self.load_cpu > LOAD_LIMIT {
            return Some(format!("the load itself was at {:.0} % of its processors", self.load_cpu * 100.0));
        }
        // A service level that breaks while packets lie unread before the load is not the server's doing.
        let broken = self.broken.as_ref().filter(|_| self.load_socket_drops > 0)?;
        Some(format!("the load's own sockets had no room for {} packets: {broken}", self.load_socket_drops))
    }

    /// Viewers for which the load's processors, the kernel's part included, have time, by what these took.
    pub(crate) fn bearable(&self, load_cpus: usize) -> u32 {
        let busy = self.load_cpu + self.others_on_load_cpus / load_cpus.max(1) as f64;
        (self.viewers as f64 / busy.max(0.001)) as u32
    }

    /// Compares with the service level.
    pub(crate) fn judge(&mut self, args: &Bench) {
        let max_delay = args.max_delay.as_secs_f64() * 1000.0;
        let max_join = args.max_join.as_secs_f64() * 1000.0;
        let max_loss = f64::from(args.max_loss) / 100.0;
        self.broken = if self.ended > 0 {
            Some(format!("{} viewers were disconnected", self.ended))
        } else if self.loss > max_loss {
            Some(format!("{:.3} % of the packets were lost", self.loss * 100.0))
        } else if self.left_out > LEFT_OUT {
            Some(format!("viewers were sent {:.0} % less than before", self.left_out * 100.0))
        } else if self.forward_ms.p99 > max_delay {
            Some(format!("p99 of the forwarding delay was {:.1} ms", self.forward_ms.p99))
        } else {
            let slow = self.join.filter(|join| join.p95_ms > max_join);
            slow.map(|join| format!("p95 of the joins was {:.0} ms", join.p95_ms))
        };
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::process::Share;
    use super::*;

    #[test]
    fn viewers_that_are_paused_are_no_served_viewers() {
        let point = |viewers: u64, each: f64| Point {
            viewers,
            packets_per_second: viewers as f64 * each,
            ..Point::default()
        };
        let before = [point(40, 351.0), point(200, 370.0)];
        let left_out = |each: f64| {
            let mut now = point(900, each);
            now.compare(&before);
            now.left_out
        };
        assert!(left_out(353.0) == 0.0 && left_out(348.0) < LEFT_OUT);
        assert!((left_out(299.0) - 0.148).abs() < 0.001);
        let mut first = point(40, 349.0);
        first.compare(&[]);
        assert_eq!(first.left_out, 0.0);
    }

    #[test]
    fn what_the_load_did_not_read_is_its_own_trouble_where_it_matters() {
        let mut point = Point { load_socket_drops: 300, load_cpu: 0.6, ..Point::default() };
        assert_eq!(point.load_trouble(), None);
        point.broken = Some("1.500 % of the packets were lost".to_owned());
        assert!(point.load_trouble().unwrap().contains("no room for 300 packets"));
        point.load_socket_drops = 0;
        assert_eq!(point.load_trouble(), None);
        point.load_cpu = 0.95;
        assert!(point.load_trouble().unwrap().contains("95 %"));
    }

    #[test]
    fn the_load_bears_as_many_as_its_processors_have_time_for() {
        let point = Point { viewers: 250, load_cpu: 0.25, others_on_load_cpus: 0.11, ..Point::default() };
        assert_eq!(point.bearable(1), 694);
        let two = Point { others_on_load_cpus: 0.5, ..point };
        assert_eq!(two.bearable(2), 500);
    }

    #[test]
    fn rates_and_costs_follow_from_sums() {
        let now = Instant::now();
        let before = WatchSum { at: Some(now), packets: 100, ..WatchSum::default() };
        let after = WatchSum {
            at: Some(now + Duration::from_secs(10)),
            watching: 100,
            packets: 320_100 - 320,
            lost: 320,
            bytes: 100_000_000,
            ..WatchSum::default()
        };
        let mut point = Point::default();
        point.count(&before, &after);
        assert!((point.loss - 0.001).abs() < 1e-9);
        assert!((point.bits_per_second - 80e6).abs() < 1.0);
        let cpu = Share { user: 0.2, system: 0.3, total: 0.5 };
        point.charge(Usage { cpu, resident_bytes: 11_000_000, ..Usage::default() }, 1_000_000);
        assert_eq!(point.viewers_per_core, Some(200.0));
        assert_eq!(point.bytes_per_viewer, Some(100_000.0));
        assert!((point.server_ns_per_packet.unwrap() - 0.5e9 / 31_968.0).abs() < 1.0);
    }

    #[test]
    fn join_times_are_those_of_the_slowest_viewers_too() {
        let joined: Vec<Joined> = (1..=100u64)
            .map(|at| Joined {
                connected: Duration::from_millis(at),
                key_packet: Duration::from_millis(at * 2),
                key_frame: Duration::from_millis(at * 3),
            })
            .collect();
        let times = JoinTimes::of(&joined).unwrap();
        assert_eq!((times.p95_ms, times.whole_max_ms), (190.0, 300.0));
        assert!(JoinTimes::of(&[]).is_none());
    }
}
