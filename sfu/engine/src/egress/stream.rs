//! One track of one viewer as it is sent: its SSRCs, payload types and counters.

use sluice_domain::MediaTime;
use smallvec::SmallVec;
use str0m::media::Mid;

use super::header::Ids;
use super::resend::Resend;

/// A packet of our own that may be asked for again.
#[derive(Debug)]
pub struct Own {
    /// Extended sequence number.
    pub seq: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// Payload type.
    pub pt: u8,
    /// RTP payload.
    pub payload: Vec<u8>,
    /// When it may be sent again, in microseconds since the connection's epoch.
    pub rests_until: i64,
}

/// One outgoing track.
#[derive(Debug)]
pub struct OutStream {
    /// Its SSRC, as the answer announced it.
    pub ssrc: u32,
    /// SSRC of its retransmissions (RFC 4588).
    pub rtx: Option<u32>,
    /// Ids of its header extensions.
    pub ids: Ids,
    /// What can be sent again.
    pub resend: Resend,
    /// The newest packet of our own.
    pub own: Option<Own>,
    /// Newest RTP timestamp sent, and when that was captured.
    pub last: Option<(u32, MediaTime)>,
    /// Timestamp units a second.
    pub rate: u32,
    /// Packets and bytes of payload sent, for sender reports.
    pub sent: (u32, u32),
    /// (media, retransmission) payload types.
    rtx_pts: SmallVec<[(u8, u8); 8]>,
    /// MID, until a report shows that the viewer knows the SSRC.
    mid: Option<Mid>,
    rtx_seq: u64,
}

impl OutStream {
    /// A track as it was negotiated. `seed` sets where its retransmissions begin to be numbered.
    pub fn new(
        (ssrc, rtx): (u32, Option<u32>),
        ids: Ids,
        rate: u32,
        rtx_pts: SmallVec<[(u8, u8); 8]>,
        mid: Mid,
        seed: u32,
    ) -> Self {
        Self {
            ssrc,
            rtx,
            ids,
            resend: Resend::default(),
            own: None,
            last: None,
            rate,
            sent: (0, 0),
            rtx_pts,
            mid: Some(mid),
            // The rollover counter is not on the wire, so it must begin at 0.
            rtx_seq: u64::from(seed & 0x3fff),
        }
    }

    /// The MID, as long as the viewer may not know which track the SSRC is.
    pub fn mid_to_tell(&self) -> Option<&[u8]> {
        self.mid.as_ref().map(|mid| mid.as_bytes())
    }

    /// The viewer reports about the SSRC: it knows the track.
    pub const fn known(&mut self) {
        self.mid = None;
    }

    /// Counts a packet that was sent.
    pub const fn count(&mut self, payload: usize, timestamp: u32, captured: MediaTime) {
        self.sent = (self.sent.0.wrapping_add(1), self.sent.1.wrapping_add(payload as u32));
        self.last = Some((timestamp, captured));
    }

    /// Payload type of retransmissions of `pt`.
    pub fn rtx_pt(&self, pt: u8) -> Option<u8> {
        self.rtx_pts.iter().find(|(media, _)| *media == pt).map(|(_, rtx)| *rtx)
    }

    /// Some payload type of retransmissions, for padding.
    pub fn any_rtx_pt(&self) -> Option<u8> {
        self.rtx_pts.first().map(|(_, rtx)| *rtx)
    }

    /// Extended sequence number of the next retransmission.
    pub const fn next_rtx(&mut self) -> u64 {
        self.rtx_seq += 1;
        self.rtx_seq
    }
}
