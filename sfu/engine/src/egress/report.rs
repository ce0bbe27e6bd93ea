//! RTCP of one viewer, both ways.

use std::time::{Duration, Instant};

use sluice_domain::MediaTime;

use super::flight::Landed;
use super::{Asked, Egress, REPORTS, Transmits};
use crate::clock::{NodeClock, ntp64};
use crate::estimator::PacketResult;
use crate::path::Path;
use crate::prefetch::prefetch;
use crate::rtcp::{self, RtcpPacket, SenderInfo, TransportFeedback};
use crate::shard::packets;

/// Room for RTCP, shared by all viewers of a shard.
#[derive(Debug, Default)]
pub struct Reading {
    plain: Vec<u8>,
    results: Vec<PacketResult>,
}

impl Egress {
    /// Asks the processor for what [`Self::receive`] will read.
    pub fn prefetch_reading(&self) {
        prefetch(self.srtp.rtcp_in());
        prefetch(&self.path);
        prefetch(&self.arrivals);
        prefetch(&self.flight);
        prefetch(&self.estimator);
    }

    /// Asks the processor for the key that opens what comes.
    pub fn prefetch_key(&self) {
        self.srtp.rtcp_in().prefetch_key();
    }

    /// Takes an RTCP packet of the viewer, which came over `path`. `None` where it is
    /// forged or is no RTCP.
    ///
    /// A viewer sends RTCP several times a second, over the pair that its ICE agent has selected: what it is
    /// sent follows. Unlike a STUN check, an SRTCP packet cannot be sent once more by somebody else.
    pub fn receive(
        &mut self,
        packet: &[u8],
        path: Path,
        now: Instant,
        utc: MediaTime,
        reading: &mut Reading,
    ) -> Option<Asked> {
        // A viewer sends no RTP.
        if !packets::is_rtcp(packet) {
            return None;
        }
        let newest = self.srtp.open_rtcp(packet, &mut reading.plain)?;
        if newest && self.path != path {
            self.path = path;
            self.moved = None;
        }
        let mut asked = Asked::default();
        for packet in rtcp::packets(&reading.plain) {
            match packet {
                RtcpPacket::Reports(reports) => reports.blocks().for_each(|block| self.reported(&block, utc)),
                RtcpPacket::Transport(feedback) => {
                    self.feed(&feedback, now, &mut reading.results);
                    asked.estimated = true;
                }
                RtcpPacket::Nack(nack)
                    if self.video.as_ref().is_some_and(|video| video.ssrc == nack.media) =>
                {
                    asked.again.extend(nack.lost());
                }
                RtcpPacket::Pli { media } => asked.key_frame |= self.is_video(media),
                RtcpPacket::Fir(fir) => {
                    asked.key_frame |= fir.requests().any(|(ssrc, _)| self.is_video(ssrc))
                }
                // The end of a viewer's sources is no end of its connection: DTLS tells that.
                RtcpPacket::Nack(_) | RtcpPacket::Remb(_) | RtcpPacket::Bye(_) => {}
            }
        }
        Some(asked)
    }

    fn is_video(&self, ssrc: u32) -> bool {
        self.video.as_ref().is_some_and(|video| video.ssrc == ssrc)
    }

    fn reported(&mut self, block: &rtcp::ReportBlock, utc: MediaTime) {
        let streams = [self.audio.as_mut(), self.video.as_mut()].into_iter().flatten();
        let Some(stream) = streams.into_iter().find(|stream| stream.ssrc == block.ssrc) else { return };
        stream.known();
        if let Some(micros) = block.round_trip(rtcp::ntp_middle(ntp(utc))) {
            self.estimator.set_rtt(micros);
        }
    }

    fn feed(&mut self, feedback: &TransportFeedback<'_>, now: Instant, results: &mut Vec<PacketResult>) {
        let reference = self.arrivals.reference(feedback);
        results.clear();
        for (seq, arrival) in feedback.arrivals() {
            if let Some(landed) = self.flight.get(seq) {
                let received = arrival.map(|ticks| reference + ticks * rtcp::TICK_MICROS);
                let Landed { seq, sent, bytes, probe } = landed;
                results.push(PacketResult { seq, sent, received, bytes, probe });
            }
        }
        let now = self.micros(now);
        self.estimator.feedback(now, results);
    }

    /// Tells the viewer when what it got was captured, if that is due.
    pub fn reports(&mut self, now: Instant, clock: &NodeClock, transmits: &mut Transmits) {
        if now < self.next_report {
            return;
        }
        self.next_report = now + REPORTS;
        let utc = clock.utc(now);
        let mut compound = Vec::with_capacity(128);
        for stream in [&self.audio, &self.video].into_iter().flatten() {
            let Some((timestamp, captured)) = stream.last else { continue };
            let elapsed = utc.micros_since(captured) * i64::from(stream.rate) / 1_000_000;
            let info = SenderInfo {
                ssrc: stream.ssrc,
                ntp: ntp(utc),
                rtp: timestamp.wrapping_add(elapsed as u32),
                packets: stream.sent.0,
                octets: stream.sent.1,
            };
            compound.clear();
            rtcp::write_sender_report(&mut compound, &info);
            rtcp::write_cname(&mut compound, stream.ssrc, &self.cname);
            if self.srtp.seal_rtcp(&mut compound, 0) {
                transmits.push(self.path, &compound);
            }
        }
    }

    /// Tells the viewer that its streams end.
    pub fn bye(&mut self, transmits: &mut Transmits) {
        let sources: Vec<u32> =
            [&self.audio, &self.video].into_iter().flatten().map(|stream| stream.ssrc).collect();
        let Some(first) = sources.first() else { return };
        let mut compound = Vec::with_capacity(64);
        rtcp::write_empty_report(&mut compound, *first);
        rtcp::write_bye(&mut compound, &sources);
        if self.srtp.seal_rtcp(&mut compound, 0) {
            transmits.push(self.path, &compound);
        }
    }
}

/// NTP time of a time of day.
fn ntp(utc: MediaTime) -> u64 {
    ntp64(Duration::from_micros(utc.0.max(0).unsigned_abs()))
}
