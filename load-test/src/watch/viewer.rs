//! One viewer: its connection, its tracks and the feedback it gives.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::track::Track;
use crate::driver::{Moment, Outbox, Peer};
use crate::wire::loss::Loss;
use crate::wire::rtcp::{self, Rtcp};
use crate::wire::rtp::RtpPacket;
use crate::wire::sdp::{Answer, CNAME, Kind};
use crate::wire::transport::{Received, Transport, TransportEvent};
use crate::wire::twcc;

/// Receiver reports go out once in so many feedback intervals: once a second.
const REPORT_EVERY: u32 = 10;

/// Moments in the life of a viewer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) posted: Instant,
    pub(crate) answered: Instant,
    pub(crate) connected: Option<Instant>,
    pub(crate) ended: Option<Instant>,
}

/// A viewer.
pub(crate) struct Viewer {
    pub(crate) index: u32,
    pub(crate) times: Times,
    pub(crate) tracks: Vec<Track>,
    /// Why the connection ended before its time.
    pub(crate) failure: Option<String>,
    pub(crate) profile: Option<&'static str>,
    pub(crate) loss: Loss,
    transport: Transport,
    ssrc: u32,
    twcc: twcc::Recorder,
    next_feedback: Option<Instant>,
    feedbacks: u32,
    nacks: Vec<u16>,
    rtcp: Vec<u8>,
}

/// The sum over viewers.
#[derive(Clone, Debug, Default)]
pub(crate) struct WatchProgress {
    pub(crate) viewers: usize,
    pub(crate) connected: usize,
    pub(crate) watching: usize,
    pub(crate) ended: usize,
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) frames: u64,
    pub(crate) lost: u64,
}

impl Viewer {
    /// A viewer whose offer was answered.
    pub(crate) fn new(
        index: u32,
        times: Times,
        mut transport: Transport,
        answer: &Answer,
        loss: Loss,
    ) -> Result<Self> {
        transport.start(times.answered, &answer.transport)?;
        let tracks = [Kind::Audio, Kind::Video]
            .into_iter()
            .filter_map(|kind| Some(Track::new(kind, answer.section(kind)?)))
            .collect();
        Ok(Self {
            index,
            times,
            tracks,
            failure: None,
            profile: None,
            loss,
            transport,
            ssrc: rand::random(),
            twcc: twcc::Recorder::new(times.answered),
            next_feedback: None,
            feedbacks: 0,
            nacks: Vec::new(),
            rtcp: Vec::new(),
        })
    }

    /// The track of this kind, if the answer has it.
    pub(crate) fn track(&self, kind: Kind) -> Option<&Track> {
        self.tracks.iter().find(|track| track.kind == kind)
    }

    fn receive_rtp(&mut self, now: Moment, packet: &[u8]) {
        if self.loss.hits() {
            return;
        }
        let Some(packet) = RtpPacket::parse(packet) else {
            return;
        };
        let Some(track) = self.tracks.iter_mut().find(|track| track.owns(packet.payload_type)) else {
            return;
        };
        if let Some(sequence) = track.twcc.and_then(|id| packet.extension(id)?.first_chunk::<2>().copied()) {
            self.twcc.record(now.instant, u16::from_be_bytes(sequence));
        }
        track.receive(now, &packet);
    }

    fn receive_rtcp(&mut self, now: Moment, compound: &[u8]) {
        let tracks = &mut self.tracks;
        rtcp::read(compound, |packet| {
            if let Rtcp::SenderReport { ssrc, ntp, .. } = packet
                && let Some(track) = tracks.iter_mut().find(|track| track.ssrc == Some(ssrc))
            {
                track.sender_report(now.instant, ntp);
            }
        });
    }

    fn settle(&mut self, now: Moment, outbox: &mut Outbox<'_>) {
        while let Some(event) = self.transport.poll_event() {
            match event {
                TransportEvent::Connected => {
                    self.times.connected = Some(now.instant);
                    self.profile = self.transport.profile();
                    self.next_feedback = Some(now.instant + twcc::INTERVAL);
                }
                TransportEvent::ClosedByPeer => {
                    self.end(now.instant, "the server ended the connection".to_owned());
                }
                TransportEvent::Failed(reason) => self.end(now.instant, reason),
            }
        }
        while let Some((to, datagram)) = self.transport.poll_transmit() {
            outbox.send(to, &datagram);
        }
    }

    fn end(&mut self, now: Instant, reason: String) {
        self.times.ended = Some(now);
        self.failure = Some(reason);
        self.next_feedback = None;
    }

    /// Everything a receiver says: reports, lost packets, arrivals, and wishes for key frames.
    fn feed_back(&mut self, now: Instant, outbox: &mut Outbox<'_>) {
        let regular = self.next_feedback.is_some_and(|due| due <= now);
        let report = regular && self.feedbacks.is_multiple_of(REPORT_EVERY);
        self.rtcp.clear();
        if report {
            let blocks: Vec<_> = self.tracks.iter_mut().filter_map(|track| track.report_block(now)).collect();
            rtcp::write_receiver_report(&mut self.rtcp, self.ssrc, &blocks);
            rtcp::write_cname(&mut self.rtcp, self.ssrc, CNAME);
        }
        for track in &mut self.tracks {
            self.nacks.clear();
            track.handle_timeout(now, &mut self.nacks);
            let Some(ssrc) = track.ssrc else { continue };
            if !self.nacks.is_empty() {
                rtcp::write_nack(&mut self.rtcp, self.ssrc, ssrc, &self.nacks);
            }
            if regular && track.wants_key(now) {
                rtcp::write_pli(&mut self.rtcp, self.ssrc, ssrc);
            }
        }
        if regular {
            self.feedbacks += 1;
            self.next_feedback = Some(now + twcc::INTERVAL);
            let media = self.tracks.iter().find_map(|track| track.ssrc);
            if let Some(media) = media {
                self.twcc.write_feedback(&mut self.rtcp, self.ssrc, media);
            }
        }
        if !self.rtcp.is_empty() {
            outbox.send_rtcp(&mut self.transport, &self.rtcp);
        }
    }
}

impl Peer for Viewer {
    type Progress = WatchProgress;

    fn handle_datagram(
        &mut self,
        now: Moment,
        from: SocketAddr,
        datagram: &mut [u8],
        outbox: &mut Outbox<'_>,
    ) {
        match self.transport.handle_datagram(now.instant, from, datagram) {
            Received::Rtp(len) => self.receive_rtp(now, &datagram[..len]),
            Received::Rtcp(compound) => self.receive_rtcp(now, &compound),
            Received::Handled => self.settle(now, outbox),
        }
    }

    fn handle_timeout(&mut self, now: Moment, outbox: &mut Outbox<'_>) {
        self.transport.handle_timeout(now.instant);
        self.settle(now, outbox);
        if self.next_feedback.is_some() {
            self.feed_back(now.instant, outbox);
        }
    }

    fn next_timeout(&mut self) -> Option<Instant> {
        if self.times.ended.is_some() {
            return None;
        }
        let tracks = self.tracks.iter().filter_map(|track| track.stream.next_timeout());
        self.transport.next_timeout().into_iter().chain(self.next_feedback).chain(tracks).min()
    }

    fn close(&mut self, now: Moment, outbox: &mut Outbox<'_>) {
        self.times.ended.get_or_insert(now.instant);
        for track in &mut self.tracks {
            track.stream.finish(now.instant);
        }
        self.rtcp.clear();
        rtcp::write_receiver_report(&mut self.rtcp, self.ssrc, &[]);
        rtcp::write_bye(&mut self.rtcp, self.ssrc);
        if !self.rtcp.is_empty() {
            outbox.send_rtcp(&mut self.transport, &self.rtcp);
        }
        self.transport.close(now.instant);
        self.settle(now, outbox);
    }

    fn add_progress(&self, progress: &mut WatchProgress) {
        progress.viewers += 1;
        progress.connected += usize::from(self.times.connected.is_some());
        progress.ended += usize::from(self.times.ended.is_some());
        for track in &self.tracks {
            progress.packets += track.stream.counts.packets;
            progress.bytes += track.bytes;
            progress.lost += track.stream.counts.lost;
            if track.kind == Kind::Video {
                let frames = track.stream.frames.counts.frames;
                progress.frames += frames;
                progress.watching += usize::from(frames > 0);
            }
        }
    }
}

/// Milliseconds between two moments.
pub(crate) fn millis(from: Instant, to: Instant) -> f64 {
    round(to.saturating_duration_since(from).as_secs_f64() * 1000.0)
}

/// To a hundredth, which is what the clock and the loop can promise.
pub(crate) fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Seconds of a duration, at least a little, to divide by.
pub(crate) fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64().max(0.001)
}
