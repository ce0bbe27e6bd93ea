//! The publisher: sends frames on time and does what the server asks.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::layer::Layer;
use super::outgoing::{FrameTimes, Outgoing, Place, Wire};
use super::pacer::Pacer;
use crate::driver::{Moment, Outbox, Peer};
use crate::media::stamp;
use crate::wire::rtcp::{self, ReportBlock, Rtcp};
use crate::wire::sdp::{CNAME, RemoteTransport};
use crate::wire::transport::{Received, Transport, TransportEvent};

const AUDIO_INTERVAL: Duration = Duration::from_millis(20);
const AUDIO_STEP: u32 = 960;
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// A publisher that is this late leaves frames out instead of sending them in one burst.
const MAX_LATENESS: Duration = Duration::from_millis(250);

/// The tone.
pub(crate) struct Audio {
    pub(crate) packets: Vec<Vec<u8>>,
    pub(crate) out: Outgoing,
    pub(crate) reports: u64,
}

/// A publisher.
pub(crate) struct Publisher {
    pub(crate) layers: Vec<Layer>,
    pub(crate) audio: Option<Audio>,
    pub(crate) connected: Option<Instant>,
    pub(crate) ended: Option<Instant>,
    pub(crate) failure: Option<String>,
    pub(crate) profile: Option<&'static str>,
    pub(crate) twcc_feedbacks: u64,
    pub(crate) late_frames: u64,
    /// Spreads the packets of a frame; without it each frame is one burst.
    pub(crate) pacer: Option<Pacer>,
    /// Frames begin at this moment or whole numbers of the period later, so that streams can be
    /// staggered.
    pub(crate) phase: Option<(Instant, Duration)>,
    begins: Option<Instant>,
    transport: Transport,
    fps: f64,
    obeys: bool,
    timestamp_base: u32,
    next_frame: u64,
    next_audio: u64,
    next_report: Instant,
    twcc: u16,
    wishes: Vec<Wish>,
    rtcp: Vec<u8>,
}

enum Wish {
    Again(u32, u16),
    Key(u32, bool),
    Report(ReportBlock),
}

/// What the terminal shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct PublishProgress {
    pub(crate) connected: usize,
    pub(crate) ended: usize,
    pub(crate) frames: u64,
    pub(crate) late_frames: u64,
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) key_requests: u64,
    pub(crate) resent: u64,
    pub(crate) remote_fraction_lost: u8,
    pub(crate) rtt_us: Option<i64>,
}

impl Publisher {
    /// A publisher whose offer was answered.
    pub(crate) fn new(
        now: Instant,
        mut transport: Transport,
        remote: &RemoteTransport,
        layers: Vec<Layer>,
        audio: Option<Audio>,
        fps: f64,
        obeys: bool,
    ) -> Result<Self> {
        transport.start(now, remote)?;
        Ok(Self {
            layers,
            audio,
            connected: None,
            ended: None,
            failure: None,
            profile: None,
            twcc_feedbacks: 0,
            late_frames: 0,
            pacer: None,
            phase: None,
            begins: None,
            transport,
            fps,
            obeys,
            timestamp_base: rand::random::<u32>() >> 1,
            next_frame: 0,
            next_audio: 0,
            next_report: now,
            twcc: 0,
            wishes: Vec::new(),
            rtcp: Vec::new(),
        })
    }

    fn frame_due(&self) -> Option<Instant> {
        let offset = Duration::from_secs_f64(self.next_frame as f64 / self.fps);
        Some(self.begins? + offset)
    }

    fn audio_due(&self) -> Option<Instant> {
        self.audio.as_ref()?;
        let offset = AUDIO_INTERVAL.saturating_mul(self.next_audio as u32);
        Some(self.begins? + offset)
    }

    fn video_timestamp(&self, frame: u64) -> u32 {
        let ticks = (frame as f64 * 90_000.0 / self.fps).round() as u64;
        self.timestamp_base.wrapping_add(ticks as u32)
    }

    fn settle(&mut self, now: Instant, outbox: &mut Outbox<'_>) {
        while let Some(event) = self.transport.poll_event() {
            let failure = match event {
                TransportEvent::Connected => {
                    self.connected = Some(now);
                    self.begins = Some(self.phase.map_or(now, |phase| next_in_phase(now, phase)));
                    self.next_report = now + REPORT_INTERVAL / 4;
                    self.profile = self.transport.profile();
                    continue;
                }
                TransportEvent::ClosedByPeer => "the server ended the connection".to_owned(),
                TransportEvent::Failed(reason) => reason,
            };
            self.ended = Some(now);
            self.failure = Some(failure);
        }
        while let Some((to, datagram)) = self.transport.poll_transmit() {
            outbox.send(to, &datagram);
        }
    }

    fn send_due(&mut self, now: Moment, outbox: &mut Outbox<'_>) -> Result<()> {
        while let Some(due) = self.frame_due().filter(|due| *due <= now.instant) {
            if now.instant.duration_since(due) > MAX_LATENESS {
                self.late_frames += 1;
            } else {
                self.send_frames(outbox)?;
            }
            self.next_frame += 1;
        }
        while self.audio_due().is_some_and(|due| due <= now.instant) {
            self.send_audio(outbox)?;
            self.next_audio += 1;
        }
        self.send_paced(Instant::now(), outbox)
    }

    fn send_frames(&mut self, outbox: &mut Outbox<'_>) -> Result<()> {
        let timestamp = self.video_timestamp(self.next_frame);
        let Some((to, srtp)) = self.transport.media() else {
            return Ok(());
        };
        let mut wire = Wire { to, srtp, outbox, twcc: &mut self.twcc, pacer: self.pacer.as_mut() };
        for layer in &mut self.layers {
            layer.send_frame(&mut wire, timestamp, Moment::now().wall)?;
        }
        Ok(())
    }

    fn send_paced(&mut self, now: Instant, outbox: &mut Outbox<'_>) -> Result<()> {
        let (Some(pacer), Some((to, srtp))) = (&mut self.pacer, self.transport.media()) else {
            return Ok(());
        };
        let mut wire = Wire { to, srtp, outbox, twcc: &mut self.twcc, pacer: None };
        while let Some(waiting) = pacer.pop(now) {
            if let Some(layer) = self.layers.iter_mut().find(|layer| layer.out.ssrc == waiting.ssrc) {
                layer.out.send_paced(&mut wire, &waiting)?;
            }
            pacer.recycle(waiting.packet);
        }
        Ok(())
    }

    fn send_audio(&mut self, outbox: &mut Outbox<'_>) -> Result<()> {
        let (Some(audio), Some((to, srtp))) = (&mut self.audio, self.transport.media()) else {
            return Ok(());
        };
        let mut wire = Wire { to, srtp, outbox, twcc: &mut self.twcc, pacer: None };
        let packet = &audio.packets[self.next_audio as usize % audio.packets.len()];
        let steps = AUDIO_STEP.wrapping_mul(self.next_audio as u32);
        let times = FrameTimes {
            timestamp: self.timestamp_base.wrapping_add(steps),
            ntp: stamp::noted(Moment::now().wall, false),
            key: false,
        };
        // The marker of audio starts a talk spurt (RFC 3551 §4.1); every packet is whole.
        let place = Place { first: true, last: self.next_audio == 0 };
        audio.out.send(&mut wire, times, place, &[], packet)
    }

    fn send_reports(&mut self, now: Moment, outbox: &mut Outbox<'_>) {
        if now.instant < self.next_report {
            return;
        }
        self.next_report = now.instant + REPORT_INTERVAL;
        let Some(begins) = self.begins.filter(|begins| *begins <= now.instant) else {
            return;
        };
        let elapsed = now.instant.duration_since(begins).as_secs_f64();
        let ntp = stamp::ntp_of_unix(now.wall);
        let streams = self
            .layers
            .iter()
            .map(|layer| (&layer.out, 90_000.0))
            .chain(self.audio.iter().map(|audio| (&audio.out, 48_000.0)));
        self.rtcp.clear();
        for (out, clock_rate) in streams {
            let ticks = (elapsed * clock_rate) as u64 as u32;
            rtcp::write_sender_report(
                &mut self.rtcp,
                out.ssrc,
                ntp,
                self.timestamp_base.wrapping_add(ticks),
                out.packets as u32,
                out.octets as u32,
            );
            rtcp::write_cname(&mut self.rtcp, out.ssrc, CNAME);
        }
        outbox.send_rtcp(&mut self.transport, &self.rtcp);
    }

    fn receive_rtcp(&mut self, now: Moment, compound: &[u8], outbox: &mut Outbox<'_>) {
        let wishes = &mut self.wishes;
        let feedbacks = &mut self.twcc_feedbacks;
        rtcp::read(compound, |packet| match packet {
            Rtcp::Nack { ssrc, pairs } => {
                wishes.extend(rtcp::nacked(pairs).map(|lost| Wish::Again(ssrc, lost)));
            }
            Rtcp::Pli { ssrc } => wishes.push(Wish::Key(ssrc, false)),
            Rtcp::Fir { entries } => {
                wishes.extend(rtcp::fir_targets(entries).map(|ssrc| Wish::Key(ssrc, true)));
            }
            Rtcp::Report(block) => wishes.push(Wish::Report(block)),
            Rtcp::TransportFeedback => *feedbacks += 1,
            Rtcp::SenderReport { .. } | Rtcp::Bye { .. } => {}
        });
        for wish in std::mem::take(&mut self.wishes) {
            self.fulfil(now, &wish, outbox);
        }
    }

    fn fulfil(&mut self, now: Moment, wish: &Wish, outbox: &mut Outbox<'_>) {
        let ssrc = match wish {
            Wish::Again(ssrc, _) | Wish::Key(ssrc, _) => *ssrc,
            Wish::Report(block) => block.ssrc,
        };
        if let (Some(audio), Wish::Report(_)) = (&mut self.audio, wish)
            && audio.out.ssrc == ssrc
        {
            audio.out.acknowledge();
            audio.reports += 1;
        }
        let Some(layer) = self.layers.iter_mut().find(|layer| layer.out.ssrc == ssrc) else {
            return;
        };
        match wish {
            Wish::Again(_, sequence) => {
                layer.counts.nacked += 1;
                if let Some((to, srtp)) = self.transport.media() {
                    let mut wire = Wire { to, srtp, outbox, twcc: &mut self.twcc, pacer: None };
                    // A packet that cannot be sealed is lost once more.
                    let _ = layer.out.resend(&mut wire, *sequence);
                }
            }
            Wish::Key(_, full) => {
                layer.note_request(now.instant, *full);
                if self.obeys {
                    layer.want_key();
                }
            }
            Wish::Report(block) => {
                layer.out.acknowledge();
                let counts = &mut layer.counts;
                counts.reports += 1;
                counts.remote_lost = block.cumulative_lost;
                counts.remote_fraction_lost = block.fraction_lost;
                counts.remote_jitter = block.jitter;
                if block.last_sr != 0 {
                    let middle = (stamp::ntp_of_unix(now.wall) >> 16) as u32;
                    let units = middle.wrapping_sub(block.last_sr).wrapping_sub(block.delay);
                    counts.rtt_us = Some(i64::from(units as i32) * 1_000_000 / 65_536);
                }
            }
        }
    }
}

impl Peer for Publisher {
    type Progress = PublishProgress;

    fn handle_datagram(
        &mut self,
        now: Moment,
        from: SocketAddr,
        datagram: &mut [u8],
        outbox: &mut Outbox<'_>,
    ) {
        match self.transport.handle_datagram(now.instant, from, datagram) {
            Received::Rtcp(compound) => self.receive_rtcp(now, &compound, outbox),
            Received::Rtp(_) => {}
            Received::Handled => self.settle(now.instant, outbox),
        }
    }

    fn handle_timeout(&mut self, now: Moment, outbox: &mut Outbox<'_>) {
        self.transport.handle_timeout(now.instant);
        self.settle(now.instant, outbox);
        if self.ended.is_some() || self.connected.is_none() {
            return;
        }
        if let Err(error) = self.send_due(now, outbox) {
            self.ended = Some(now.instant);
            self.failure = Some(format!("{error:#}"));
        }
        self.send_reports(now, outbox);
    }

    fn next_timeout(&mut self) -> Option<Instant> {
        if self.ended.is_some() {
            return None;
        }
        let report = self.connected.map(|_| self.next_report);
        self.transport
            .next_timeout()
            .into_iter()
            .chain(self.frame_due())
            .chain(self.audio_due())
            .chain(report)
            .chain(self.pacer.as_ref().and_then(Pacer::next_timeout))
            .min()
    }

    fn close(&mut self, now: Moment, outbox: &mut Outbox<'_>) {
        self.ended.get_or_insert(now.instant);
        self.rtcp.clear();
        let streams = self.layers.iter().map(|layer| layer.out.ssrc);
        for ssrc in streams.chain(self.audio.iter().map(|audio| audio.out.ssrc)) {
            rtcp::write_receiver_report(&mut self.rtcp, ssrc, &[]);
            rtcp::write_bye(&mut self.rtcp, ssrc);
        }
        outbox.send_rtcp(&mut self.transport, &self.rtcp);
        self.transport.close(now.instant);
        self.settle(now.instant, outbox);
    }

    fn add_progress(&self, progress: &mut PublishProgress) {
        progress.connected += usize::from(self.connected.is_some());
        progress.ended += usize::from(self.ended.is_some());
        progress.late_frames += self.late_frames;
        for layer in &self.layers {
            progress.frames += layer.counts.frames;
            progress.packets += layer.out.packets;
            progress.bytes += layer.out.bytes;
            progress.key_requests += layer.counts.plis + layer.counts.firs;
            progress.resent += layer.out.resent;
            progress.remote_fraction_lost =
                progress.remote_fraction_lost.max(layer.counts.remote_fraction_lost);
            progress.rtt_us = layer.counts.rtt_us.or(progress.rtt_us);
        }
        if let Some(audio) = &self.audio {
            progress.packets += audio.out.packets;
            progress.bytes += audio.out.bytes;
        }
    }
}

/// The first moment from now on that is in phase.
fn next_in_phase(now: Instant, (epoch, period): (Instant, Duration)) -> Instant {
    let Some(since) = now.checked_duration_since(epoch) else {
        return epoch;
    };
    let periods = (since.as_secs_f64() / period.as_secs_f64().max(0.001)).ceil();
    epoch + period.mul_f64(periods)
}
