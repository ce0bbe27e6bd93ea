//! Packets to frames: what a file or a player needs of what RTP carried.
//!
//! A [`Depacketiser`] follows one layer or the audio of a broadcast. It puts packets in order, joins them
//! to frames as they stand in MP4, and keeps back what no decoder could use: after a hole, and at the
//! beginning, the next frame is a key frame, with the [`TrackConfig`] that it needs.

mod av1;
mod h264;
mod h265;
mod nal;
mod vp8;
mod vp9;

use std::sync::Arc;

use bytes::Bytes;
use sluice_domain::{Codec, MediaTime};

use crate::jitter::{Ordered, Reorder};
use crate::opus::OpusPacket;
use crate::tapped::TappedPacket;
use crate::track::{Rotation, TrackConfig};

/// One encoded picture with all its spatial layers, or one Opus packet.
#[derive(Debug, Clone)]
pub struct Frame {
    /// What it is coded with.
    pub codec: Codec,
    /// RTP timestamp: when it is shown, in units of the codec's clock rate.
    pub timestamp: u32,
    /// When it was captured, on the node's clock.
    pub captured: MediaTime,
    /// Whether `captured` rests on arrival, for want of a sender report.
    pub estimated: bool,
    /// The RTP stream that it comes from; another one after each reconnect.
    pub source: u32,
    /// A decoder can start here. True for all of Opus.
    pub key: bool,
    /// How long it sounds in units of 1/48000 s; `None` for pictures, which last until the next one.
    pub duration: Option<u32>,
    /// What a decoder must be told before: on every key frame, the same `Arc` while nothing changes.
    pub config: Option<Arc<TrackConfig>>,
    /// The sample as it stands in MP4: NAL units behind lengths of four bytes, without delimiters and
    /// without the parameter sets that the sample entry has; OBUs with sizes and without temporal
    /// delimiter; a VP9 superframe where a picture has several spatial layers; VP8 and Opus as they are.
    pub data: Bytes,
}

/// What a depacketiser gives out.
#[derive(Debug, Clone)]
pub enum Piece {
    /// The next frame in the order of decoding.
    Frame(Frame),
    /// Something is missing or broken. The next frame is a key frame.
    Gap {
        /// Packets that never came; 0 where they came and made no sense.
        packets: u64,
    },
}

/// Makes frames of the packets of one layer, or of audio.
#[derive(Debug)]
pub struct Depacketiser {
    codec: Codec,
    reorder: Reorder,
    ordered: Vec<Ordered>,
    assembler: Assembler,
    /// The frame in the making.
    open: Option<Open>,
    /// Timestamp of a picture whose remaining packets are left out.
    skipped: Option<u32>,
    /// RTP stream of the newest packet.
    source: Option<u32>,
    /// Nothing is of use before the next key frame.
    waits_for_key: bool,
    /// The newest key frame was waited for, so pictures that refer to what came before it are of no use.
    orphans: bool,
    /// The publisher sets the marker inside pictures too, so that only a new timestamp ends one.
    marker_lies: bool,
    /// Timestamp of the newest frame that was given out because of its marker.
    marked: Option<u32>,
    rotation: Rotation,
    config: Option<Arc<TrackConfig>>,
}

/// What is known of the frame in the making from its packets' headers.
#[derive(Debug, Clone, Copy)]
struct Open {
    source: u32,
    timestamp: u32,
    captured: MediaTime,
    estimated: bool,
}

/// A frame as an assembler of one codec gives it.
#[derive(Debug)]
struct Assembled {
    data: Vec<u8>,
    key: bool,
    /// For key frames: what a decoder must be told. A key frame without one cannot be used.
    config: Option<TrackConfig>,
    /// Belongs to what came before the key frame that is the first one here (H.265's RASL pictures).
    orphan: bool,
}

/// The payload makes no sense where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Broken;

#[derive(Debug)]
enum Assembler {
    H264(h264::Assembler),
    H265(h265::Assembler),
    Vp8(vp8::Assembler),
    Vp9(vp9::Assembler),
    Av1(av1::Assembler),
    Opus,
}

impl Depacketiser {
    /// For one layer, or for audio.
    pub fn new(codec: Codec) -> Self {
        Self {
            codec,
            reorder: Reorder::default(),
            ordered: Vec::new(),
            assembler: Assembler::new(codec),
            open: None,
            skipped: None,
            source: None,
            waits_for_key: codec != Codec::Opus,
            orphans: false,
            marker_lies: false,
            marked: None,
            rotation: Rotation::None,
            config: None,
        }
    }

    /// Takes a packet as it arrived, and puts what is complete now behind `out`.
    pub fn push(&mut self, packet: &TappedPacket, out: &mut Vec<Piece>) {
        if packet.codec != self.codec {
            return;
        }
        if self.source.replace(packet.source).is_some_and(|source| source != packet.source) {
            self.restart(out);
        }
        self.reorder.push(packet.clone(), &mut self.ordered);
        self.take_ordered(out);
    }

    /// Packets are missing here for another reason than the network: the tap's queue was full, for example.
    pub fn lost(&mut self, packets: u64, out: &mut Vec<Piece>) {
        self.reorder.restart(&mut self.ordered);
        self.take_ordered(out);
        self.gap(packets, out);
    }

    /// Gives out what is complete: nothing more will come, or something else.
    pub fn flush(&mut self, out: &mut Vec<Piece>) {
        self.reorder.flush(&mut self.ordered);
        self.take_ordered(out);
        // Without its marker a frame lacks its end, but for publishers whose markers mean nothing.
        if self.marker_lies {
            self.finish(out);
        }
        self.drop_open();
    }

    /// Nothing comes out before the next key frame, so one should be asked for.
    pub const fn wants_key_frame(&self) -> bool {
        self.waits_for_key
    }

    /// Packets that wait for one that is missing.
    pub fn waiting(&self) -> usize {
        self.reorder.waiting()
    }

    /// Another RTP stream begins, with other numbers and pictures that refer to none from before.
    fn restart(&mut self, out: &mut Vec<Piece>) {
        self.flush(out);
        self.reorder.restart(&mut self.ordered);
        self.take_ordered(out);
        self.assembler = Assembler::new(self.codec);
        self.waits_for_key = self.codec != Codec::Opus;
        self.marker_lies = false;
        self.marked = None;
        self.skipped = None;
        self.rotation = Rotation::None;
    }

    fn take_ordered(&mut self, out: &mut Vec<Piece>) {
        let mut ordered = std::mem::take(&mut self.ordered);
        for item in ordered.drain(..) {
            match item {
                Ordered::Packet(packet) => self.in_order(&packet, out),
                Ordered::Gap { packets } => self.gap(packets, out),
            }
        }
        self.ordered = ordered;
    }

    fn in_order(&mut self, packet: &TappedPacket, out: &mut Vec<Piece>) {
        if let Some(byte) = packet.orientation {
            self.rotation = Rotation::from_cvo(byte);
        }
        // Padding, with which senders probe for bandwidth.
        if packet.payload.is_empty() {
            return;
        }
        let header = Open {
            source: packet.source,
            timestamp: packet.timestamp,
            captured: packet.captured,
            estimated: packet.estimated,
        };
        if self.codec == Codec::Opus {
            return self.sound(header, &packet.payload, out);
        }
        if self.open.is_some_and(|open| open.timestamp != packet.timestamp) {
            self.finish(out);
            self.drop_open();
        }
        if self.skipped.is_some_and(|timestamp| timestamp != packet.timestamp) {
            self.skipped = None;
        }
        if self.marked == Some(packet.timestamp) && self.open.is_none() && self.codec != Codec::Vp8 {
            // The rest of a picture whose beginning has been given out for whole. It happens once.
            self.marker_lies = true;
            self.marked = None;
            self.broken(packet.timestamp, out);
        }
        if self.skipped.is_some() {
            return;
        }
        self.open.get_or_insert(header);
        if self.assembler.push(&packet.payload).is_err() || self.assembler.len() > MAX_FRAME {
            return self.broken(packet.timestamp, out);
        }
        if packet.marker && !self.marker_lies && self.assembler.has_picture() {
            self.marked = Some(packet.timestamp);
            self.finish(out);
            self.drop_open();
        }
    }

    fn sound(&mut self, header: Open, payload: &[u8], out: &mut Vec<Piece>) {
        let Some(packet) = OpusPacket::parse(payload) else { return };
        let config = self.config.get_or_insert_with(|| Arc::new(TrackConfig::opus()));
        out.push(Piece::Frame(Frame {
            codec: Codec::Opus,
            timestamp: header.timestamp,
            captured: header.captured,
            estimated: header.estimated,
            source: header.source,
            key: true,
            // 48 units of time are a millisecond.
            duration: Some(packet.micros() * 48 / 1_000),
            config: Some(Arc::clone(config)),
            data: Bytes::copy_from_slice(payload),
        }));
    }

    /// Gives out the frame in the making, if there is one and it is of use.
    fn finish(&mut self, out: &mut Vec<Piece>) {
        let Some(open) = self.open.take() else { return };
        match self.assembler.finish() {
            Ok(Some(assembled)) => self.emit(open, assembled, out),
            Ok(None) => {}
            Err(Broken) => self.broken(open.timestamp, out),
        }
    }

    fn emit(&mut self, open: Open, assembled: Assembled, out: &mut Vec<Piece>) {
        let Assembled { data, key, config, orphan } = assembled;
        if self.waits_for_key && !key {
            return;
        }
        if key {
            let Some(config) = config else { return self.broken(open.timestamp, out) };
            let config = config.turned(self.rotation);
            if self.config.as_deref() != Some(&config) {
                self.config = Some(Arc::new(config));
            }
            self.orphans = std::mem::replace(&mut self.waits_for_key, false);
        } else if orphan && self.orphans {
            return;
        }
        out.push(Piece::Frame(Frame {
            codec: self.codec,
            timestamp: open.timestamp,
            captured: open.captured,
            estimated: open.estimated,
            source: open.source,
            key,
            duration: None,
            config: self.config.clone().filter(|_| key),
            data: data.into(),
        }));
    }

    /// The picture with this timestamp cannot be used, nor what refers to it.
    fn broken(&mut self, timestamp: u32, out: &mut Vec<Piece>) {
        self.skipped = Some(timestamp);
        if self.waits_for_key {
            self.drop_open();
            self.assembler.lost();
        } else {
            self.gap(0, out);
        }
    }

    fn gap(&mut self, packets: u64, out: &mut Vec<Piece>) {
        self.drop_open();
        self.assembler.lost();
        self.waits_for_key = self.codec != Codec::Opus;
        out.push(Piece::Gap { packets });
    }

    fn drop_open(&mut self) {
        self.open = None;
        self.assembler.clear();
    }
}

impl Assembler {
    fn new(codec: Codec) -> Self {
        match codec {
            Codec::H264 => Self::H264(h264::Assembler::default()),
            Codec::H265 => Self::H265(h265::Assembler::default()),
            Codec::Vp8 => Self::Vp8(vp8::Assembler::default()),
            Codec::Vp9 => Self::Vp9(vp9::Assembler::default()),
            Codec::Av1 => Self::Av1(av1::Assembler::default()),
            Codec::Opus => Self::Opus,
        }
    }

    /// Adds the payload of the next packet of the frame.
    fn push(&mut self, payload: &[u8]) -> Result<(), Broken> {
        match self {
            Self::H264(assembler) => assembler.push(payload),
            Self::H265(assembler) => assembler.push(payload),
            Self::Vp8(assembler) => assembler.push(payload),
            Self::Vp9(assembler) => assembler.push(payload),
            Self::Av1(assembler) => assembler.push(payload),
            Self::Opus => Ok(()),
        }
    }

    /// Ends the frame; `None` where there is no picture in it.
    fn finish(&mut self) -> Result<Option<Assembled>, Broken> {
        match self {
            Self::H264(assembler) => assembler.finish(),
            Self::H265(assembler) => assembler.finish(),
            Self::Vp8(assembler) => assembler.finish(),
            Self::Vp9(assembler) => assembler.finish(),
            Self::Av1(assembler) => assembler.finish(),
            Self::Opus => Ok(None),
        }
    }

    /// Forgets the frame in the making, and keeps what later frames need.
    fn clear(&mut self) {
        match self {
            Self::H264(assembler) => assembler.clear(),
            Self::H265(assembler) => assembler.clear(),
            Self::Vp8(assembler) => assembler.clear(),
            Self::Vp9(assembler) => assembler.clear(),
            Self::Av1(assembler) => assembler.clear(),
            Self::Opus => {}
        }
    }

    /// Packets are missing, or left out, in front of what comes next.
    fn lost(&mut self) {
        match self {
            Self::H264(assembler) => assembler.lost(),
            Self::H265(assembler) => assembler.lost(),
            Self::Vp8(_) | Self::Vp9(_) | Self::Av1(_) | Self::Opus => {}
        }
    }

    /// Whether a picture, not only what belongs to one, has begun.
    fn has_picture(&self) -> bool {
        match self {
            Self::H264(assembler) => assembler.has_picture(),
            Self::H265(assembler) => assembler.has_picture(),
            Self::Vp8(_) | Self::Vp9(_) => true,
            Self::Av1(assembler) => assembler.has_picture(),
            Self::Opus => false,
        }
    }

    /// Bytes gathered so far.
    fn len(&self) -> usize {
        match self {
            Self::H264(assembler) => assembler.len(),
            Self::H265(assembler) => assembler.len(),
            Self::Vp8(assembler) => assembler.len(),
            Self::Vp9(assembler) => assembler.len(),
            Self::Av1(assembler) => assembler.len(),
            Self::Opus => 0,
        }
    }
}

/// A second of 64 Mbit/s in one picture. More would let a publisher that never ends a picture fill memory;
/// less would lose key frames of large pictures at high quality.
const MAX_FRAME: usize = 8 << 20;
