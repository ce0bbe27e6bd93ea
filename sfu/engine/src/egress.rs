//! The narrow send path: everything that a viewer is sent as RTP and RTCP, and the RTCP that comes back.
//!
//! str0m keeps ICE, DTLS and data channels of a viewer. Its way for RTP goes through queues and timers
//! that a fan-out does not need, and costs several times what sealing costs (ADR 0010). Here a packet
//! becomes one header, one sealing straight from the publisher's payload into the buffer of the
//! system call, and two entries in rings. The turn of a publisher's packet stands in this file: it is
//! numbered, sealed and laid behind the one before, so that one system call sends many (UDP GSO).
//!
//! ```text
//! MediaPacket + Rewritten ─▶ header ─▶ srtp ─▶ Transmit ─▶ socket
//!                              │  └─▶ resend (who asks again)
//!                              └────▶ flight (transport-wide feedback) ─▶ estimator
//! ```
//!
//! How a header and a seal look is in `header` and `srtp`. Parameter sets, repairs and padding are in
//! `repair`, RTCP is in `report`.
//!
//! Sequence numbers, RTX, transport-wide numbering, SRTP indices and the bandwidth estimate of a viewer
//! have this one owner.

mod flight;
mod header;
mod moving;
mod repair;
mod report;
mod resend;
mod ring;
mod srtp;
mod stream;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use sluice_domain::{Codec, MediaKind};
use smallvec::SmallVec;
use str0m::crypto::CryptoProvider;

pub use self::header::Ids;
pub use self::report::Reading;
pub use self::resend::Again;
pub use self::srtp::Keys;
pub use self::stream::OutStream;

use self::flight::Flight;
use self::header::{Elements, Fixed};
use self::moving::Move;
use self::srtp::Srtp;
use crate::estimator::Estimator;
use crate::packet::MediaPacket;
use crate::path::{End, Path};
use crate::prefetch::prefetch;
use crate::rtcp::ArrivalClock;
use crate::viewer::Rewritten;

/// Repairs may take this share of what is sent. More repairs the burst of losses that made a viewer
/// switch down, less keeps a congested link from drowning in repairs.
const REPAIR_SHARE: i64 = 2;

/// Bytes of repairs that may be sent at once after a while without: a key frame's worth.
const REPAIR_BURST: i64 = 96 * 1024;

/// A packet that lacks more than this to the longest of its picture is not padded.
const MOST_PADDING: usize = 32;

/// Bytes of IPv4 and UDP headers, which the link carries and the estimate counts.
const UDP_OVERHEAD: usize = 28;

/// Most bytes in one [`Transmit`]: the kernel refuses more than 64 KiB with headers.
const MOST_BYTES: usize = 60_000;

/// Most datagrams in one [`Transmit`] (`UDP_MAX_SEGMENTS` of older kernels).
const MOST_SEGMENTS: usize = 64;

/// Buffers kept for reuse. More are freed.
const SPARE: usize = 64;

/// How often the viewer is told when its streams were captured. More often brings sound and picture
/// in step sooner after a join, at the cost of a small datagram.
const REPORTS: Duration = Duration::from_secs(1);

/// Where the datagrams of a viewer go, and what it takes to make them; shared by all viewers of a shard.
pub struct Wire<'a> {
    /// Where datagrams go.
    pub transmits: &'a mut Transmits,
    /// Room for payloads that must be changed.
    pub scratch: &'a mut Vec<u8>,
    /// The time.
    pub now: Instant,
    /// The playout-delay element.
    pub playout: [u8; 3],
}

/// Sends to one viewer.
#[derive(Debug)]
pub struct Egress {
    srtp: Srtp,
    epoch: Instant,
    /// Where it goes.
    path: Path,
    /// Set while no STUN check has confirmed that.
    moved: Option<Move>,
    /// When it may follow the viewer's RTCP to an unknown address again.
    moves_from: Instant,
    audio: Option<OutStream>,
    video: Option<OutStream>,
    flight: Flight,
    estimator: Estimator,
    /// Whether transport-wide feedback was agreed on for any track.
    feedback: bool,
    /// The clock of the viewer's feedback.
    arrivals: ArrivalClock,
    repair_budget: i64,
    next_report: Instant,
    cname: String,
}

/// What an RTCP packet of a viewer asks for.
#[derive(Debug, Default)]
pub struct Asked {
    /// Sequence numbers of the video stream to be sent again.
    pub again: SmallVec<[u16; 32]>,
    /// A key frame.
    pub key_frame: bool,
    /// There was feedback: the estimate may have changed.
    pub estimated: bool,
}

impl Egress {
    /// Begins to send. `None` where the keys do not fit a profile that we know.
    pub fn new(
        keys: &Keys,
        crypto: &CryptoProvider,
        path: Path,
        (audio, video): (Option<OutStream>, Option<OutStream>),
        cname: String,
        initial_estimate: u64,
        now: Instant,
    ) -> Option<Self> {
        let feedback = [&audio, &video].into_iter().flatten().any(|stream| stream.ids.transport != 0);
        Some(Self {
            srtp: Srtp::new(keys, crypto)?,
            epoch: now,
            path,
            moved: None,
            moves_from: now,
            audio,
            video,
            flight: Flight::default(),
            estimator: Estimator::new(initial_estimate, 0),
            feedback,
            arrivals: ArrivalClock::default(),
            repair_budget: REPAIR_BURST,
            next_report: now,
            cname,
        })
    }

    /// Asks the processor for what [`Self::send`] will read.
    pub fn prefetch(&self) {
        prefetch(self.srtp.rtp_out());
        prefetch(&self.path);
        prefetch(&self.epoch);
        prefetch(&self.audio);
        prefetch(&self.video);
        prefetch(&self.flight);
        prefetch(&self.next_report);
        self.estimator.prefetch();
    }

    /// Asks the processor for what lies behind that: keys, and where [`Self::send`] will write.
    pub fn prefetch_behind(&self) {
        self.srtp.rtp_out().prefetch_key();
        self.flight.prefetch();
        self.video.iter().for_each(|stream| stream.resend.prefetch());
    }

    /// What the viewer's network is thought to carry, in bits per second.
    pub fn estimate(&self) -> Option<u64> {
        self.feedback.then(|| self.estimator.estimate())
    }

    /// Tells the estimator to keep the line filled up to `fill` and to look for room up to `most`, in bits
    /// per second.
    pub fn set_wanted(&mut self, fill: u64, most: u64) {
        self.estimator.set_wanted(fill, most);
    }

    /// Where it goes.
    pub const fn path(&self) -> Path {
        self.path
    }

    /// When [`Self::reports`] or padding is due.
    pub fn next(&self) -> Instant {
        match self.estimator.next().filter(|_| self.feedback) {
            Some(at) => self.next_report.min(self.instant(at)),
            None => self.next_report,
        }
    }

    fn micros(&self, at: Instant) -> i64 {
        i64::try_from(at.saturating_duration_since(self.epoch).as_micros()).unwrap_or(i64::MAX)
    }

    fn instant(&self, micros: i64) -> Instant {
        self.epoch + Duration::from_micros(micros.max(0).unsigned_abs())
    }

    /// Bytes of the datagram that a packet of video becomes.
    pub fn length(&self, packet: &MediaPacket) -> usize {
        let Some(stream) = &self.video else { return 0 };
        let header = header::length(&stream.ids, &elements(stream, packet, None, Some([0; 3])));
        header + packet.payload.len() + self.srtp.overhead()
    }

    /// Sends one packet. It is padded to a datagram of `length` bytes where it is nearly as long, so that
    /// the packets of a picture share a system call. Returns the bytes that the link carries.
    pub fn send(
        &mut self,
        packet: &MediaPacket,
        to: &Rewritten,
        pt: u8,
        length: usize,
        wire: &mut Wire<'_>,
    ) -> Option<usize> {
        let now = self.micros(wire.now);
        let playout = (packet.kind == MediaKind::Video).then_some(wire.playout);
        let Self { audio, video, .. } = self;
        let stream = match packet.kind {
            MediaKind::Audio => audio,
            MediaKind::Video => video,
        };
        let stream = stream.as_mut()?;
        let elements = elements(stream, packet, to.frame_number, playout);
        let fixed = Fixed {
            pt,
            marker: packet.marker,
            padding: false,
            seq: to.seq as u16,
            timestamp: to.timestamp,
            ssrc: stream.ssrc,
        };
        let mut part = Part::new(stream, fixed, to.seq, elements);
        let own = part.header + packet.payload.len() + self.srtp.overhead();
        let padding = length.checked_sub(own).filter(|padding| *padding <= MOST_PADDING).unwrap_or(0);
        part.fixed.padding = padding > 0;
        let plain = payload(packet, to, padding, wire.scratch);
        let sent = seal(&mut self.srtp, &mut self.flight, self.path, part, plain, now, wire.transmits)?;
        stream.count(packet.payload.len(), to.timestamp, packet.captured);
        if packet.kind == MediaKind::Video {
            stream.resend.push(packet.source, packet.seq, to, pt, (now / 1000) as u32);
        }
        self.repair_budget = (self.repair_budget + sent as i64 / REPAIR_SHARE).min(REPAIR_BURST);
        self.charge(sent);
        Some(sent)
    }

    /// Counts what went out with one wake-up.
    pub fn sent(&mut self, bytes: usize, now: Instant) {
        if self.feedback {
            let now = self.micros(now);
            self.estimator.sent(now, u32::try_from(bytes).unwrap_or(u32::MAX));
        }
    }
}

/// The header extensions of a packet.
fn elements<'a>(
    stream: &'a OutStream,
    packet: &'a MediaPacket,
    frame_number: Option<u16>,
    playout: Option<[u8; 3]>,
) -> Elements<'a> {
    Elements {
        transport: 0,
        mid: stream.mid_to_tell(),
        playout,
        carried: Some(&packet.carried),
        frame_number,
    }
}

/// One packet before it is sealed.
struct Part<'a> {
    fixed: Fixed,
    /// Bytes of the header: neither the transport-wide number nor padding changes them.
    header: usize,
    /// Extended sequence number.
    index: u64,
    ids: Ids,
    elements: Elements<'a>,
    probe: u8,
}

impl<'a> Part<'a> {
    fn new(stream: &OutStream, fixed: Fixed, index: u64, elements: Elements<'a>) -> Self {
        let header = header::length(&stream.ids, &elements);
        Self { fixed, header, index, ids: stream.ids, elements, probe: 0 }
    }
}

/// Numbers a packet, seals it into the queue and notes that it is on its way. Returns the bytes that the
/// link carries.
fn seal(
    srtp: &mut Srtp,
    flight: &mut Flight,
    path: Path,
    mut part: Part<'_>,
    payload: &[u8],
    now: i64,
    transmits: &mut Transmits,
) -> Option<usize> {
    if part.ids.transport != 0 {
        part.elements.transport = flight.next();
    }
    let header = part.header;
    let length = header + payload.len() + srtp.overhead();
    let room = transmits.room(path, length);
    header::write(&mut room[..header], part.fixed, &part.ids, part.elements);
    if !srtp.seal_rtp(room, header, payload, part.fixed.ssrc, part.index) {
        transmits.withdraw(length);
        return None;
    }
    if part.ids.transport != 0 {
        flight.push(now, length + UDP_OVERHEAD, part.probe);
    }
    Some(length + UDP_OVERHEAD)
}

/// The payload as the viewer gets it: the publisher's bytes, or a copy with other picture numbers or
/// with padding behind.
fn payload<'a>(
    packet: &'a MediaPacket,
    to: &Rewritten,
    padding: usize,
    scratch: &'a mut Vec<u8>,
) -> &'a [u8] {
    let patched = to.changed && matches!(packet.codec, Codec::Vp8 | Codec::Vp9);
    if !patched && padding == 0 {
        return &packet.payload;
    }
    scratch.clear();
    scratch.extend_from_slice(&packet.payload);
    patch(packet, to, scratch);
    if padding > 0 {
        scratch.resize(packet.payload.len() + padding, 0);
        if let Some(last) = scratch.last_mut() {
            *last = padding as u8;
        }
    }
    scratch
}

/// Writes the viewer's picture numbers into a copy of a payload.
fn patch(packet: &MediaPacket, to: &Rewritten, copy: &mut [u8]) {
    let Some(id) = to.picture_id.filter(|_| to.changed) else { return };
    match packet.codec {
        Codec::Vp8 => {
            sluice_media::vp8::rewrite_in_place(copy, id, to.tl0, to.key_idx);
        }
        Codec::Vp9 => {
            sluice_media::vp9::rewrite_in_place(copy, id, to.tl0);
        }
        Codec::H264 | Codec::H265 | Codec::Av1 | Codec::Opus => {}
    }
}

/// Datagrams over one path: each of `segment` bytes, the last may be shorter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// Their way.
    pub path: Path,
    /// The datagrams, one behind the other.
    pub bytes: Vec<u8>,
    /// Bytes of each.
    pub segment: usize,
}

impl Transmit {
    /// One by one.
    pub fn datagrams(&self) -> std::slice::Chunks<'_, u8> {
        self.bytes.chunks(self.segment.max(1))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.bytes.len().div_ceil(self.segment.max(1))
    }

    /// Whether one more of `length` bytes can ride along.
    fn takes(&self, length: usize) -> bool {
        let whole = self.bytes.len().is_multiple_of(self.segment.max(1));
        whole
            && length <= self.segment
            && self.bytes.len() + length <= MOST_BYTES
            && self.bytes.len() < self.segment * MOST_SEGMENTS
    }
}

/// The queue of a shard. Its buffers are used again and again.
#[derive(Debug, Default)]
pub struct Transmits {
    queue: VecDeque<Transmit>,
    spare: Vec<Vec<u8>>,
}

impl Transmits {
    /// Room for one datagram of `length` bytes, behind the last one to the same peer where it can share
    /// its system call.
    pub fn room(&mut self, path: Path, length: usize) -> &mut [u8] {
        let shares = self.queue.back().is_some_and(|last| last.path == path && last.takes(length));
        if !shares {
            let bytes = self.spare.pop().unwrap_or_default();
            self.queue.push_back(Transmit { path, bytes, segment: length });
        }
        let last = self.queue.len() - 1;
        let bytes = &mut self.queue[last].bytes;
        let start = bytes.len();
        bytes.resize(start + length, 0);
        &mut bytes[start..]
    }

    /// Takes back the room of the newest datagram, which could not be sealed.
    pub fn withdraw(&mut self, length: usize) {
        if let Some(last) = self.queue.back_mut() {
            let kept = last.bytes.len().saturating_sub(length);
            last.bytes.truncate(kept);
            if kept == 0
                && let Some(empty) = self.queue.pop_back()
            {
                self.recycle(empty.bytes);
            }
        }
    }

    /// Adds a finished datagram.
    pub fn push(&mut self, path: Path, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.room(path, bytes.len()).copy_from_slice(bytes);
        }
    }

    /// The next to send.
    pub fn pop(&mut self) -> Option<Transmit> {
        self.queue.pop_front()
    }

    /// A buffer that was sent comes back.
    pub fn recycle(&mut self, mut bytes: Vec<u8>) {
        if self.spare.len() < SPARE {
            bytes.clear();
            self.spare.push(bytes);
        }
    }

    /// How many sends are waiting.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether nothing is waiting.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Destinations from the `from`th waiting send on.
    pub fn destinations(&self, from: usize) -> impl Iterator<Item = End> {
        self.queue.iter().skip(from).map(|transmit| transmit.path.end())
    }
}

#[cfg(test)]
mod tests;
