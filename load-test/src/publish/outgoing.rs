//! One RTP stream that is sent: numbers, header extensions, and what may have to be sent again.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::Result;

use super::pacer::{Pacer, Waiting};
use crate::driver::{Moment, Outbox};
use crate::media::stamp;
use crate::wire::loss::Loss;
use crate::wire::rtp::{
    self, RtpFields, URI_CAPTURE_TIME, URI_MID, URI_REPAIRED_RID, URI_RID, URI_TWCC, write_header,
};
use crate::wire::sdp::Section;
use crate::wire::srtp::Srtp;

/// Packets that can be sent again: at 2.5 Mbps the last four seconds.
const HISTORY: usize = 1024;

/// Where packets go.
pub(crate) struct Wire<'a, 'b> {
    pub(crate) to: SocketAddr,
    pub(crate) srtp: &'a mut Srtp,
    pub(crate) outbox: &'a mut Outbox<'b>,
    /// The transport-wide sequence number, shared by all streams of a connection.
    pub(crate) twcc: &'a mut u16,
    /// Video waits here for its turn, unless it leaves at once.
    pub(crate) pacer: Option<&'a mut Pacer>,
}

/// What the packets of one frame have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameTimes {
    pub(crate) timestamp: u32,
    /// When the frame began to be sent (NTP).
    pub(crate) ntp: u64,
    pub(crate) key: bool,
}

/// A packet's place in its frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) first: bool,
    pub(crate) last: bool,
}

#[derive(Clone, Default)]
struct Sent {
    sequence: u16,
    marker: bool,
    timestamp: u32,
    payload: Vec<u8>,
}

/// The stream.
pub(crate) struct Outgoing {
    pub(crate) ssrc: u32,
    rtx: Option<(u32, u8)>,
    payload_type: u8,
    sequence: u16,
    rtx_sequence: u16,
    ids: Ids,
    mid: String,
    rid: Option<String>,
    /// The server has reported on this stream, so it knows which one it is.
    known: bool,
    history: Vec<Sent>,
    packet: Vec<u8>,
    pub(crate) packets: u64,
    pub(crate) octets: u64,
    pub(crate) bytes: u64,
    pub(crate) resent: u64,
    pub(crate) not_found: u64,
    pub(crate) loss: Loss,
}

/// Ids of header extensions both sides know.
struct Ids {
    mid: Option<u8>,
    rid: Option<u8>,
    repaired_rid: Option<u8>,
    twcc: Option<u8>,
    capture_time: Option<u8>,
}

impl Outgoing {
    /// A stream of an answered section; `rtx` is the SSRC of its retransmissions.
    pub(crate) fn new(
        section: &Section,
        payload_type: u8,
        ssrc: u32,
        rtx: u32,
        rid: Option<&str>,
        loss: Loss,
    ) -> Self {
        Self {
            ssrc,
            rtx: section.rtx_of(payload_type).map(|pt| (rtx, pt)),
            payload_type,
            // Below half, so that a server may start counting rollovers at zero.
            sequence: rand::random::<u16>() >> 1,
            rtx_sequence: rand::random::<u16>() >> 1,
            ids: Ids {
                mid: section.extension(URI_MID),
                rid: section.extension(URI_RID),
                repaired_rid: section.extension(URI_REPAIRED_RID),
                twcc: section.extension(URI_TWCC),
                capture_time: section.extension(URI_CAPTURE_TIME),
            },
            mid: section.mid.clone(),
            rid: rid.map(str::to_owned),
            known: false,
            history: Vec::new(),
            packet: Vec::with_capacity(1500),
            packets: 0,
            octets: 0,
            bytes: 0,
            resent: 0,
            not_found: 0,
            loss,
        }
    }

    /// Whether send times go out as a header extension.
    pub(crate) fn carries_capture_time(&self) -> bool {
        self.ids.capture_time.is_some()
    }

    /// The server has said something about this stream.
    pub(crate) fn acknowledge(&mut self) {
        self.known = true;
    }

    /// Sends one packet.
    pub(crate) fn send(
        &mut self,
        wire: &mut Wire<'_, '_>,
        times: FrameTimes,
        place: Place,
        prefix: &[u8],
        body: &[u8],
    ) -> Result<()> {
        let fields = RtpFields {
            marker: place.last,
            payload_type: self.payload_type,
            sequence: self.sequence,
            timestamp: times.timestamp,
            ssrc: self.ssrc,
        };
        let ntp = (place.first || place.last).then(|| times.ntp.to_be_bytes());
        let stamp_at = self.start_packet(&fields, wire.twcc, ntp.as_ref(), false);
        self.packet.extend_from_slice(prefix);
        self.packet.extend_from_slice(body);
        match &mut wire.pacer {
            Some(pacer) => pacer.push(Instant::now(), &self.packet, self.ssrc, stamp_at, times.key),
            None => self.finish_packet(wire)?,
        }
        self.remember(&fields, prefix, body);
        self.packets += 1;
        self.octets += (prefix.len() + body.len()) as u64;
        self.sequence = self.sequence.wrapping_add(1);
        Ok(())
    }

    fn remember(&mut self, fields: &RtpFields, prefix: &[u8], body: &[u8]) {
        if self.history.is_empty() {
            self.history.resize(HISTORY, Sent::default());
        }
        let sent = &mut self.history[usize::from(fields.sequence) % HISTORY];
        sent.sequence = fields.sequence;
        sent.marker = fields.marker;
        sent.timestamp = fields.timestamp;
        sent.payload.clear();
        sent.payload.extend_from_slice(prefix);
        sent.payload.extend_from_slice(body);
    }

    /// Sends a packet again, as a retransmission if that was agreed.
    pub(crate) fn resend(&mut self, wire: &mut Wire<'_, '_>, sequence: u16) -> Result<()> {
        let at = usize::from(sequence) % HISTORY;
        let Some(sent) =
            self.history.get(at).filter(|sent| sent.sequence == sequence && !sent.payload.is_empty())
        else {
            self.not_found += 1;
            return Ok(());
        };
        let mut fields = RtpFields {
            marker: sent.marker,
            payload_type: self.payload_type,
            sequence,
            timestamp: sent.timestamp,
            ssrc: self.ssrc,
        };
        if let Some((ssrc, payload_type)) = self.rtx {
            fields.ssrc = ssrc;
            fields.payload_type = payload_type;
            fields.sequence = self.rtx_sequence;
            self.rtx_sequence = self.rtx_sequence.wrapping_add(1);
            self.start_packet(&fields, wire.twcc, None, true);
            self.packet.extend_from_slice(&sequence.to_be_bytes());
        } else {
            self.start_packet(&fields, wire.twcc, None, false);
        }
        self.packet.extend_from_slice(&self.history[at].payload);
        self.resent += 1;
        self.finish_packet(wire)
    }

    /// Sends a packet whose turn has come, with the time at which it really leaves.
    pub(crate) fn send_paced(&mut self, wire: &mut Wire<'_, '_>, waiting: &Waiting) -> Result<()> {
        self.packet.clear();
        self.packet.extend_from_slice(&waiting.packet);
        let ntp = stamp::noted(Moment::now().wall, waiting.key);
        match waiting.stamp_at.and_then(|at| self.packet.get_mut(at..at + 8)) {
            Some(stamp) => stamp.copy_from_slice(&ntp.to_be_bytes()),
            None => stamp::renew(&mut self.packet, ntp),
        }
        self.finish_packet(wire)
    }

    /// The header with the extensions that this packet needs. Returns where the send time is.
    fn start_packet(
        &mut self,
        fields: &RtpFields,
        twcc: &mut u16,
        ntp: Option<&[u8; 8]>,
        repair: bool,
    ) -> Option<usize> {
        let ids = &self.ids;
        let number = twcc.to_be_bytes();
        let mut extensions: [(u8, &[u8]); 4] = [(0, &[]); 4];
        let mut count = 0;
        let mut add = |id: Option<u8>, value| {
            if let Some(id) = id {
                extensions[count] = (id, value);
                count += 1;
            }
        };
        add(ids.twcc, &number[..]);
        if let Some(ntp) = ntp {
            add(ids.capture_time, &ntp[..]);
        }
        if !self.known || repair {
            add(ids.mid, self.mid.as_bytes());
            if let Some(rid) = &self.rid {
                let id = if repair { ids.repaired_rid } else { ids.rid };
                add(id, rid.as_bytes());
            }
        }
        if ids.twcc.is_some() {
            *twcc = twcc.wrapping_add(1);
        }
        self.packet.clear();
        write_header(&mut self.packet, fields, &extensions[..count]);
        // Behind the fixed header, the extension header, the transport-wide number and its own id.
        let ahead = 16 + if ids.twcc.is_some() { 3 } else { 0 } + 1;
        (ntp.is_some() && ids.capture_time.is_some()).then_some(ahead)
    }

    fn finish_packet(&mut self, wire: &mut Wire<'_, '_>) -> Result<()> {
        debug_assert!(rtp::header_len(&self.packet).is_some());
        wire.srtp.seal_rtp(&mut self.packet)?;
        self.bytes += self.packet.len() as u64;
        if !self.loss.hits() {
            wire.outbox.send(wire.to, &self.packet);
        }
        Ok(())
    }
}
