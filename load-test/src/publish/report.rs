//! What `publish` reports.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::layer::Layer;
use super::publisher::Publisher;
use crate::cli::Publish;
use crate::progress::bits;
use crate::report::{Cost, Versions};
use crate::watch::viewer::{millis, round, seconds};

/// Without any word of the server for so long, it cannot be said that frames flow.
const SILENCE: Duration = Duration::from_secs(5);

/// The whole report.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    command: &'static str,
    pub(crate) ok: bool,
    /// Why not, in a sentence.
    pub(crate) reason: Option<String>,
    config: Config,
    summary: Summary,
    layers: Vec<LayerReport>,
    audio: Option<AudioReport>,
    cost: Cost,
    versions: Versions,
}

#[derive(Debug, Serialize)]
struct Config {
    url: String,
    source: String,
    codec: &'static str,
    fps: f64,
    bitrate_bps: Option<u32>,
    duration_s: Option<f64>,
    elapsed_s: f64,
}

#[derive(Debug, Serialize)]
struct Summary {
    attempts: u32,
    answer_ms: Option<f64>,
    connect_ms: Option<f64>,
    srtp: Option<&'static str>,
    frames: u64,
    late_frames: u64,
    packets: u64,
    bytes: u64,
    bitrate_bps: f64,
    key_requests: u64,
    resent: u64,
    receiver_reports: u64,
    twcc_feedbacks: u64,
    rtt_ms: Option<f64>,
}

#[derive(Debug, Serialize)]
struct LayerReport {
    rid: Option<String>,
    height: Option<u16>,
    ssrc: u32,
    frames: u64,
    key_frames: u64,
    packets: u64,
    bytes: u64,
    bitrate_bps: f64,
    plis: u64,
    firs: u64,
    nacked: u64,
    resent: u64,
    not_resent: u64,
    /// Packets that `--loss` took.
    dropped: u64,
    receiver_reports: u64,
    remote_lost: u32,
    remote_fraction_lost: f64,
    remote_jitter_ms: f64,
}

#[derive(Debug, Serialize)]
struct AudioReport {
    packets: u64,
    bytes: u64,
    receiver_reports: u64,
}

/// How the publisher got its session, or did not.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    pub(crate) attempts: u32,
    pub(crate) posted: Option<Instant>,
    pub(crate) answered: Option<Instant>,
    pub(crate) server: Option<String>,
    pub(crate) failure: Option<String>,
    pub(crate) source: String,
    pub(crate) codec: &'static str,
    pub(crate) fps: f64,
}

impl LayerReport {
    fn new(layer: &Layer, span: Duration) -> Self {
        let counts = layer.counts;
        Self {
            rid: layer.rid.clone(),
            height: layer.clip.height,
            ssrc: layer.out.ssrc,
            frames: counts.frames,
            key_frames: counts.key_frames,
            packets: layer.out.packets,
            bytes: layer.out.bytes,
            bitrate_bps: round(layer.out.bytes as f64 * 8.0 / seconds(span)),
            plis: counts.plis,
            firs: counts.firs,
            nacked: counts.nacked,
            resent: layer.out.resent,
            not_resent: layer.out.not_found,
            dropped: layer.out.loss.dropped,
            receiver_reports: counts.reports,
            remote_lost: counts.remote_lost,
            remote_fraction_lost: round(f64::from(counts.remote_fraction_lost) / 256.0),
            remote_jitter_ms: round(f64::from(counts.remote_jitter) / 90.0),
        }
    }
}

impl Report {
    /// Sums up a run; without a publisher it never got in.
    pub(crate) fn new(
        args: &Publish,
        elapsed: Duration,
        entry: Entry,
        publisher: Option<&Publisher>,
        cost: Cost,
    ) -> Self {
        let span = publisher
            .and_then(|publisher| Some(publisher.ended?.duration_since(publisher.connected?)))
            .unwrap_or_default();
        let layers: Vec<LayerReport> = publisher
            .iter()
            .flat_map(|publisher| &publisher.layers)
            .map(|layer| LayerReport::new(layer, span))
            .collect();
        let audio = publisher.and_then(|publisher| publisher.audio.as_ref()).map(|audio| AudioReport {
            packets: audio.out.packets,
            bytes: audio.out.bytes,
            receiver_reports: audio.reports,
        });
        let since_post = |at: Option<Instant>| Some(millis(entry.posted?, at?));
        let sum = |pick: fn(&LayerReport) -> u64| layers.iter().map(pick).sum::<u64>();
        let bytes = sum(|layer| layer.bytes) + audio.as_ref().map_or(0, |audio| audio.bytes);
        let summary = Summary {
            attempts: entry.attempts,
            answer_ms: since_post(entry.answered),
            connect_ms: since_post(publisher.and_then(|publisher| publisher.connected)),
            srtp: publisher.and_then(|publisher| publisher.profile),
            frames: sum(|layer| layer.frames),
            late_frames: publisher.map_or(0, |publisher| publisher.late_frames),
            packets: sum(|layer| layer.packets) + audio.as_ref().map_or(0, |audio| audio.packets),
            bytes,
            bitrate_bps: round(bytes as f64 * 8.0 / seconds(span)),
            key_requests: sum(|layer| layer.plis + layer.firs),
            resent: sum(|layer| layer.resent),
            receiver_reports: sum(|layer| layer.receiver_reports),
            twcc_feedbacks: publisher.map_or(0, |publisher| publisher.twcc_feedbacks),
            rtt_ms: publisher
                .and_then(|publisher| publisher.layers.last()?.counts.rtt_us)
                .map(|micros| round(micros as f64 / 1000.0)),
        };
        let reason = reason(&entry, publisher, &summary, span);
        Self {
            command: "publish",
            ok: reason.is_none(),
            reason,
            config: Config {
                url: args.whip.to_string(),
                source: entry.source,
                codec: entry.codec,
                fps: entry.fps,
                bitrate_bps: args.bitrate,
                duration_s: args.duration.map(|duration| duration.as_secs_f64()),
                elapsed_s: round(elapsed.as_secs_f64()),
            },
            summary,
            layers,
            audio,
            cost,
            versions: Versions::new(entry.server),
        }
    }

    /// The report for people.
    pub(crate) fn text(&self) -> String {
        let summary = &self.summary;
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{} frames in {} packets, {}, {:.1} s; connected after {}",
            summary.frames,
            summary.packets,
            bits(summary.bitrate_bps),
            self.config.elapsed_s,
            summary.connect_ms.map_or("-".to_owned(), |ms| format!("{ms:.0} ms"))
        );
        for layer in &self.layers {
            let _ = writeln!(
                out,
                "layer {}: {} frames ({} key), {}; key frame requests {}, asked again for {}, lost at the server {}",
                layer.rid.as_deref().unwrap_or("-"),
                layer.frames,
                layer.key_frames,
                bits(layer.bitrate_bps),
                layer.plis + layer.firs,
                layer.nacked,
                layer.remote_lost
            );
        }
        let _ = writeln!(
            out,
            "round trip {}; this tool: {:.0} % of a core",
            summary.rtt_ms.map_or("unknown".to_owned(), |ms| format!("{ms:.1} ms")),
            self.cost.cpu_percent
        );
        out
    }
}

/// Why frames did not flow, if they did not.
fn reason(entry: &Entry, publisher: Option<&Publisher>, summary: &Summary, span: Duration) -> Option<String> {
    let Some(publisher) = publisher else {
        let why = entry.failure.as_deref().unwrap_or("the time was over before the server answered");
        return Some(format!("could not publish: {why}"));
    };
    if publisher.connected.is_none() {
        let why = publisher.failure.as_deref().unwrap_or("ICE or DTLS did not finish in time");
        return Some(format!("could not connect: {why}"));
    }
    if let Some(failure) = &publisher.failure {
        return Some(format!("publishing ended early: {failure}"));
    }
    if summary.frames == 0 {
        return Some("the time was over before the first frame".to_owned());
    }
    let silent = summary.receiver_reports == 0 && summary.twcc_feedbacks == 0;
    (silent && span >= SILENCE)
        .then(|| "frames were sent, but the server never said that it received any".to_owned())
}
