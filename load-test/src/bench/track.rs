//! The audio or the video of one bench viewer.

use std::time::{Duration, Instant};

use super::shared::Shared;
use super::window::Window;
use crate::driver::Moment;
use crate::media::inspect::{SeenCodec, inspect};
use crate::media::stamp;
use crate::wire::rtcp::ReportBlock;
use crate::wire::rtp::{self, RtpPacket};
use crate::wire::sdp::{Kind, Section};

/// A viewer asks for a key frame when it has had none for so long, and again after so long.
const KEY_PATIENCE: Duration = Duration::from_millis(500);
/// Clocks further apart than this are not of the same machine.
const MAX_DELAY_US: i64 = 60_000_000;

/// What a decrypted packet meant for a joining viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Nothing,
    /// The first packet of a key frame.
    KeyPacket,
    /// The last missing packet of a whole key frame.
    KeyFrame,
}

/// The key frame that a joining viewer is being sent.
#[derive(Clone, Copy)]
struct Awaited {
    timestamp: u32,
    first: u16,
    last: Option<u16>,
    packets: u16,
}

/// A set of payload types.
#[derive(Clone, Copy, Default)]
struct Types(u128);

impl Types {
    fn add(&mut self, payload_type: u8) {
        self.0 |= 1 << (payload_type & 0x7f);
    }

    fn has(self, payload_type: u8) -> bool {
        self.0 & (1 << (payload_type & 0x7f)) != 0
    }
}

/// One track.
pub(crate) struct Track {
    pub(crate) kind: Kind,
    media: Types,
    rtx: Types,
    pub(crate) twcc: Option<u8>,
    pub(crate) ssrc: Option<u32>,
    pub(crate) window: Window,
    pub(crate) bytes: u64,
    pub(crate) plis: u64,
    payload_type: Option<u8>,
    codec: SeenCodec,
    codecs: Vec<(u8, SeenCodec)>,
    awaited: Option<Awaited>,
    complete: bool,
    waiting_since: Option<Instant>,
    last_report: Option<(u32, Instant)>,
}

impl Track {
    /// A track of an answered section.
    pub(crate) fn new(kind: Kind, section: &Section) -> Self {
        let (mut media, mut rtx) = (Types::default(), Types::default());
        let mut codecs = Vec::new();
        for codec in &section.codecs {
            if codec.repairs.is_some() {
                rtx.add(codec.payload_type);
            } else {
                media.add(codec.payload_type);
                codecs.push((codec.payload_type, SeenCodec::from_name(&codec.name)));
            }
        }
        Self {
            kind,
            media,
            rtx,
            twcc: section.extension(rtp::URI_TWCC),
            ssrc: None,
            window: Window::new(section.codecs.iter().any(|codec| codec.nack)),
            bytes: 0,
            plis: 0,
            payload_type: None,
            codec: SeenCodec::Other,
            codecs,
            awaited: None,
            complete: kind == Kind::Audio,
            waiting_since: None,
            last_report: None,
        }
    }

    /// Whether packets with this payload type belong here.
    pub(crate) fn owns(&self, payload_type: u8) -> bool {
        self.media.has(payload_type) || self.rtx.has(payload_type)
    }

    /// Whether packets with this payload type are retransmissions.
    pub(crate) fn repairs(&self, payload_type: u8) -> bool {
        self.rtx.has(payload_type)
    }

    /// Counts a packet by its header.
    pub(crate) fn count(&mut self, now: Instant, packet: &RtpPacket<'_>, len: usize) {
        if self.payload_type != Some(packet.payload_type) {
            self.payload_type = Some(packet.payload_type);
            let codec = self.codecs.iter().find(|(payload_type, _)| *payload_type == packet.payload_type);
            self.codec = codec.map_or(SeenCodec::Other, |(_, codec)| *codec);
        }
        self.ssrc = Some(packet.ssrc);
        self.window.receive(now, packet.sequence, false);
        self.bytes += len as u64;
    }

    /// Takes a retransmission, which carries the original number in front (RFC 4588 §4).
    pub(crate) fn repair(&mut self, now: Moment, packet: &RtpPacket<'_>, settled: Option<&Shared>) -> Seen {
        let [high, low, payload @ ..] = packet.payload else {
            return Seen::Nothing;
        };
        let sequence = u16::from_be_bytes([*high, *low]);
        if payload.is_empty() || !self.window.receive(now.instant, sequence, true) {
            return Seen::Nothing;
        }
        self.bytes += payload.len() as u64;
        // The delay of a repair is that of the loss before it.
        let _ = settled;
        self.look(now, packet.timestamp, packet.marker, sequence, payload, None)
    }

    /// Looks at a decrypted payload; delays are noted where there is somebody to note them.
    pub(crate) fn look(
        &mut self,
        now: Moment,
        timestamp: u32,
        marker: bool,
        sequence: u16,
        payload: &[u8],
        settled: Option<&Shared>,
    ) -> Seen {
        if self.kind == Kind::Audio {
            return Seen::Nothing;
        }
        if marker
            && let Some(shared) = settled
            && let Some(sent) = stamp::find(payload)
        {
            let delay = stamp::micros_between(sent, stamp::ntp_of_unix(now.wall));
            if (0..MAX_DELAY_US).contains(&delay) {
                shared.delayed(delay as u64, stamp::notes_key(sent));
            }
        }
        if self.complete {
            return Seen::Nothing;
        }
        self.await_key_frame(timestamp, marker, sequence, payload)
    }

    fn await_key_frame(&mut self, timestamp: u32, marker: bool, sequence: u16, payload: &[u8]) -> Seen {
        let current = self.awaited.filter(|awaited| awaited.timestamp == timestamp);
        let (mut awaited, begins) = match current {
            Some(awaited) => (Awaited { packets: awaited.packets + 1, ..awaited }, false),
            None if inspect(self.codec, payload).key => {
                (Awaited { timestamp, first: sequence, last: None, packets: 1 }, true)
            }
            None => return Seen::Nothing,
        };
        if marker {
            awaited.last = Some(sequence);
        }
        self.awaited = Some(awaited);
        if awaited
            .last
            .is_some_and(|last| last.wrapping_sub(awaited.first).wrapping_add(1) == awaited.packets)
        {
            self.complete = true;
            return Seen::KeyFrame;
        }
        if begins { Seen::KeyPacket } else { Seen::Nothing }
    }

    /// Notes a sender report.
    pub(crate) fn sender_report(&mut self, now: Instant, ntp: u64) {
        self.last_report = Some(((ntp >> 16) as u32, now));
    }

    /// Whom to ask for a key frame now, if it is time to.
    pub(crate) fn wants_key(&mut self, now: Instant) -> Option<u32> {
        if self.complete {
            return None;
        }
        let ssrc = self.ssrc?;
        let since = *self.waiting_since.get_or_insert(now);
        if now.duration_since(since) < KEY_PATIENCE {
            return None;
        }
        self.waiting_since = Some(now);
        self.plis += 1;
        Some(ssrc)
    }

    /// A report block on this track, if it has begun.
    pub(crate) fn report_block(&mut self, now: Instant) -> Option<ReportBlock> {
        let ssrc = self.ssrc?;
        let (fraction_lost, cumulative_lost, highest) = self.window.report()?;
        let (last_sr, delay) = self.last_report.map_or((0, 0), |(last_sr, at)| {
            (last_sr, (now.duration_since(at).as_secs_f64() * 65_536.0) as u32)
        });
        // Jitter is left out: nobody here looks at it, and it costs a division a packet.
        Some(ReportBlock { ssrc, fraction_lost, cumulative_lost, highest, jitter: 0, last_sr, delay })
    }
}
