//! One layer, or the sound: packets to frames with a place on the time line.

use sluice_domain::{Codec, MediaTime};
use sluice_media::depacketise::{Depacketiser, Frame, Piece};
use sluice_media::order::{DecodeOrder, Timed};
use sluice_media::tapped::TappedPacket;

use crate::segmenter::Placed;
use crate::timeline::Timeline;

/// What came of packets.
#[derive(Debug)]
pub(crate) enum Came {
    /// The next sample in the order of decoding.
    Sample(Placed),
    /// Something is missing; the next sample is a key frame.
    Gap {
        /// Packets that never came.
        packets: u64,
    },
}

/// Packets of one layer or of the sound, across reconnects and changes of codec.
#[derive(Debug)]
pub(crate) struct Lane {
    codec: Codec,
    origin: MediaTime,
    depacketiser: Depacketiser,
    order: DecodeOrder<Frame>,
    timeline: Timeline,
    /// RTP stream of the newest frame.
    source: Option<u32>,
    /// The next sample does not continue what came before.
    fresh: bool,
    pieces: Vec<Piece>,
    timed: Vec<Timed<Frame>>,
}

impl Lane {
    pub(crate) fn new(codec: Codec, origin: MediaTime) -> Self {
        Self {
            codec,
            origin,
            depacketiser: Depacketiser::new(codec),
            order: DecodeOrder::default(),
            timeline: Timeline::new(codec.clock_rate(), origin),
            source: None,
            fresh: false,
            pieces: Vec::new(),
            timed: Vec::new(),
        }
    }

    /// Takes a packet in the order of arrival.
    pub(crate) fn push(&mut self, packet: TappedPacket, now: MediaTime, out: &mut Vec<Came>) {
        if packet.codec != self.codec {
            self.flush(now, out);
            *self = Self { fresh: true, ..Self::new(packet.codec, self.origin) };
        }
        let mut pieces = std::mem::take(&mut self.pieces);
        self.depacketiser.push(&packet, &mut pieces);
        self.place(&mut pieces, now, out);
        self.pieces = pieces;
    }

    /// Gives out what is held: nothing comes for a while.
    pub(crate) fn flush(&mut self, now: MediaTime, out: &mut Vec<Came>) {
        let mut pieces = std::mem::take(&mut self.pieces);
        self.depacketiser.flush(&mut pieces);
        self.place(&mut pieces, now, out);
        self.pieces = pieces;
        self.settle(out);
    }

    /// Packets were lost before they came here.
    pub(crate) fn lost(&mut self, now: MediaTime, out: &mut Vec<Came>) {
        let mut pieces = std::mem::take(&mut self.pieces);
        self.depacketiser.lost(0, &mut pieces);
        self.place(&mut pieces, now, out);
        self.pieces = pieces;
    }

    fn place(&mut self, pieces: &mut Vec<Piece>, now: MediaTime, out: &mut Vec<Came>) {
        for piece in pieces.drain(..) {
            match piece {
                Piece::Frame(frame) => self.frame(frame, now, out),
                Piece::Gap { packets } => {
                    self.settle(out);
                    out.push(Came::Gap { packets });
                }
            }
        }
    }

    fn frame(&mut self, frame: Frame, now: MediaTime, out: &mut Vec<Came>) {
        if self.source != Some(frame.source) {
            self.settle(out);
            self.fresh |= self.source.is_some();
            self.source = Some(frame.source);
            self.timeline = Timeline::new(self.codec.clock_rate(), self.origin);
        }
        let off = frame.captured.micros_since(now);
        let (captured, estimated) =
            if (OLDEST..=NEWEST).contains(&off) { (frame.captured, frame.estimated) } else { (now, true) };
        let place = self.timeline.place(frame.timestamp, captured, estimated);
        if place.jumped {
            self.settle(out);
            self.fresh = true;
        }
        if let Some(depth) = frame.config.as_ref().and_then(|config| config.max_reorder()) {
            self.order.set_depth(depth);
        }
        let mut timed = std::mem::take(&mut self.timed);
        self.order.push(place.ticks, frame.key, frame, &mut timed);
        self.give(&mut timed, out);
        self.timed = timed;
    }

    /// Gives out what waits for others to be put into order.
    fn settle(&mut self, out: &mut Vec<Came>) {
        let mut timed = std::mem::take(&mut self.timed);
        self.order.flush(&mut timed);
        self.give(&mut timed, out);
        self.timed = timed;
    }

    fn give(&mut self, timed: &mut Vec<Timed<Frame>>, out: &mut Vec<Came>) {
        for Timed { decode, offset, item } in timed.drain(..) {
            out.push(Came::Sample(Placed {
                decode,
                offset,
                key: item.key,
                fresh: std::mem::take(&mut self.fresh),
                duration: item.duration,
                config: item.config,
                data: item.data,
            }));
        }
    }
}

/// Capture times further than this from now, in microseconds, are nonsense. Join caches hold what was captured
/// a while ago.
const OLDEST: i64 = -60_000_000;
const NEWEST: i64 = 5_000_000;
