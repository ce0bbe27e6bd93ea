//! What a run of viewers of HLS comes to.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::tally::{Kind, Tally};
use crate::bench::point::LOAD_LIMIT;
use crate::bench::process::Usage;
use crate::cli::hls::Hls;
use crate::report::{Percentiles, Versions};

/// The whole report.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    command: &'static str,
    /// Everybody played to the end, without a stall or an error, and the tool had time to spare.
    pub(crate) ok: bool,
    pub(crate) reason: Option<String>,
    pub(crate) viewers: u32,
    /// Viewers that got enough to play.
    pub(crate) playing: u64,
    pub(crate) seconds: f64,
    pub(crate) plain: bool,
    pub(crate) requests: u64,
    pub(crate) requests_per_second: f64,
    pub(crate) bytes: u64,
    pub(crate) bitrate_bps: f64,
    pub(crate) connections: u64,
    pub(crate) errors: u64,
    pub(crate) errors_by_kind: BTreeMap<String, u64>,
    pub(crate) stalls: u64,
    pub(crate) stalled_viewers: u64,
    pub(crate) stalled_seconds: f64,
    /// Times that a viewer was so late that what it wanted was gone.
    pub(crate) skips: u64,
    pub(crate) gaps: u64,
    /// From the start of a viewer until it plays.
    pub(crate) startup_ms: Option<Percentiles>,
    /// Until the last byte.
    pub(crate) playlist_ms: Option<Percentiles>,
    /// The same of playlists that wait for news: about the length of a part.
    pub(crate) blocking_playlist_ms: Option<Percentiles>,
    pub(crate) init_ms: Option<Percentiles>,
    pub(crate) part_ms: Option<Percentiles>,
    pub(crate) segment_ms: Option<Percentiles>,
    /// From the capture of the end of a part (or segment) until a viewer had it, by the clock of this machine.
    pub(crate) behind_ms: Option<Percentiles>,
    /// Cores that the server used.
    pub(crate) server_cpu: Option<f64>,
    pub(crate) server_us_per_request: Option<f64>,
    pub(crate) server_resident_bytes: Option<u64>,
    /// Cores that this tool used.
    pub(crate) load_cpu: f64,
    versions: Versions,
}

impl Report {
    pub(crate) fn new(args: &Hls, elapsed: Duration, tally: Tally, load: f64, server: &[Usage]) -> Self {
        let seconds = elapsed.as_secs_f64().max(0.001);
        let of = |kind: Kind| Percentiles::of(&tally.times[kind as usize], 1000.0);
        let cpu = (!server.is_empty()).then(|| server.iter().map(|usage| usage.cpu.total).sum::<f64>());
        let requests = tally.requests();
        let mut report = Self {
            command: "hls",
            ok: true,
            reason: None,
            viewers: args.viewers,
            playing: tally.playing,
            seconds,
            plain: args.plain,
            requests,
            requests_per_second: requests as f64 / seconds,
            bytes: tally.bytes,
            bitrate_bps: tally.bytes as f64 * 8.0 / seconds,
            connections: tally.connections,
            errors: tally.failed(),
            stalls: tally.stalls,
            stalled_viewers: tally.stalled_viewers,
            stalled_seconds: tally.stalled.as_secs_f64(),
            skips: tally.skips,
            gaps: tally.gaps,
            startup_ms: Percentiles::of(&tally.startup, 1000.0),
            playlist_ms: of(Kind::Playlist),
            blocking_playlist_ms: of(Kind::Blocking),
            init_ms: of(Kind::Init),
            part_ms: of(Kind::Part),
            segment_ms: of(Kind::Segment),
            behind_ms: Percentiles::of(&tally.behind, 1000.0),
            server_cpu: cpu,
            server_us_per_request: cpu.map(|cpu| cpu * seconds * 1e6 / requests.max(1) as f64),
            server_resident_bytes: cpu.map(|_| server.iter().map(|usage| usage.resident_bytes).sum()),
            load_cpu: load,
            errors_by_kind: tally.errors,
            versions: Versions::new(None),
        };
        report.reason = report.trouble();
        report.ok = report.reason.is_none();
        report
    }

    /// Why this is not what was promised.
    fn trouble(&self) -> Option<String> {
        let kinds: Vec<String> =
            self.errors_by_kind.iter().map(|(kind, count)| format!("{count} times {kind}")).collect();
        Some(if self.playing < u64::from(self.viewers) {
            format!("{} of {} viewers played: {}", self.playing, self.viewers, kinds.join("; "))
        } else if self.errors > 0 {
            format!("requests failed: {}", kinds.join("; "))
        } else if self.stalls > 0 {
            format!("{} viewers stood still, {:.1} s in all", self.stalled_viewers, self.stalled_seconds)
        } else if self.load_cpu > LOAD_LIMIT {
            format!("the tool itself was at {:.0} % of a core", self.load_cpu * 100.0)
        } else {
            return None;
        })
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let rate = super::rate(self.bytes, Duration::from_secs_f64(self.seconds));
        let _ = writeln!(
            out,
            "{} of {} viewers played for {:.0} s: {} requests ({:.0} a second), {rate}, {} errors",
            self.playing, self.viewers, self.seconds, self.requests, self.requests_per_second, self.errors
        );
        let _ = writeln!(
            out,
            "{} stalls of {} viewers, {:.1} s in all; {} skips, {} gaps; {} connections",
            self.stalls, self.stalled_viewers, self.stalled_seconds, self.skips, self.gaps, self.connections
        );
        let _ = writeln!(out, "{:24}{:>10}{:>10}{:>10}{:>10}", "ms", "p50", "p95", "p99", "max");
        for (name, percentiles) in [
            ("start of a viewer", &self.startup_ms),
            ("playlist", &self.playlist_ms),
            ("playlist that waits", &self.blocking_playlist_ms),
            ("beginning of a track", &self.init_ms),
            ("part", &self.part_ms),
            ("segment", &self.segment_ms),
            ("behind the camera", &self.behind_ms),
        ] {
            if let Some(p) = percentiles {
                let _ =
                    writeln!(out, "{name:24}{:>10.2}{:>10.2}{:>10.2}{:>10.2}", p.p50, p.p95, p.p99, p.max);
            }
        }
        if let (Some(cpu), Some(each)) = (self.server_cpu, self.server_us_per_request) {
            let memory = self.server_resident_bytes.unwrap_or(0) / 1_000_000;
            let _ = writeln!(out, "server: {cpu:.2} cores, {each:.0} µs a request, {memory} MB");
        }
        let _ = writeln!(out, "this tool: {:.0} % of a core", self.load_cpu * 100.0);
        out
    }
}
