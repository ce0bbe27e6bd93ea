//! What `watch` reports: a summary, percentiles over viewers, and each viewer.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use reqwest::Url;
use serde::Serialize;

use super::track::Track;
use super::viewer::{Viewer, millis, round, seconds};
use crate::cli::Watch;
use crate::progress::bits;
use crate::report::{Cost, Percentiles, Versions, histogram};
use crate::wire::sdp::Kind;

/// How a viewer got in, or did not.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) index: u32,
    pub(crate) attempts: u32,
    pub(crate) accepted: bool,
    pub(crate) session: Option<Url>,
    pub(crate) server: Option<String>,
    /// Why it had to wait, the last time it had to.
    pub(crate) waited: Option<String>,
    pub(crate) failure: Option<String>,
}

impl Join {
    pub(crate) fn new(index: u32) -> Self {
        Self { index, attempts: 0, accepted: false, session: None, server: None, waited: None, failure: None }
    }
}

/// The whole report.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    command: &'static str,
    pub(crate) ok: bool,
    /// Why not, in a sentence.
    pub(crate) reason: Option<String>,
    config: Config,
    summary: Summary,
    percentiles: Distributions,
    cost: Cost,
    versions: Versions,
    viewers: Vec<ViewerReport>,
}

#[derive(Debug, Serialize)]
struct Config {
    url: String,
    viewers: u32,
    threads: u16,
    stagger_ms: f64,
    duration_s: f64,
    loss_percent: f32,
    elapsed_s: f64,
}

#[derive(Debug, Default, Serialize)]
struct Summary {
    viewers: u32,
    accepted: usize,
    connected: usize,
    watching: usize,
    ended_early: usize,
    packets: u64,
    bytes: u64,
    bitrate_bps: f64,
    lost_video: u64,
    lost_audio: u64,
    repaired: u64,
    reordered: u64,
    duplicates: u64,
    frames: u64,
    broken_frames: u64,
    undecodable_frames: u64,
    nacks: u64,
    plis: u64,
    sequence_violations: u64,
    timestamp_jumps: u64,
    picture_id_breaks: u64,
    longest_gap_ms: f64,
}

#[derive(Debug, Serialize)]
struct Distributions {
    answer_ms: Option<Percentiles>,
    connect_ms: Option<Percentiles>,
    first_packet_ms: Option<Percentiles>,
    first_key_frame_ms: Option<Percentiles>,
    frame_gap_ms: Option<Percentiles>,
    longest_gap_ms: Option<Percentiles>,
    video_delay_ms: Option<Percentiles>,
    audio_delay_ms: Option<Percentiles>,
}

#[derive(Debug, Serialize)]
struct ViewerReport {
    viewer: u32,
    failure: Option<String>,
    attempts: u32,
    answer_ms: f64,
    connect_ms: Option<f64>,
    first_packet_ms: Option<f64>,
    first_key_frame_ms: Option<f64>,
    srtp: Option<&'static str>,
    /// Packets that `--loss` took.
    dropped: u64,
    video: Option<TrackReport>,
    audio: Option<TrackReport>,
}

#[derive(Debug, Serialize)]
struct TrackReport {
    codec: Option<String>,
    packets: u64,
    bytes: u64,
    bitrate_bps: f64,
    lost: u64,
    holes: u64,
    repaired: u64,
    late: u64,
    reordered: u64,
    duplicates: u64,
    repair_duplicates: u64,
    nacks: u64,
    plis: u64,
    frames: u64,
    fps: f64,
    key_frames: u64,
    broken_frames: u64,
    undecodable_frames: u64,
    longest_gap_ms: f64,
    sequence_violations: u64,
    timestamp_jumps: u64,
    picture_id_breaks: u64,
    frame_gap_ms: Option<Percentiles>,
    delay_ms: Option<Percentiles>,
}

impl TrackReport {
    fn new(track: &Track) -> Self {
        let counts = track.stream.counts;
        let frames = track.stream.frames.counts;
        let span = track
            .first_packet
            .zip(track.last_packet)
            .map_or(Duration::ZERO, |(first, last)| last.duration_since(first));
        Self {
            codec: track.codec_name().map(str::to_owned),
            packets: counts.packets,
            bytes: track.bytes,
            bitrate_bps: round(track.bytes as f64 * 8.0 / seconds(span)),
            lost: counts.lost,
            holes: counts.holes,
            repaired: counts.repaired,
            late: counts.late,
            reordered: counts.reordered,
            duplicates: counts.duplicates,
            repair_duplicates: counts.repair_duplicates,
            nacks: counts.nacks,
            plis: track.plis,
            frames: frames.frames,
            fps: round(frames.frames as f64 / seconds(span)),
            key_frames: frames.key_frames,
            broken_frames: frames.broken,
            undecodable_frames: frames.undecodable,
            longest_gap_ms: round(frames.longest_gap.as_secs_f64() * 1000.0),
            sequence_violations: counts.sequence_violations,
            timestamp_jumps: frames.timestamp_jumps,
            picture_id_breaks: frames.picture_id_breaks,
            frame_gap_ms: Percentiles::of(track.stream.frames.gaps(), 1.0),
            delay_ms: Percentiles::of(&track.delays, 1000.0),
        }
    }
}

impl ViewerReport {
    fn new(viewer: &Viewer, join: Option<&Join>) -> Self {
        let posted = viewer.times.posted;
        let since = |at: Option<Instant>| at.map(|at| millis(posted, at));
        let first_packet = viewer.tracks.iter().filter_map(|track| track.first_packet);
        let video = viewer.track(Kind::Video);
        Self {
            viewer: viewer.index,
            failure: viewer.failure.clone(),
            attempts: join.map_or(1, |join| join.attempts),
            answer_ms: millis(posted, viewer.times.answered),
            connect_ms: since(viewer.times.connected),
            first_packet_ms: since(first_packet.min()),
            first_key_frame_ms: since(video.and_then(|video| video.stream.frames.first_key())),
            srtp: viewer.profile,
            dropped: viewer.loss.dropped,
            video: video.map(TrackReport::new),
            audio: viewer.track(Kind::Audio).map(TrackReport::new),
        }
    }

    fn without_session(join: &Join) -> Self {
        Self {
            viewer: join.index,
            failure: join.failure.clone().or_else(|| join.waited.clone()),
            attempts: join.attempts,
            answer_ms: 0.0,
            connect_ms: None,
            first_packet_ms: None,
            first_key_frame_ms: None,
            srtp: None,
            dropped: 0,
            video: None,
            audio: None,
        }
    }
}

impl Report {
    /// Sums up a run.
    pub(crate) fn new(
        args: &Watch,
        elapsed: Duration,
        viewers: &[Viewer],
        joins: &[Join],
        cost: Cost,
    ) -> Self {
        let mut reports: Vec<ViewerReport> = viewers
            .iter()
            .map(|viewer| {
                let join = joins.iter().find(|join| join.index == viewer.index);
                ViewerReport::new(viewer, join)
            })
            .collect();
        let known: Vec<u32> = viewers.iter().map(|viewer| viewer.index).collect();
        let outside = joins.iter().filter(|join| !known.contains(&join.index));
        reports.extend(outside.map(ViewerReport::without_session));
        reports.sort_by_key(|report| report.viewer);

        let summary = Summary::new(args, &reports, joins);
        let percentiles = Distributions::new(viewers, &reports);
        let reason = reason(args, &summary, &reports, joins);
        let server = joins.iter().find_map(|join| join.server.clone());
        Self {
            command: "watch",
            ok: reason.is_none(),
            reason,
            config: Config {
                url: args.whep.to_string(),
                viewers: args.viewers,
                threads: args.threads,
                stagger_ms: args.stagger.as_secs_f64() * 1000.0,
                duration_s: args.duration.as_secs_f64(),
                loss_percent: args.common.loss,
                elapsed_s: round(elapsed.as_secs_f64()),
            },
            summary,
            percentiles,
            cost,
            versions: Versions::new(server),
            viewers: reports,
        }
    }

    /// The report for people.
    pub(crate) fn text(&self) -> String {
        let summary = &self.summary;
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{} of {} viewers watching ({} connected, {} ended early), {:.1} s",
            summary.watching, summary.viewers, summary.connected, summary.ended_early, self.config.elapsed_s
        );
        let _ = writeln!(
            out,
            "{} frames in {} packets at {}; lost video {}, audio {}; repaired {}, reordered {}, duplicate {}; broken frames {}, longest gap {:.0} ms",
            summary.frames,
            summary.packets,
            bits(summary.bitrate_bps),
            summary.lost_video,
            summary.lost_audio,
            summary.repaired,
            summary.reordered,
            summary.duplicates,
            summary.broken_frames,
            summary.longest_gap_ms
        );
        let _ = writeln!(
            out,
            "NACKs {}, key frame requests {}; violations: sequence {}, timestamp {}, picture id {}",
            summary.nacks,
            summary.plis,
            summary.sequence_violations,
            summary.timestamp_jumps,
            summary.picture_id_breaks
        );
        let _ = writeln!(out, "{:24}{:>10}{:>10}{:>10}{:>10}", "ms", "p50", "p95", "p99", "max");
        let distributions = &self.percentiles;
        for (name, percentiles) in [
            ("POST to answer", &distributions.answer_ms),
            ("POST to connected", &distributions.connect_ms),
            ("POST to first packet", &distributions.first_packet_ms),
            ("POST to key frame", &distributions.first_key_frame_ms),
            ("between frames", &distributions.frame_gap_ms),
            ("video frame delay", &distributions.video_delay_ms),
            ("audio packet delay", &distributions.audio_delay_ms),
        ] {
            if let Some(p) = percentiles {
                let _ =
                    writeln!(out, "{name:24}{:>10.2}{:>10.2}{:>10.2}{:>10.2}", p.p50, p.p95, p.p99, p.max);
            }
        }
        let _ = writeln!(
            out,
            "this tool: {:.0} % of a core, {:.2} µs a packet, {:.1} packets a read",
            self.cost.cpu_percent, self.cost.cpu_us_per_packet, self.cost.datagrams_per_read
        );
        out
    }
}

impl Summary {
    fn new(args: &Watch, reports: &[ViewerReport], joins: &[Join]) -> Self {
        let mut sum = Self {
            viewers: args.viewers,
            accepted: joins.iter().filter(|join| join.accepted).count(),
            ..Self::default()
        };
        for viewer in reports {
            sum.connected += usize::from(viewer.connect_ms.is_some());
            sum.ended_early += usize::from(viewer.connect_ms.is_some() && viewer.failure.is_some());
            let frames = viewer.video.as_ref().map_or(0, |video| video.frames);
            sum.watching += usize::from(frames > 0);
            for track in viewer.video.iter().chain(&viewer.audio) {
                sum.packets += track.packets;
                sum.bytes += track.bytes;
                sum.bitrate_bps += track.bitrate_bps;
                sum.repaired += track.repaired;
                sum.reordered += track.reordered;
                sum.duplicates += track.duplicates;
                sum.nacks += track.nacks;
                sum.plis += track.plis;
                sum.sequence_violations += track.sequence_violations;
                sum.timestamp_jumps += track.timestamp_jumps;
                sum.picture_id_breaks += track.picture_id_breaks;
            }
            sum.lost_audio += viewer.audio.as_ref().map_or(0, |audio| audio.lost);
            if let Some(video) = &viewer.video {
                sum.lost_video += video.lost;
                sum.frames += video.frames;
                sum.broken_frames += video.broken_frames;
                sum.undecodable_frames += video.undecodable_frames;
                sum.longest_gap_ms = sum.longest_gap_ms.max(video.longest_gap_ms);
            }
        }
        sum.bitrate_bps = round(sum.bitrate_bps);
        sum
    }
}

impl Distributions {
    fn new(viewers: &[Viewer], reports: &[ViewerReport]) -> Self {
        let answered = reports.iter().filter(|viewer| viewer.answer_ms > 0.0);
        let videos = || reports.iter().filter_map(|viewer| viewer.video.as_ref());
        let merged = |kind, max, pick: fn(&Track) -> &Histogram<u32>| {
            let mut all = histogram(max);
            for track in viewers.iter().filter_map(|viewer| viewer.track(kind)) {
                // Both were made with the same bounds.
                let _ = all.add(pick(track));
            }
            all
        };
        let gaps = merged(Kind::Video, 60_000, |track| track.stream.frames.gaps());
        let video = merged(Kind::Video, 60_000_000, |track| &track.delays);
        let audio = merged(Kind::Audio, 60_000_000, |track| &track.delays);
        Self {
            answer_ms: Percentiles::of_values(answered.map(|viewer| viewer.answer_ms)),
            connect_ms: Percentiles::of_values(reports.iter().filter_map(|v| v.connect_ms)),
            first_packet_ms: Percentiles::of_values(reports.iter().filter_map(|v| v.first_packet_ms)),
            first_key_frame_ms: Percentiles::of_values(reports.iter().filter_map(|v| v.first_key_frame_ms)),
            frame_gap_ms: Percentiles::of(&gaps, 1.0),
            longest_gap_ms: Percentiles::of_values(
                videos().filter(|video| video.frames > 1).map(|video| video.longest_gap_ms),
            ),
            video_delay_ms: Percentiles::of(&video, 1000.0),
            audio_delay_ms: Percentiles::of(&audio, 1000.0),
        }
    }
}

/// Why frames did not flow, if they did not.
fn reason(args: &Watch, summary: &Summary, reports: &[ViewerReport], joins: &[Join]) -> Option<String> {
    let first = reports.iter().find_map(|viewer| viewer.failure.as_deref());
    let because = first.map_or(String::new(), |reason| format!(": {reason}"));
    let waiting = joins.iter().find_map(|join| join.waited.as_deref());
    let all = args.viewers as usize;
    if summary.accepted == 0 {
        let why = first.or(waiting).unwrap_or("the time was over before the server answered");
        return Some(format!("no viewer got a session: {why}"));
    }
    if summary.connected == 0 {
        let why = first.unwrap_or("ICE or DTLS did not finish in time");
        return Some(format!("no viewer could connect: {why}"));
    }
    if summary.watching == 0 {
        return Some(if summary.packets == 0 {
            format!("connected, but no packet came{because}")
        } else {
            format!("packets came, but no frame that could be decoded{because}")
        });
    }
    if summary.watching < all {
        return Some(format!("frames reached only {} of {all} viewers{because}", summary.watching));
    }
    (summary.ended_early > 0)
        .then(|| format!("{} of {all} viewers lost their connection{because}", summary.ended_early))
}
