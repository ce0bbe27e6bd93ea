//! What a process has used, from /proc: processor time by thread, split into user and system, and
//! memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde::Serialize;

/// Processor time of one thread since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Time {
    user_ticks: u64,
    system_ticks: u64,
    /// Precise, where the kernel keeps it; both kinds together.
    run_ns: u64,
}

/// A process at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    at: Instant,
    threads: BTreeMap<u32, (String, Time)>,
    /// Of the process, with threads that have ended.
    whole: Time,
    pub(crate) resident_bytes: u64,
}

/// What a group of threads used between two moments, in cores: 1 is a whole core.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Share {
    pub(crate) user: f64,
    pub(crate) system: f64,
    pub(crate) total: f64,
}

/// What a process used between two moments.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Usage {
    pub(crate) seconds: f64,
    pub(crate) cpu: Share,
    /// Threads named `media-…`, if there are any.
    pub(crate) media_threads: Option<Share>,
    /// By name, those above a thousandth of a core.
    pub(crate) threads: BTreeMap<String, Share>,
    pub(crate) resident_bytes: u64,
}

impl Sample {
    /// Reads /proc now.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let folder = PathBuf::from(format!("/proc/{pid}"));
        let read =
            |path: &Path| fs::read_to_string(path).with_context(|| format!("reading {}", path.display()));
        let at = Instant::now();
        let (_, whole) = parse_stat(&read(&folder.join("stat"))?).context("reading the process's times")?;
        let mut threads = BTreeMap::new();
        for entry in fs::read_dir(folder.join("task")).context("listing threads")?.flatten() {
            let path = entry.path();
            // A thread may have ended since it was listed.
            let Ok(text) = fs::read_to_string(path.join("stat")) else { continue };
            let Some((name, mut time)) = parse_stat(&text) else { continue };
            let precise = fs::read_to_string(path.join("schedstat")).ok();
            time.run_ns = precise.and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or(0);
            if let Some(id) = entry.file_name().to_str().and_then(|id| id.parse().ok()) {
                threads.insert(id, (name, time));
            }
        }
        let resident = read(&folder.join("statm"))?;
        let pages: u64 =
            resident.split(' ').nth(1).and_then(|pages| pages.parse().ok()).context("reading the memory")?;
        Ok(Self { at, threads, whole, resident_bytes: pages * rustix::param::page_size() as u64 })
    }

    /// What was used since an earlier sample.
    pub(crate) fn since(&self, earlier: &Self) -> Usage {
        let seconds = self.at.duration_since(earlier.at).as_secs_f64().max(0.001);
        let mut by_name: BTreeMap<String, Share> = BTreeMap::new();
        let mut sum = Share::default();
        let none = Time::default();
        for (id, (name, now)) in &self.threads {
            let before = earlier.threads.get(id).map_or(&none, |(_, time)| time);
            let share = share(before, now, seconds);
            sum.add(share);
            by_name.entry(name.clone()).or_default().add(share);
        }
        let media = by_name.iter().filter(|(name, _)| name.starts_with("media-"));
        let media = media.map(|(_, share)| *share).reduce(|mut sum, share| {
            sum.add(share);
            sum
        });
        // Threads that ended in between are only in the sum of the process.
        let whole = share(&earlier.whole, &self.whole, seconds);
        let cpu = if whole.total > sum.total * 1.02 + 0.01 { whole } else { sum };
        by_name.retain(|_, share| share.total > 0.001);
        Usage { seconds, cpu, media_threads: media, threads: by_name, resident_bytes: self.resident_bytes }
    }
}

impl Share {
    fn add(&mut self, other: Self) {
        self.user += other.user;
        self.system += other.system;
        self.total += other.total;
    }
}

fn share(before: &Time, now: &Time, seconds: f64) -> Share {
    let ticks = rustix::param::clock_ticks_per_second() as f64;
    let part = |before: u64, now: u64| now.saturating_sub(before) as f64 / ticks / seconds;
    let user = part(before.user_ticks, now.user_ticks);
    let system = part(before.system_ticks, now.system_ticks);
    let precise = now.run_ns.saturating_sub(before.run_ns) as f64 / 1e9 / seconds;
    if precise == 0.0 || user + system == 0.0 {
        let total = if precise == 0.0 { user + system } else { precise };
        return Share { user, system, total };
    }
    // Ticks say how the time was split, the scheduler how much it was.
    let scale = precise / (user + system);
    Share { user: user * scale, system: system * scale, total: precise }
}

/// Name and ticks of a `stat` file (proc(5)); the name may have spaces and brackets.
fn parse_stat(text: &str) -> Option<(String, Time)> {
    let (start, end) = (text.find('(')?, text.rfind(')')?);
    let fields: Vec<&str> = text.get(end + 2..)?.split(' ').collect();
    let time = Time {
        user_ticks: fields.get(11)?.parse().ok()?,
        system_ticks: fields.get(12)?.parse().ok()?,
        run_ns: 0,
    };
    Some((text.get(start + 1..end)?.to_owned(), time))
}

/// Ticks that these processors have been busy, for anybody, and that the machine they are on took
/// away.
pub(crate) fn busy_ticks(cpus: &[usize]) -> u64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    text.lines().filter_map(parse_cpu).filter(|(cpu, _)| cpus.contains(cpu)).map(|(_, busy)| busy).sum()
}

/// Number and busy ticks of a line (proc(5)): everything but idling and waiting for disks; guests are
/// in the first two already.
fn parse_cpu(line: &str) -> Option<(usize, u64)> {
    let mut fields = line.split_whitespace();
    let cpu = fields.next()?.strip_prefix("cpu")?.parse().ok()?;
    let ticks: Vec<u64> = fields.take(8).map_while(|field| field.parse().ok()).collect();
    Some((cpu, ticks.iter().enumerate().filter(|(at, _)| !matches!(at, 3 | 4)).map(|(_, ticks)| ticks).sum()))
}

/// Ticks as cores over this time.
pub(crate) fn cores(ticks: u64, seconds: f64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64 / seconds.max(0.001)
}

/// Datagrams so far that sockets on this UDP port, and all others of this network namespace, had no room for. The
/// others are counted by the kernel as a whole, because a socket takes its own count with it when it closes.
pub(crate) fn udp_drops(port: u16) -> (u64, u64) {
    let of_port = ["/proc/thread-self/net/udp", "/proc/thread-self/net/udp6"]
        .iter()
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            text.lines().skip(1).filter_map(parse_udp).collect::<Vec<_>>()
        })
        .filter(|(local, _)| *local == port)
        .map(|(_, count)| count)
        .sum::<u64>();
    let all = ["/proc/thread-self/net/snmp", "/proc/thread-self/net/snmp6"]
        .iter()
        .map(|path| receive_drops(&fs::read_to_string(path).unwrap_or_default()))
        .sum::<u64>();
    (of_port, all.saturating_sub(of_port))
}

/// `RcvbufErrors` of UDP in a table of names above values (IPv4) or of a name and a value a line (IPv6).
fn receive_drops(text: &str) -> u64 {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("Udp: "));
    if let (Some(names), Some(values)) = (lines.next(), lines.next()) {
        let mut both = names.split_whitespace().zip(values.split_whitespace());
        return both.find(|(name, _)| *name == "RcvbufErrors").and_then(|(_, n)| n.parse().ok()).unwrap_or(0);
    }
    let line = text.lines().find_map(|line| line.strip_prefix("Udp6RcvbufErrors"));
    line.and_then(|value| value.trim().parse().ok()).unwrap_or(0)
}

/// Local port and drops of a line.
fn parse_udp(line: &str) -> Option<(u16, u64)> {
    let mut fields = line.split_whitespace();
    let local = fields.nth(1)?.rsplit(':').next()?;
    Some((u16::from_str_radix(local, 16).ok()?, fields.last()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_with_an_odd_name_is_read() {
        let line = "42 (media-0 (x)) S 1 1 1 0 -1 64 1 0 0 0 77 33 0 0 20 0 3 0 1 1 1 1";
        let (name, time) = parse_stat(line).unwrap();
        assert_eq!(name, "media-0 (x)");
        assert_eq!((time.user_ticks, time.system_ticks), (77, 33));
        assert!(parse_stat("nonsense").is_none());
    }

    #[test]
    fn a_processor_is_busy_unless_it_idles() {
        assert_eq!(parse_cpu("cpu1 10 1 5 1000 50 1 2 3 0 0"), Some((1, 22)));
        assert_eq!(parse_cpu("cpu 10 1 5 1000 50 1 2 3 0 0"), None);
        assert_eq!(parse_cpu("intr 1 2"), None);
    }

    #[test]
    fn a_line_of_udp_sockets_is_read() {
        let line = "  527: 0100007F:1F90 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 19384 2 0000000000000000 17";
        assert_eq!(parse_udp(line), Some((8080, 17)));
    }

    #[test]
    fn what_all_sockets_had_no_room_for_is_read() {
        let four = "Ip: Forwarding\nIp: 1\nUdp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors\nUdp: 9 2 7 8 5\nUdpLite: RcvbufErrors\nUdpLite: 3\n";
        assert_eq!(receive_drops(four), 5);
        assert_eq!(receive_drops("Udp6NoPorts   \t11\nUdp6RcvbufErrors   \t4\nUdpLite6RcvbufErrors 1\n"), 4);
        assert_eq!(receive_drops(""), 0);
    }

    #[test]
    fn the_time_of_this_process_grows_and_is_split() {
        let before = Sample::of(std::process::id()).unwrap();
        let mut sum = 0u64;
        while before.at.elapsed().as_millis() < 60 {
            sum = sum.wrapping_add(std::hint::black_box(1));
        }
        let usage = Sample::of(std::process::id()).unwrap().since(&before);
        assert!(usage.cpu.total > 0.1, "{usage:?}");
        assert!(usage.resident_bytes > 100_000 && usage.media_threads.is_none());
    }
}
