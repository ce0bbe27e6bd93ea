//! A viewer that costs little: headers of all packets are read, a sample is decrypted and checked.
//!
//! It connects, repairs and reports like a browser. Until its first whole key frame it decrypts
//! everything; then only the last packet of each frame, which carries the send time, one of so many
//! others, and retransmissions, whose original number is inside.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::shared::{Joined, Shared};
use super::track::{Seen, Track};
use crate::driver::{Moment, Outbox, Peer};
use crate::wire::loss::Loss;
use crate::wire::rtcp::{self, Rtcp, is_rtcp};
use crate::wire::rtp::RtpPacket;
use crate::wire::sdp::{Answer, CNAME, Kind};
use crate::wire::transport::{Received, Transport, TransportEvent};
use crate::wire::twcc;

/// A receiver report goes out once in so much time, as browsers do for video.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// ICE is looked after this often once connected; it wants to check a pair every two seconds.
const CARE_INTERVAL: Duration = Duration::from_millis(500);

/// A viewer.
pub(crate) struct Viewer {
    shared: Arc<Shared>,
    index: u32,
    /// When it began to join: its POST was sent, or it was let go.
    began: Instant,
    connected: Option<Instant>,
    key_packet: Option<Instant>,
    ended: bool,
    watching: bool,
    tracks: Vec<Track>,
    loss: Loss,
    countdown: u32,
    forged: u64,
    checked: u64,
    twcc: twcc::Recorder,
    next_feedback: Option<Instant>,
    next_report: Instant,
    next_care: Instant,
    ssrc: u32,
    nacks: Vec<u16>,
    rtcp: Vec<u8>,
    transport: Transport,
}

/// The sum over viewers.
#[derive(Clone, Debug, Default)]
pub(crate) struct WatchSum {
    /// When it was taken.
    pub(crate) at: Option<Instant>,
    pub(crate) viewers: u64,
    pub(crate) connected: u64,
    pub(crate) watching: u64,
    pub(crate) ended: u64,
    pub(crate) packets: u64,
    /// Of RTP with headers, after the share that `--loss` took.
    pub(crate) bytes: u64,
    pub(crate) lost: u64,
    pub(crate) holes: u64,
    pub(crate) repaired: u64,
    pub(crate) duplicates: u64,
    pub(crate) nacks: u64,
    pub(crate) plis: u64,
    pub(crate) breaks: u64,
    pub(crate) forged: u64,
    pub(crate) checked: u64,
    pub(crate) dropped: u64,
}

impl Viewer {
    /// A viewer whose offer was answered; it connects as soon as a driver has it.
    pub(crate) fn new(
        shared: &Arc<Shared>,
        index: u32,
        began: Instant,
        mut transport: Transport,
        answer: &Answer,
    ) -> Result<Self> {
        let now = Instant::now();
        transport.start(now, &answer.transport)?;
        let tracks = [Kind::Video, Kind::Audio]
            .into_iter()
            .filter_map(|kind| Some(Track::new(kind, answer.section(kind)?)))
            .collect();
        Ok(Self {
            shared: Arc::clone(shared),
            index,
            began,
            connected: None,
            key_packet: None,
            ended: false,
            watching: false,
            tracks,
            loss: Loss::percent(shared.loss_percent),
            countdown: index % shared.sample,
            forged: 0,
            checked: 0,
            twcc: twcc::Recorder::new(now),
            next_feedback: None,
            next_report: now,
            next_care: now,
            ssrc: rand::random(),
            nacks: Vec::new(),
            rtcp: Vec::new(),
            transport,
        })
    }

    fn receive_rtp(&mut self, now: Moment, from: SocketAddr, datagram: &mut [u8]) {
        let Some(packet) = RtpPacket::parse_sealed(datagram) else {
            return;
        };
        let Some(at) = self.tracks.iter().position(|track| track.owns(packet.payload_type)) else {
            return;
        };
        // Audio is spared: nobody repairs it, and what came of the repairs is the question.
        if self.tracks[at].kind == Kind::Video && self.loss.hits() {
            return;
        }
        let track = &mut self.tracks[at];
        if let Some(value) = track.twcc.and_then(|id| packet.extension(id)?.first_chunk::<2>()) {
            self.twcc.record(now.instant, u16::from_be_bytes(*value));
        }
        let repairs = track.repairs(packet.payload_type);
        if !repairs {
            track.count(now.instant, &packet, datagram.len());
        }
        let sampled = self.countdown == 0;
        self.countdown = if sampled { self.shared.sample - 1 } else { self.countdown - 1 };
        let ends_picture = track.kind == Kind::Video && packet.marker;
        if !(sampled || repairs || ends_picture || !self.watching) {
            return;
        }
        let Received::Rtp(len) = self.transport.handle_datagram(now.instant, from, datagram) else {
            self.forged += u64::from(self.transport.profile().is_some());
            return;
        };
        self.checked += 1;
        if let Some(packet) = RtpPacket::parse(&datagram[..len]) {
            self.look_inside(now, at, &packet, repairs);
        }
    }

    fn look_inside(&mut self, now: Moment, at: usize, packet: &RtpPacket<'_>, repairs: bool) {
        let track = &mut self.tracks[at];
        let settled = self.watching.then_some(&*self.shared);
        let seen = if repairs {
            track.repair(now, packet, settled)
        } else {
            track.look(now, packet.timestamp, packet.marker, packet.sequence, packet.payload, settled)
        };
        match seen {
            Seen::Nothing => {}
            Seen::KeyPacket => {
                self.key_packet.get_or_insert(now.instant);
            }
            Seen::KeyFrame => {
                self.watching = true;
                let since = |moment: Option<Instant>| {
                    moment.map_or(Duration::ZERO, |moment| moment.saturating_duration_since(self.began))
                };
                self.shared.joined(Joined {
                    connected: since(self.connected),
                    key_packet: since(self.key_packet.or(Some(now.instant))),
                    key_frame: since(Some(now.instant)),
                });
            }
        }
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
                    self.connected = Some(now.instant);
                    self.next_care = now.instant + CARE_INTERVAL;
                    self.next_report = now.instant + REPORT_INTERVAL;
                    self.next_feedback = Some(now.instant + self.shared.feedback);
                }
                TransportEvent::ClosedByPeer => self.end("the server ended the connection"),
                TransportEvent::Failed(reason) => self.end(&reason),
            }
        }
        while let Some((to, datagram)) = self.transport.poll_transmit() {
            outbox.send(to, &datagram);
        }
    }

    fn end(&mut self, reason: &str) {
        self.ended = true;
        self.next_feedback = None;
        self.shared.ended(self.index, reason);
    }

    /// What a receiver says: reports, lost packets, arrivals, and wishes for key frames.
    fn feed_back(&mut self, now: Instant, outbox: &mut Outbox<'_>) {
        let regular = self.next_feedback.is_some_and(|due| due <= now);
        self.rtcp.clear();
        if now >= self.next_report {
            self.next_report = now + REPORT_INTERVAL;
            let blocks: Vec<_> = self.tracks.iter_mut().filter_map(|track| track.report_block(now)).collect();
            rtcp::write_receiver_report(&mut self.rtcp, self.ssrc, &blocks);
            rtcp::write_cname(&mut self.rtcp, self.ssrc, CNAME);
        }
        for track in &mut self.tracks {
            if !track.window.holes.is_empty() {
                self.nacks.clear();
                track.window.handle_timeout(now, &mut self.nacks);
                if let Some(media) = track.ssrc.filter(|_| !self.nacks.is_empty()) {
                    rtcp::write_nack(&mut self.rtcp, self.ssrc, media, &self.nacks);
                }
            }
            if regular && let Some(media) = track.wants_key(now) {
                rtcp::write_pli(&mut self.rtcp, self.ssrc, media);
            }
        }
        if regular {
            self.next_feedback = Some(now + self.shared.feedback);
            if let Some(media) = self.tracks.iter().find_map(|track| track.ssrc) {
                self.twcc.write_feedback(&mut self.rtcp, self.ssrc, media);
            }
        }
        if !self.rtcp.is_empty() {
            outbox.send_rtcp(&mut self.transport, &self.rtcp);
        }
    }
}

impl Peer for Viewer {
    const PATIENT: bool = true;
    type Progress = WatchSum;

    fn handle_datagram(
        &mut self,
        now: Moment,
        from: SocketAddr,
        datagram: &mut [u8],
        outbox: &mut Outbox<'_>,
    ) {
        let media = datagram.first().is_some_and(|first| (128..=191).contains(first));
        if media && !is_rtcp(datagram) {
            self.receive_rtp(now, from, datagram);
            return;
        }
        match self.transport.handle_datagram(now.instant, from, datagram) {
            Received::Rtcp(compound) => self.receive_rtcp(now, &compound),
            Received::Rtp(_) => {}
            Received::Handled => self.settle(now, outbox),
        }
    }

    fn handle_timeout(&mut self, now: Moment, outbox: &mut Outbox<'_>) {
        if self.connected.is_none() || now.instant >= self.next_care {
            self.next_care = now.instant + CARE_INTERVAL;
            self.transport.handle_timeout(now.instant);
            self.settle(now, outbox);
        }
        if self.next_feedback.is_some() {
            self.feed_back(now.instant, outbox);
        }
    }

    fn next_timeout(&mut self) -> Option<Instant> {
        if self.ended {
            return None;
        }
        // Once connected, ICE is looked after when feedback is due anyway.
        let Some(feedback) = self.next_feedback else {
            return self.transport.next_timeout();
        };
        let holes = self.tracks.iter().filter_map(|track| track.window.holes.next_timeout());
        holes.chain([feedback]).min()
    }

    fn close(&mut self, now: Moment, outbox: &mut Outbox<'_>) {
        if self.ended {
            return;
        }
        self.ended = true;
        self.rtcp.clear();
        rtcp::write_receiver_report(&mut self.rtcp, self.ssrc, &[]);
        rtcp::write_bye(&mut self.rtcp, self.ssrc);
        if !self.rtcp.is_empty() {
            outbox.send_rtcp(&mut self.transport, &self.rtcp);
        }
        self.transport.close(now.instant);
        self.settle(now, outbox);
    }

    fn add_progress(&self, sum: &mut WatchSum) {
        sum.at.get_or_insert_with(Instant::now);
        sum.viewers += 1;
        sum.connected += u64::from(self.connected.is_some());
        sum.watching += u64::from(self.watching && !self.ended);
        sum.ended += u64::from(self.ended);
        sum.forged += self.forged;
        sum.checked += self.checked;
        sum.dropped += self.loss.dropped;
        for track in &self.tracks {
            let counts = track.window.counts;
            sum.packets += counts.packets;
            sum.bytes += track.bytes;
            sum.lost += counts.lost;
            sum.holes += counts.holes;
            sum.repaired += counts.repaired;
            sum.duplicates += counts.duplicates;
            sum.nacks += counts.nacks;
            sum.breaks += counts.breaks;
            sum.plis += track.plis;
        }
    }
}
