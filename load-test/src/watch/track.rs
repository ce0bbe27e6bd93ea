//! The audio or the video of one viewer.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::frames::{Frames, Part};
use super::stream::{Arrival, Outcome, Stream};
use crate::driver::Moment;
use crate::media::inspect::{SeenCodec, inspect};
use crate::media::stamp;
use crate::report::histogram;
use crate::wire::rtcp::ReportBlock;
use crate::wire::rtp::{self, RtpPacket};
use crate::wire::sdp::{Kind, Section};

/// Delays are not counted in this time after the first packet: what a joining viewer is served
/// from a cache was sent before it joined.
const JOINING: Duration = Duration::from_secs(1);
/// Clocks further apart than this are not of the same machine.
const MAX_DELAY_US: i64 = 60_000_000;
/// A decoder asks for a key frame when it has none for so long, and again after so long.
const KEY_PATIENCE: Duration = Duration::from_millis(300);
const NEXT_PLI: Duration = Duration::from_millis(500);

/// One track.
pub(crate) struct Track {
    pub(crate) kind: Kind,
    section: Section,
    capture_time: Option<u8>,
    pub(crate) twcc: Option<u8>,
    pub(crate) stream: Stream,
    /// The media SSRC, as seen.
    pub(crate) ssrc: Option<u32>,
    payload_type: Option<u8>,
    codec: SeenCodec,
    clock_rate: f64,
    pub(crate) first_packet: Option<Instant>,
    pub(crate) last_packet: Option<Instant>,
    pub(crate) bytes: u64,
    pub(crate) plis: u64,
    next_pli: Option<Instant>,
    jitter: Jitter,
    last_report: Option<(u32, Instant)>,
    /// Send time of the frame with this timestamp.
    captured: Option<(u32, u64)>,
    pub(crate) delays: Histogram<u32>,
}

impl Track {
    /// A track of an answered section.
    pub(crate) fn new(kind: Kind, section: &Section) -> Self {
        let clock_rate = match kind {
            Kind::Audio => 48_000,
            Kind::Video => 90_000,
        };
        Self {
            kind,
            section: section.clone(),
            capture_time: section.extension(rtp::URI_CAPTURE_TIME),
            twcc: section.extension(rtp::URI_TWCC),
            stream: Stream::new(Frames::new(clock_rate)),
            ssrc: None,
            payload_type: None,
            codec: SeenCodec::Other,
            clock_rate: f64::from(clock_rate),
            first_packet: None,
            last_packet: None,
            bytes: 0,
            plis: 0,
            next_pli: None,
            jitter: Jitter::default(),
            last_report: None,
            captured: None,
            delays: histogram(MAX_DELAY_US as u64),
        }
    }

    /// Whether packets with this payload type belong here.
    pub(crate) fn owns(&self, payload_type: u8) -> bool {
        self.payload_type == Some(payload_type) || self.section.codec(payload_type).is_some()
    }

    /// The encoding name of what comes.
    pub(crate) fn codec_name(&self) -> Option<&str> {
        let codec = self.section.codec(self.payload_type?)?;
        Some(&codec.name)
    }

    /// Takes a packet of this track or of its retransmissions.
    pub(crate) fn receive(&mut self, now: Moment, packet: &RtpPacket<'_>) {
        if self.payload_type != Some(packet.payload_type) {
            let repairs = self.section.codec(packet.payload_type).and_then(|codec| codec.repairs);
            if repairs.is_some() {
                self.receive_repair(now, packet);
                return;
            }
            self.payload_type = Some(packet.payload_type);
            let codec = self.section.codec(packet.payload_type);
            self.codec = codec.map_or(SeenCodec::Other, |codec| SeenCodec::from_name(&codec.name));
            self.stream.holes.repairable = codec.is_some_and(|codec| codec.nack);
        }
        self.take(now, packet, packet.sequence, packet.payload, false);
    }

    /// Retransmissions carry the original sequence number in front (RFC 4588 §4); bandwidth probes
    /// carry nothing or what had come already.
    fn receive_repair(&mut self, now: Moment, packet: &RtpPacket<'_>) {
        if let [high, low, payload @ ..] = packet.payload
            && self.ssrc.is_some()
            && !payload.is_empty()
        {
            let sequence = u16::from_be_bytes([*high, *low]);
            self.take(now, packet, sequence, payload, true);
        }
    }

    fn take(&mut self, now: Moment, packet: &RtpPacket<'_>, sequence: u16, payload: &[u8], repaired: bool) {
        if !repaired && self.ssrc != Some(packet.ssrc) {
            if self.ssrc.is_some() {
                self.stream.restart();
            }
            self.ssrc = Some(packet.ssrc);
        }
        let part = self.part(packet, payload);
        let arrival = Arrival { sequence, repaired, part };
        let outcome = self.stream.receive(now.instant, arrival);
        if outcome != Outcome::Fresh {
            return;
        }
        self.first_packet.get_or_insert(now.instant);
        self.last_packet = Some(now.instant);
        self.bytes += payload.len() as u64;
        if !repaired {
            self.jitter.take(now.wall, packet.timestamp, self.clock_rate);
        }
        self.measure_delay(now, packet, payload, part.marker);
    }

    fn part(&self, packet: &RtpPacket<'_>, payload: &[u8]) -> Part {
        if self.kind == Kind::Audio {
            // Each packet is a frame that can be played by itself.
            return Part {
                timestamp: packet.timestamp,
                marker: true,
                key: true,
                starts: true,
                padding: payload.is_empty(),
                picture_id: None,
            };
        }
        let findings = inspect(self.codec, payload);
        Part {
            timestamp: packet.timestamp,
            marker: packet.marker,
            key: findings.key,
            starts: findings.starts,
            padding: payload.is_empty(),
            picture_id: findings.picture_id,
        }
    }

    /// From the moment the publisher began to send the frame to the arrival of its last packet.
    fn measure_delay(&mut self, now: Moment, packet: &RtpPacket<'_>, payload: &[u8], frame_ends: bool) {
        let extension = self.capture_time.and_then(|id| packet.extension(id));
        let sent = match extension.and_then(|value| value.first_chunk::<8>()) {
            Some(ntp) => Some(u64::from_be_bytes(*ntp)),
            None if self.capture_time.is_none() && self.kind == Kind::Video => stamp::find(payload),
            None => None,
        };
        if let Some(sent) = sent {
            self.captured = Some((packet.timestamp, sent));
        }
        let settled = self.first_packet.is_some_and(|first| now.instant.duration_since(first) >= JOINING);
        if !frame_ends || !settled {
            return;
        }
        if let Some((timestamp, sent)) = self.captured
            && timestamp == packet.timestamp
        {
            let delay = stamp::micros_between(sent, stamp::ntp_of_unix(now.wall));
            if (0..MAX_DELAY_US).contains(&delay) {
                self.delays.saturating_record(delay as u64);
            }
        }
    }

    /// Notes a sender report.
    pub(crate) fn sender_report(&mut self, now: Instant, ntp: u64) {
        self.last_report = Some(((ntp >> 16) as u32, now));
    }

    /// Lets time pass and collects what to ask the server for.
    pub(crate) fn handle_timeout(&mut self, now: Instant, nacks: &mut Vec<u16>) {
        self.stream.handle_timeout(now, nacks);
    }

    /// Whether to ask for a key frame now.
    pub(crate) fn wants_key(&mut self, now: Instant) -> bool {
        if self.kind == Kind::Audio || !self.stream.frames.needs_key() {
            self.next_pli = None;
            return false;
        }
        if self.ssrc.is_none() {
            return false;
        }
        let due = *self.next_pli.get_or_insert(now + KEY_PATIENCE);
        if now < due {
            return false;
        }
        self.next_pli = Some(now + NEXT_PLI);
        self.plis += 1;
        true
    }

    /// A report block on this track, if it has begun.
    pub(crate) fn report_block(&mut self, now: Instant) -> Option<ReportBlock> {
        let ssrc = self.ssrc.filter(|_| self.stream.has_started())?;
        let (fraction_lost, cumulative_lost, highest) = self.stream.report();
        let (last_sr, delay) = self.last_report.map_or((0, 0), |(last_sr, at)| {
            let delay = now.duration_since(at).as_secs_f64() * 65_536.0;
            (last_sr, delay as u32)
        });
        Some(ReportBlock {
            ssrc,
            fraction_lost,
            cumulative_lost,
            highest,
            jitter: self.jitter.value as u32,
            last_sr,
            delay,
        })
    }
}

/// Interarrival jitter (RFC 3550 §6.4.1), in units of the RTP clock.
#[derive(Default)]
struct Jitter {
    value: f64,
    transit: Option<f64>,
    timestamp: u32,
}

impl Jitter {
    fn take(&mut self, wall: Duration, timestamp: u32, clock_rate: f64) {
        if self.transit.is_some() && timestamp == self.timestamp {
            return;
        }
        let transit = (wall.as_secs_f64() * clock_rate) - f64::from(timestamp);
        if let Some(before) = self.transit {
            let difference = (transit - before).abs();
            // A wrap of the timestamp or a new sender is not jitter.
            if difference < clock_rate * 10.0 {
                self.value += (difference - self.value) / 16.0;
            }
        }
        self.transit = Some(transit);
        self.timestamp = timestamp;
    }
}
