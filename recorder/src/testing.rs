//! A publisher for tests, on simulated time: layers of H.264 and Opus, with clocks that run as wrong as asked.

use std::sync::Arc;

use sluice_domain::{BroadcastId, Codec, LayerInfo, MediaTime, RecordingId};
use sluice_media::tapped::{Tapped, TappedPacket};
use uuid::Uuid;

use crate::entry::{Begun, FORM};

/// What a publisher sends.
#[derive(Debug, Clone)]
pub(crate) struct Publisher {
    pub(crate) streams: Vec<Stream>,
    /// Simulated time in microseconds.
    pub(crate) now: i64,
    next_source: u32,
}

/// A layer, or sound.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    pub(crate) codec: Codec,
    pub(crate) layer: usize,
    pub(crate) size: (u16, u16),
    /// Whether it sends now.
    pub(crate) active: bool,
    /// Sends a key frame when it is asked for one.
    pub(crate) obeys: bool,
    /// Sends a key frame every so many frames by itself.
    pub(crate) gop: Option<u64>,
    /// Pairs of B-frames between the others.
    pub(crate) b_frames: bool,
    /// Parts per million that its RTP clock is too fast.
    pub(crate) ppm: i64,
    /// Bytes of a frame.
    pub(crate) bytes: usize,
    /// Sequence numbers of packets that never arrive.
    pub(crate) lose: Vec<u64>,
    pub(crate) source: u32,
    pub(crate) seq: u64,
    pub(crate) frame: u64,
    /// Added to its RTP timestamps.
    pub(crate) offset: u32,
    /// Microseconds between frames.
    pub(crate) step: i64,
    next: i64,
    wanted: bool,
    since_key: u64,
    began: i64,
    report: Option<(i64, u32)>,
}

impl Publisher {
    /// Layers of these sizes, 30 pictures a second, and sound.
    pub(crate) fn new(sizes: &[(u16, u16)], sound: bool) -> Self {
        let mut publisher = Self { streams: Vec::new(), now: START, next_source: 1 };
        for (layer, size) in sizes.iter().enumerate() {
            let stream = publisher.stream(Codec::H264, layer, *size, 33_333, 600);
            publisher.streams.push(stream);
        }
        if sound {
            let stream = publisher.stream(Codec::Opus, 0, (0, 0), 20_000, 80);
            publisher.streams.push(stream);
        }
        publisher
    }

    /// The usual three layers and sound.
    pub(crate) fn simulcast() -> Self {
        Self::new(&[(1280, 720), (640, 368), (320, 176)], true)
    }

    fn stream(&mut self, codec: Codec, layer: usize, size: (u16, u16), step: i64, bytes: usize) -> Stream {
        let source = self.next_source;
        self.next_source += 1;
        Stream {
            codec,
            layer,
            size,
            active: true,
            obeys: true,
            gop: None,
            b_frames: false,
            ppm: 0,
            bytes,
            lose: Vec::new(),
            source,
            seq: 1_000 * u64::from(source),
            frame: 0,
            offset: u32::MAX - 200_000 * source,
            step,
            next: self.now,
            wanted: true,
            since_key: 0,
            began: self.now,
            report: None,
        }
    }

    /// What the tap says of its layers.
    pub(crate) fn layers(&self) -> Tapped {
        let layer = |stream: &Stream| LayerInfo {
            rid: None,
            width: Some(stream.size.0),
            height: Some(stream.size.1),
            bitrate: 0,
            fps: 30.0,
            active: stream.active,
        };
        Tapped::Layers(self.streams.iter().filter(|s| s.codec != Codec::Opus).map(layer).collect())
    }

    /// Asks for a key frame.
    pub(crate) fn want(&mut self, layer: usize) {
        for stream in &mut self.streams {
            if stream.codec != Codec::Opus && stream.layer == layer && stream.obeys {
                stream.wanted = true;
            }
        }
    }

    /// It goes away and comes back after so many microseconds, with other sources and timestamps.
    pub(crate) fn reconnect(&mut self, after: i64) {
        self.now += after;
        for stream in &mut self.streams {
            stream.source = self.next_source;
            self.next_source += 1;
            stream.seq = 7_000 * u64::from(stream.source);
            stream.offset = stream.offset.wrapping_mul(7).wrapping_add(12_345);
            stream.frame = 0;
            stream.next = self.now;
            stream.began = self.now;
            stream.wanted = true;
            stream.report = None;
        }
    }

    /// The next frame of whoever is due, and when it arrives.
    pub(crate) fn next(&mut self) -> (Vec<TappedPacket>, MediaTime) {
        let due = self.streams.iter_mut().min_by_key(|stream| stream.next).expect("there is a stream");
        self.now = self.now.max(due.next);
        let packets = due.send();
        (packets, MediaTime(self.now))
    }

    /// All of some seconds, as messages of a tap.
    pub(crate) fn seconds(&mut self, seconds: i64) -> Vec<Tapped> {
        self.millis(seconds * 1_000)
    }

    /// All of some milliseconds.
    pub(crate) fn millis(&mut self, millis: i64) -> Vec<Tapped> {
        let until = self.now + millis * 1_000;
        let mut messages = Vec::new();
        while self.streams.iter().map(|stream| stream.next).min().is_some_and(|next| next < until) {
            let (packets, _) = self.next();
            if !packets.is_empty() {
                messages.push(Tapped::Packets(packets));
            }
        }
        self.now = until;
        messages
    }

    /// Begins at this time.
    pub(crate) fn begin_at(&mut self, micros: i64) {
        self.now = micros;
        for stream in &mut self.streams {
            (stream.next, stream.began) = (micros, micros);
        }
    }
}

impl Stream {
    /// RTP timestamp of something captured at a true time.
    fn timestamp(&self, at: i64) -> u32 {
        let rate = i128::from(self.codec.clock_rate());
        let ticks = i128::from(at - self.began) * rate * i128::from(1_000_000 + self.ppm) / 1_000_000_000_000;
        (ticks as u64 as u32).wrapping_add(self.offset)
    }

    fn send(&mut self) -> Vec<TappedPacket> {
        let at = self.next;
        self.next += self.step;
        let frame = self.frame;
        self.frame += 1;
        // A sender report every two seconds, which is right.
        if self.report.is_none_or(|(ntp, _)| at - ntp >= 2_000_000) {
            self.report = Some((at, self.timestamp(at)));
        }
        if !self.active {
            return Vec::new();
        }
        // With B-frames the order of sending is 0 3 1 2 | 4 7 5 6: each group of four is led by its last.
        let shown = match (self.b_frames, frame % 4) {
            (true, 1) => at + 2 * self.step,
            (true, 2 | 3) => at - self.step,
            _ => at,
        };
        let timestamp = self.timestamp(shown);
        let captured = self.report.map_or(shown, |(ntp, rtp)| {
            let units = i64::from(timestamp.wrapping_sub(rtp).cast_signed());
            ntp + units * 1_000_000 / i64::from(self.codec.clock_rate())
        });
        let payloads = self.payloads(frame);
        let last = payloads.len() - 1;
        let mut packets = Vec::new();
        for (index, payload) in payloads.into_iter().enumerate() {
            let seq = self.seq;
            self.seq += 1;
            if self.lose.contains(&seq) {
                continue;
            }
            packets.push(TappedPacket {
                source: self.source,
                layer: self.layer,
                codec: self.codec,
                seq,
                timestamp,
                marker: index == last,
                payload: Arc::from(payload),
                captured: MediaTime(captured),
                estimated: false,
                orientation: None,
            });
        }
        packets
    }

    fn payloads(&mut self, frame: u64) -> Vec<Vec<u8>> {
        if self.codec == Codec::Opus {
            let mut payload = vec![0xfc];
            payload.resize(self.bytes, frame as u8);
            return vec![payload];
        }
        let begins_group = !self.b_frames || frame.is_multiple_of(4);
        let key = begins_group && (self.wanted || self.gop.is_some_and(|gop| self.since_key >= gop));
        self.since_key += 1;
        if key {
            self.wanted = false;
            self.since_key = 1;
        }
        match self.codec {
            Codec::Vp8 => {
                let (width, height) = self.size;
                let mut payload = vec![0x10, if key { 0x10 } else { 0x11 }, 0, 0];
                if key {
                    payload.extend([0x9d, 0x01, 0x2a]);
                    payload.extend(width.to_le_bytes());
                    payload.extend(height.to_le_bytes());
                }
                payload.resize(self.bytes, frame as u8);
                vec![payload]
            }
            _ => self.h264(key, frame),
        }
    }

    fn h264(&self, key: bool, frame: u64) -> Vec<Vec<u8>> {
        let (width, height) = self.size;
        let sps = sps(width, height, self.b_frames);
        let pps = [0x68, 0xce, 0x3c, 0x80];
        let mut payloads = Vec::new();
        if key {
            let mut both = vec![0x78, 0, sps.len() as u8];
            both.extend(&sps);
            both.extend([0, pps.len() as u8]);
            both.extend(pps);
            payloads.push(both);
        }
        // The slice's header: first macroblock 0, then its type as an Exp-Golomb code.
        let (header, slice) = match (key, self.b_frames, frame % 4) {
            (true, ..) => (0x65, 0x88),
            (false, true, 2 | 3) => (0x01, 0x9f),
            _ => (0x41, 0x9b),
        };
        let mut payload = vec![header, slice, 0xff];
        payload.resize(self.bytes, 0x55 ^ (frame as u8));
        payloads.push(payload);
        payloads
    }
}

/// A sequence parameter set: Baseline, or Main with room for reordering; sizes are whole macroblocks.
fn sps(width: u16, height: u16, reorders: bool) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(8, 0x67);
    bits.put(8, if reorders { 77 } else { 66 });
    bits.put(8, if reorders { 0x40 } else { 0xc0 });
    bits.put(8, 31);
    bits.ue(0);
    bits.ue(0);
    if reorders {
        bits.ue(0);
        bits.ue(4);
    } else {
        bits.ue(2);
    }
    bits.ue(if reorders { 2 } else { 1 });
    bits.put(1, 0);
    bits.ue(u32::from(width) / 16 - 1);
    bits.ue(u32::from(height) / 16 - 1);
    bits.put(1, 1);
    bits.put(1, 1);
    bits.put(1, 0);
    bits.put(1, 0);
    bits.put(1, 1);
    while !bits.count.is_multiple_of(8) {
        bits.put(1, 0);
    }
    bits.bytes
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    count: usize,
}

impl Bits {
    fn put(&mut self, count: u32, value: u32) {
        for bit in (0..count).rev() {
            if self.count.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if value >> bit & 1 == 1 {
                *self.bytes.last_mut().expect("a byte was pushed") |= 0x80 >> (self.count % 8);
            }
            self.count += 1;
        }
    }

    fn ue(&mut self, value: u32) {
        let length = (value + 1).ilog2();
        self.put(length, 0);
        self.put(length + 1, value + 1);
    }
}

/// The beginning of a recording.
pub(crate) fn begun(keep: bool) -> Begun {
    Begun {
        form: FORM,
        recording: recording(1),
        broadcast: BroadcastId(Uuid::from_u128(2)),
        keep,
        started: MediaTime(START),
        segment_ms: 4_000,
        part_ms: 333,
    }
}

/// The id of a recording.
pub(crate) fn recording(number: u128) -> RecordingId {
    RecordingId(Uuid::from_u128(number << 64))
}

/// Simulated time begins here: some day in 2026.
pub(crate) const START: i64 = 1_790_000_000_000_000;
