//! What a bench reports: the few numbers that count on top, everything else below them.

use std::fmt::Write as _;

use serde::Serialize;

use super::ceiling::Ceiling;
use super::machine::Machine;
use super::point::{JoinTimes, OTHERS_LIMIT, Point};
use super::scenario::Outcome;
use super::server::Server;
use crate::cli::Pacing;
use crate::cli::bench::{Bench, Network, Scenario};
use crate::progress::bits;
use crate::publish::publisher::Publisher;
use crate::report::Versions;

/// The whole report.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    command: &'static str,
    pub(crate) scenario: Scenario,
    /// Whether the numbers may be quoted: the service level was kept and the load had time to spare.
    pub(crate) ok: bool,
    pub(crate) reason: Option<String>,
    pub(crate) viewers: u64,
    pub(crate) viewers_per_core: Option<f64>,
    /// Viewers that a service level or the server's own admission ended at, where that was tried.
    pub(crate) capacity: Option<u32>,
    pub(crate) server_ns_per_packet: Option<f64>,
    pub(crate) server_user_ns_per_packet: Option<f64>,
    pub(crate) server_cpu: Option<f64>,
    pub(crate) server_cpu_user: Option<f64>,
    pub(crate) server_cpu_system: Option<f64>,
    pub(crate) load_cpu: f64,
    pub(crate) ceiling_sendto_ns: f64,
    pub(crate) ceiling_gso_sealed_ns: f64,
    /// The server's cost a packet divided by that of each loop.
    pub(crate) ratio_to_sendto: Option<f64>,
    pub(crate) ratio_to_gso_sealed: Option<f64>,
    pub(crate) packets_per_second: f64,
    pub(crate) bits_per_second: f64,
    pub(crate) loss: f64,
    pub(crate) forward_p50_ms: f64,
    pub(crate) forward_p99_ms: f64,
    pub(crate) forward_p999_ms: f64,
    pub(crate) forward_max_ms: f64,
    pub(crate) key_frame_p99_ms: f64,
    pub(crate) key_frame_max_ms: f64,
    pub(crate) join_p50_ms: Option<f64>,
    pub(crate) join_p95_ms: Option<f64>,
    pub(crate) join_p99_ms: Option<f64>,
    pub(crate) join: Option<JoinTimes>,
    pub(crate) keyframe_requests: u64,
    /// Requests for key frames of one layer within one key interval, at most.
    pub(crate) keyframe_requests_per_layer_and_interval: usize,
    /// The least time between two of them: one that is a little below the interval was held up on its way less
    /// than the one before.
    pub(crate) keyframe_request_gap_ms: Option<f64>,
    pub(crate) bytes_per_viewer: Option<f64>,
    pub(crate) notes: Vec<String>,
    pub(crate) config: Config,
    pub(crate) ceiling: Ceiling,
    pub(crate) points: Vec<Point>,
    /// Why viewers were lost, some of them.
    ended: Vec<String>,
    refusal: Option<String>,
    versions: Versions,
}

/// What was asked for.
#[derive(Debug, Serialize)]
pub(crate) struct Config {
    pub(crate) streams: u32,
    pub(crate) bitrate_bps: u32,
    pub(crate) fps: f64,
    pub(crate) codec: &'static str,
    layers: u8,
    key_interval_s: f64,
    pacing: Pacing,
    audio: bool,
    feedback_ms: f64,
    decrypted_one_of: u32,
    loss_percent: f32,
    seconds: f64,
    pub(crate) network: Network,
    gro: bool,
    own_server: bool,
    workers: Option<u16>,
    server_config: Option<String>,
    server_cpus: Vec<usize>,
    load_cpus: Vec<usize>,
    separate_cpus: bool,
    target_load_percent: f32,
    max_loss_percent: f32,
    max_delay_ms: f64,
    max_join_ms: f64,
}

impl Config {
    fn new(args: &Bench, machine: &Machine, server: &Server) -> Self {
        let millis = |duration: std::time::Duration| duration.as_secs_f64() * 1000.0;
        Self {
            streams: args.stream_count(),
            bitrate_bps: args.bitrate,
            fps: args.fps,
            codec: args.codec.name(),
            layers: args.layers,
            key_interval_s: args.key_interval.as_secs_f64(),
            pacing: args.pacing,
            audio: !args.no_audio,
            feedback_ms: millis(args.feedback),
            decrypted_one_of: args.sample,
            loss_percent: args.loss_percent(),
            seconds: args.seconds.as_secs_f64(),
            network: args.network,
            gro: !args.no_gro,
            own_server: server.is_own(),
            workers: server.is_own().then_some(args.workers),
            server_config: args.server_config.clone(),
            server_cpus: machine.server_cpus.clone(),
            load_cpus: machine.load_cpus.clone(),
            separate_cpus: machine.is_separate(),
            target_load_percent: args.target_load,
            max_loss_percent: args.max_loss,
            max_delay_ms: millis(args.max_delay),
            max_join_ms: millis(args.max_join),
        }
    }
}

/// What is left of a run.
pub(crate) struct Remains<'a> {
    pub(crate) outcome: Outcome,
    pub(crate) points: Vec<Point>,
    pub(crate) ceiling: Ceiling,
    pub(crate) publishers: &'a [Publisher],
    pub(crate) ended: Vec<String>,
    pub(crate) refusal: Option<String>,
}

impl Report {
    /// Sums up a run.
    pub(crate) fn new(args: &Bench, machine: &Machine, server: &Server, remains: Remains<'_>) -> Self {
        let Remains { outcome, points, ceiling, publishers, ended, refusal } = remains;
        let point = outcome.headline;
        let usage = point.server.as_ref();
        let ratio = |ceiling: f64| point.server_ns_per_packet.map(|ns| ns / ceiling.max(1.0));
        let join = outcome.join.or(point.join);
        let mut notes = outcome.notes;
        if point.others_on_server_cpus > OTHERS_LIMIT {
            notes.push(format!(
                "others used {:.0} % of the server's processors: delays are theirs too, processor times are not",
                point.others_on_server_cpus * 100.0
            ));
        }
        if !machine.is_separate() {
            notes.push("server and load share a processor: delays are those of both".to_owned());
        }
        Self {
            command: "bench",
            scenario: args.scenario,
            ok: outcome.reason.is_none(),
            reason: outcome.reason,
            viewers: point.viewers,
            viewers_per_core: point.viewers_per_core,
            capacity: outcome.capacity,
            server_ns_per_packet: point.server_ns_per_packet,
            server_user_ns_per_packet: point.server_user_ns_per_packet,
            server_cpu: usage.map(|usage| usage.cpu.total),
            server_cpu_user: usage.map(|usage| usage.cpu.user),
            server_cpu_system: usage.map(|usage| usage.cpu.system),
            load_cpu: point.load_cpu,
            ceiling_sendto_ns: ceiling.sendto_ns,
            ceiling_gso_sealed_ns: ceiling.gso_sealed_ns,
            ratio_to_sendto: ratio(ceiling.sendto_ns),
            ratio_to_gso_sealed: ratio(ceiling.gso_sealed_ns),
            packets_per_second: point.packets_per_second,
            bits_per_second: point.bits_per_second,
            loss: point.loss,
            forward_p50_ms: point.forward_ms.p50,
            forward_p99_ms: point.forward_ms.p99,
            forward_p999_ms: point.forward_ms.p999,
            forward_max_ms: point.forward_ms.max,
            key_frame_p99_ms: point.key_frame_ms.p99,
            key_frame_max_ms: point.key_frame_ms.max,
            join_p50_ms: join.map(|join| join.p50_ms),
            join_p95_ms: join.map(|join| join.p95_ms),
            join_p99_ms: join.map(|join| join.p99_ms),
            join,
            keyframe_requests: publishers
                .iter()
                .flat_map(|publisher| &publisher.layers)
                .map(|layer| layer.counts.plis + layer.counts.firs)
                .sum(),
            keyframe_requests_per_layer_and_interval: most_requests(args, publishers),
            keyframe_request_gap_ms: shortest_gap(publishers),
            bytes_per_viewer: point.bytes_per_viewer,
            notes,
            config: Config::new(args, machine, server),
            ceiling,
            points,
            ended,
            refusal,
            versions: Versions::new(server.version.clone()),
        }
    }

    /// The report for a terminal.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let optional = |value: Option<f64>, digits: usize| {
            value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
        };
        let config = &self.config;
        let _ = writeln!(
            out,
            "{:?}: {} x {} {} at {} fps, {} viewers over {:?}{}",
            self.scenario,
            config.streams,
            config.codec,
            bits(f64::from(config.bitrate_bps)),
            config.fps,
            self.viewers,
            config.network,
            if config.gro { "" } else { " without GRO" }
        );
        let _ = writeln!(
            out,
            "  viewers per core   {}   (server at {} of a core: user {}, system {}; load at {:.2} of its own)",
            optional(self.viewers_per_core, 0),
            optional(self.server_cpu, 2),
            optional(self.server_cpu_user, 2),
            optional(self.server_cpu_system, 2),
            self.load_cpu,
        );
        let _ = writeln!(
            out,
            "  server a packet    {} ns, {} ns of it user; sendto {:.0} ns (ratio {}), sealed GSO {:.0} ns (ratio {})",
            optional(self.server_ns_per_packet, 0),
            optional(self.server_user_ns_per_packet, 0),
            self.ceiling_sendto_ns,
            optional(self.ratio_to_sendto, 2),
            self.ceiling_gso_sealed_ns,
            optional(self.ratio_to_gso_sealed, 2),
        );
        let _ = writeln!(
            out,
            "  traffic            {:.0} packets/s, {}, loss {:.4} %",
            self.packets_per_second,
            bits(self.bits_per_second),
            self.loss * 100.0
        );
        let _ = writeln!(
            out,
            "  forwarding         p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, max {:.2} ms; key frames p99 {:.2} ms",
            self.forward_p50_ms,
            self.forward_p99_ms,
            self.forward_p999_ms,
            self.forward_max_ms,
            self.key_frame_p99_ms,
        );
        if let Some(join) = self.join {
            let _ = writeln!(
                out,
                "  {} joins          first packet of a key frame p50 {:.0} ms, p95 {:.0} ms, p99 {:.0} ms; whole p95 {:.0} ms",
                join.count, join.p50_ms, join.p95_ms, join.p99_ms, join.whole_p95_ms
            );
        }
        let _ = writeln!(
            out,
            "  key frame requests {} in all, {} of a layer in an interval at most, {} ms apart at least; {} bytes a viewer",
            self.keyframe_requests,
            self.keyframe_requests_per_layer_and_interval,
            optional(self.keyframe_request_gap_ms, 0),
            optional(self.bytes_per_viewer, 0)
        );
        let _ = writeln!(
            out,
            "\n  {:22} {:>8} {:>7} {:>7} {:>9} {:>9} {:>9} {:>8} {:>8} {:>6}",
            "step",
            "viewers",
            "server",
            "others",
            "ns/packet",
            "p50 ms",
            "p99 ms",
            "loss %",
            "refused",
            "load"
        );
        for point in &self.points {
            let _ = writeln!(
                out,
                "  {:22} {:>8} {:>7} {:>7.2} {:>9} {:>9.2} {:>9.2} {:>8.4} {:>8} {:>6.2}",
                point.label,
                point.viewers,
                optional(point.server.as_ref().map(|usage| usage.cpu.total), 2),
                point.others_on_server_cpus,
                optional(point.server_ns_per_packet, 0),
                point.forward_ms.p50,
                point.forward_ms.p99,
                point.loss * 100.0,
                point.admission.map_or("-".to_owned(), |admission| admission.refused.to_string()),
                point.load_cpu,
            );
        }
        for note in &self.notes {
            let _ = writeln!(out, "  note: {note}");
        }
        out
    }
}

/// The most requests for key frames of one layer within one key interval.
fn most_requests(args: &Bench, publishers: &[Publisher]) -> usize {
    let layers = publishers.iter().flat_map(|publisher| &publisher.layers);
    layers
        .map(|layer| {
            let times = &layer.requests;
            times
                .iter()
                .enumerate()
                .map(|(at, time)| {
                    times[at..].iter().take_while(|later| **later - *time < args.request_interval).count()
                })
                .max()
                .unwrap_or(0)
        })
        .max()
        .unwrap_or(0)
}

/// The least time between two requests for key frames of one layer, in milliseconds.
fn shortest_gap(publishers: &[Publisher]) -> Option<f64> {
    let layers = publishers.iter().flat_map(|publisher| &publisher.layers);
    let gaps = layers.flat_map(|layer| layer.requests.windows(2)).map(|pair| pair[1] - pair[0]);
    gaps.min().map(|gap| gap.as_secs_f64() * 1000.0)
}
