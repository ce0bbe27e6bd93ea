//! What a viewer is sent besides the publisher's packets in their turn: parameter sets, repairs and padding.

use std::time::Instant;

use sluice_domain::MediaTime;

use super::header::{Elements, Fixed};
use super::stream::{OutStream, Own};
use super::{Again, Egress, Part, Wire, elements, patch, seal};
use crate::packet::MediaPacket;

/// A packet of our own is not repeated sooner than this, in microseconds: as others.
const OWN_REST: i64 = 20_000;

/// Bytes of a packet of nothing but padding: the length of padding stands in one byte.
const PADDING: usize = 224;

impl Egress {
    /// Sends a packet of our own: parameter sets before a key frame that lacks them.
    pub fn send_own(
        &mut self,
        pt: u8,
        seq: u64,
        timestamp: u32,
        payload: Vec<u8>,
        captured: MediaTime,
        wire: &mut Wire<'_>,
    ) {
        let now = self.micros(wire.now);
        let Some(stream) = &mut self.video else { return };
        let fixed =
            Fixed { pt, marker: false, padding: false, seq: seq as u16, timestamp, ssrc: stream.ssrc };
        let part = Part::new(stream, fixed, seq, own_elements(stream, wire.playout));
        let transmits = &mut *wire.transmits;
        if seal(&mut self.srtp, &mut self.flight, self.path, part, &payload, now, transmits).is_some() {
            stream.count(payload.len(), timestamp, captured);
        }
        stream.own = Some(Own { seq, timestamp, pt, payload, rests_until: now });
    }

    /// Sends a packet of our own once more. False where `seq` is none.
    pub fn repair_own(&mut self, seq: u16, wire: &mut Wire<'_>) -> bool {
        let now = self.micros(wire.now);
        let due = |own: &mut Own| own.seq as u16 == seq && now >= own.rests_until;
        if self.repair_budget <= 0 {
            return false;
        }
        let Some(mut own) = self.video.as_mut().and_then(|video| video.own.take_if(due)) else {
            return false;
        };
        let sent = self.resend(&own.payload, |_| {}, (own.seq, own.timestamp, own.pt), None, 0, wire);
        own.rests_until = now + OWN_REST;
        if let Some(video) = &mut self.video {
            video.own = Some(own);
        }
        self.repair_budget -= sent.unwrap_or(0) as i64;
        sent.is_some()
    }

    /// A packet of the video stream that was asked for, if it may be sent again now.
    pub fn take_again(&mut self, seq: u16, now: Instant) -> Option<Again> {
        if self.repair_budget <= 0 {
            return None;
        }
        let now = (self.micros(now) / 1000) as u32;
        self.video.as_mut().filter(|stream| stream.rtx.is_some())?.resend.take(seq, now)
    }

    /// Sends a packet once more (RFC 4588). False where it was not agreed on.
    pub fn repair(&mut self, packet: &MediaPacket, again: &Again, wire: &mut Wire<'_>) -> bool {
        match self.retransmit(packet, again, 0, wire) {
            Some(sent) => {
                self.repair_budget -= sent as i64;
                true
            }
            None => false,
        }
    }

    fn retransmit(
        &mut self,
        packet: &MediaPacket,
        again: &Again,
        probe: u8,
        wire: &mut Wire<'_>,
    ) -> Option<usize> {
        let numbers = (again.to.seq, again.to.timestamp, again.pt);
        let about = Some((packet, again.to.frame_number));
        self.resend(&packet.payload, |copy| patch(packet, &again.to, copy), numbers, about, probe, wire)
    }

    fn resend(
        &mut self,
        payload: &[u8],
        patch: impl FnOnce(&mut [u8]),
        (seq, timestamp, pt): (u64, u32, u8),
        about: Option<(&MediaPacket, Option<u16>)>,
        probe: u8,
        wire: &mut Wire<'_>,
    ) -> Option<usize> {
        let now = self.micros(wire.now);
        let stream = self.video.as_mut()?;
        let (pt, ssrc) = (stream.rtx_pt(pt)?, stream.rtx?);
        let plain = &mut *wire.scratch;
        plain.clear();
        // The payload goes behind the original sequence number (RFC 4588 §4).
        plain.extend_from_slice(&(seq as u16).to_be_bytes());
        plain.extend_from_slice(payload);
        patch(&mut plain[2..]);
        let index = stream.next_rtx();
        let marker = about.is_some_and(|(packet, _)| packet.marker);
        let fixed = Fixed { pt, marker, padding: false, seq: index as u16, timestamp, ssrc };
        let elements = match about {
            Some((packet, frame_number)) => elements(stream, packet, frame_number, Some(wire.playout)),
            None => own_elements(stream, wire.playout),
        };
        let part = Part { probe, ..Part::new(stream, fixed, index, elements) };
        let sent = seal(&mut self.srtp, &mut self.flight, self.path, part, plain, now, wire.transmits)?;
        self.charge(sent);
        Some(sent)
    }

    /// Padding that is due now, in bytes, and the probe that it is for.
    pub fn padding_due(&mut self, now: Instant) -> Option<(usize, u8)> {
        if !self.feedback || self.video.as_ref().is_none_or(|stream| stream.rtx.is_none()) {
            return None;
        }
        let now = self.micros(now);
        self.estimator.poll_padding(now).map(|padding| (padding.bytes as usize, padding.probe))
    }

    /// The newest packet of the video stream: as padding it may repair a loss.
    pub fn newest(&self) -> Option<Again> {
        self.video.as_ref()?.resend.newest()
    }

    /// Sends up to `bytes` of padding, with the payload of `packet` where there is one. Returns how much
    /// it was.
    pub fn pad(&mut self, packet: Option<(&MediaPacket, &Again)>, probe: u8, wire: &mut Wire<'_>) -> usize {
        if let Some((packet, again)) = packet
            && let Some(sent) = self.retransmit(packet, again, probe, wire)
        {
            return sent;
        }
        let now = self.micros(wire.now);
        let Some(stream) = &mut self.video else { return 0 };
        let (Some(ssrc), Some(pt)) = (stream.rtx, stream.any_rtx_pt()) else { return 0 };
        let index = stream.next_rtx();
        let timestamp = stream.last.map_or(0, |(timestamp, _)| timestamp);
        let fixed = Fixed { pt, marker: false, padding: true, seq: index as u16, timestamp, ssrc };
        let mut zeros = [0_u8; PADDING];
        zeros[PADDING - 1] = PADDING as u8;
        let elements = Elements { mid: stream.mid_to_tell(), ..Elements::default() };
        let part = Part { probe, ..Part::new(stream, fixed, index, elements) };
        let sent = seal(&mut self.srtp, &mut self.flight, self.path, part, &zeros, now, wire.transmits);
        self.charge(sent.unwrap_or(0));
        sent.unwrap_or(0)
    }

    /// Repairs nothing that was sent so far: the room is needed for what comes.
    pub fn forget_sent(&mut self) {
        if let Some(stream) = &mut self.video {
            stream.resend.forget();
        }
    }
}

/// The header extensions of a packet of our own.
fn own_elements(stream: &OutStream, playout: [u8; 3]) -> Elements<'_> {
    Elements { mid: stream.mid_to_tell(), playout: Some(playout), ..Elements::default() }
}
