//! What the process uses, read from /proc. Where there is no /proc the gauges are absent.

use std::fs;

use metrics::{counter, gauge};
use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Resource, getrlimit};

use super::Metric;

/// Brings the process's metrics up to date.
pub(super) fn record() {
    if let Some((cpu_ticks, start_ticks)) = stat() {
        let ticks = clock_ticks_per_second();
        // The exporter's counters are whole numbers, so processor time is a gauge by kind.
        gauge!(Metric::ProcessCpu.name()).set(cpu_ticks as f64 / ticks as f64);
        if let Some(boot) = boot_time() {
            gauge!(Metric::ProcessStart.name()).set(boot as f64 + start_ticks as f64 / ticks as f64);
        }
    }
    if let Some(pages) = resident_pages() {
        gauge!(Metric::ProcessMemory.name()).set((pages * page_size() as u64) as f64);
    }
    if let Ok(entries) = fs::read_dir("/proc/self/fd") {
        gauge!(Metric::ProcessOpenFds.name()).set(entries.count() as f64);
    }
    if let Some(limit) = getrlimit(Resource::Nofile).current {
        gauge!(Metric::ProcessMaxFds.name()).set(limit as f64);
    }
    if let Some((received, sent)) = network_bytes() {
        counter!(Metric::NetworkReceived.name()).absolute(received);
        counter!(Metric::NetworkSent.name()).absolute(sent);
    }
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let no_room = [udp_no_room(&read("/proc/net/snmp")), udp6_no_room(&read("/proc/net/snmp6"))];
    if let Some(datagrams) = no_room.into_iter().flatten().reduce(|a, b| a + b) {
        counter!(Metric::UdpNoRoom.name()).absolute(datagrams);
    }
}

/// Processor time and start time in ticks: fields 14, 15 and 22 of proc_pid_stat(5).
fn stat() -> Option<(u64, u64)> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the name in brackets and may hold spaces.
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some((field(14)? + field(15)?, field(22)?))
}

fn boot_time() -> Option<u64> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    text.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

fn resident_pages() -> Option<u64> {
    fs::read_to_string("/proc/self/statm").ok()?.split_whitespace().nth(1)?.parse().ok()
}

fn network_bytes() -> Option<(u64, u64)> {
    let text = fs::read_to_string("/proc/net/dev").ok()?;
    let interfaces =
        text.lines().filter_map(|line| line.split_once(':')).filter(|(name, _)| name.trim() != "lo");
    Some(interfaces.fold((0, 0), |(received, sent), (_, counters)| {
        let field = |index: usize| {
            counters.split_whitespace().nth(index).and_then(|value| value.parse::<u64>().ok()).unwrap_or(0)
        };
        (received + field(0), sent + field(8))
    }))
}

/// `RcvbufErrors` of the line `Udp:` with numbers, below the one with names.
fn udp_no_room(snmp: &str) -> Option<u64> {
    let mut lines = snmp.lines().filter_map(|line| line.strip_prefix("Udp: "));
    let (names, numbers) = (lines.next()?, lines.next()?);
    let place = names.split_whitespace().position(|name| name == "RcvbufErrors")?;
    numbers.split_whitespace().nth(place)?.parse().ok()
}

fn udp6_no_room(snmp6: &str) -> Option<u64> {
    snmp6.lines().find_map(|line| line.strip_prefix("Udp6RcvbufErrors"))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_without_room_are_found_by_their_name() {
        let snmp = "Tcp: RcvbufErrors\nTcp: 9\nUdp: InDatagrams NoPorts RcvbufErrors SndbufErrors\nUdp: 1 2 33 4\n\
                    UdpLite: RcvbufErrors\nUdpLite: 8\n";
        assert_eq!(udp_no_room(snmp), Some(33));
        assert_eq!(udp_no_room("Udp: InDatagrams\nUdp: 1\n"), None);
        assert_eq!(udp6_no_room("Udp6InErrors   \t5\nUdp6RcvbufErrors     \t7\n"), Some(7));
    }
}
