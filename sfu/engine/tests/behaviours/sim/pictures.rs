//! Payloads with real descriptors of each codec in front, and a stamp at the end that tells a test
//! what it is looking at.

use std::time::Duration;

use sluice_domain::Codec;

/// Largest payload.
const LARGEST: usize = 1100;

/// What a payload says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) layer: u8,
    pub(crate) key: bool,
    pub(crate) frame: u32,
    /// Simulated time of capture.
    pub(crate) captured: Duration,
    /// Packets of the frame.
    pub(crate) packets: u16,
}

const MAGIC: [u8; 4] = *b"SLCE";
const STAMP: usize = 20;

impl Stamp {
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        let rest = payload.strip_suffix(&MAGIC)?;
        let stamp: &[u8; 16] = rest.last_chunk()?;
        let micros = u64::from_be_bytes(stamp[..8].try_into().expect("8 bytes"));
        Some(Self {
            captured: Duration::from_micros(micros),
            frame: u32::from_be_bytes(stamp[8..12].try_into().expect("4 bytes")),
            packets: u16::from_be_bytes([stamp[12], stamp[13]]),
            layer: stamp[14],
            key: stamp[15] != 0,
        })
    }

    pub(crate) fn write(&self, payload: &mut Vec<u8>) {
        let micros = u64::try_from(self.captured.as_micros()).expect("short runs");
        payload.extend(micros.to_be_bytes());
        payload.extend(self.frame.to_be_bytes());
        payload.extend(self.packets.to_be_bytes());
        payload.extend([self.layer, u8::from(self.key)]);
        payload.extend(MAGIC);
    }
}

/// Counters that the descriptors carry.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Numbers {
    pub(crate) picture_id: u16,
    pub(crate) tl0: u8,
    pub(crate) key_idx: u8,
}

/// One picture to be cut into payloads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Picture {
    pub(crate) codec: Codec,
    pub(crate) key: bool,
    pub(crate) b: bool,
    pub(crate) size: (u16, u16),
    pub(crate) bytes: usize,
    pub(crate) numbers: Numbers,
    /// H.264: parameter sets in front of a key frame.
    pub(crate) parameters: bool,
    pub(crate) stamp: Stamp,
}

impl Picture {
    /// The payloads, in order.
    pub(crate) fn payloads(&self) -> Vec<Vec<u8>> {
        let count = self.bytes.div_ceil(LARGEST).max(1);
        let each = (self.bytes / count).max(64);
        let parameters = self.codec == Codec::H264 && self.key && self.parameters;
        let mut payloads = Vec::with_capacity(count + 1);
        if parameters {
            payloads.push(h264_parameters(self.size));
        }
        let stamp =
            Stamp { packets: u16::try_from(count + usize::from(parameters)).expect("small"), ..self.stamp };
        for index in 0..count {
            let mut payload = match self.codec {
                Codec::Vp8 => self.vp8(index == 0),
                Codec::Vp9 => self.vp9(index == 0, index + 1 == count),
                Codec::H264 => self.h264(index == 0, index + 1 == count),
                Codec::Av1 => self.av1(index == 0, index + 1 == count),
                Codec::H265 | Codec::Opus => Vec::new(),
            };
            payload.resize(each.saturating_sub(STAMP).max(payload.len()), 0x55);
            stamp.write(&mut payload);
            payloads.push(payload);
        }
        payloads
    }

    fn vp8(&self, first: bool) -> Vec<u8> {
        let [high, low] = self.numbers.picture_id.to_be_bytes();
        let start = if first { 0x90 } else { 0x80 };
        let mut bytes = vec![start, 0xf0, high | 0x80, low, self.numbers.tl0, self.numbers.key_idx & 0x1f];
        match (first, self.key) {
            (true, true) => {
                bytes.extend([0x10, 0, 0, 0x9d, 0x01, 0x2a]);
                bytes.extend(self.size.0.to_le_bytes());
                bytes.extend(self.size.1.to_le_bytes());
            }
            (true, false) => bytes.extend([0x11, 0, 0]),
            (false, _) => {}
        }
        bytes
    }

    fn vp9(&self, first: bool, last: bool) -> Vec<u8> {
        let [high, low] = self.numbers.picture_id.to_be_bytes();
        let predicted = if self.key { 0 } else { 0x40 };
        let flags = 0x80 | 0x20 | predicted | u8::from(first) << 3 | u8::from(last) << 2;
        let mut bytes = vec![flags, high | 0x80, low, 0x00, self.numbers.tl0];
        match (first, self.key) {
            (true, true) => {
                bytes.extend([0x82, 0x49, 0x83, 0x42]);
                let mut bits = Bits::default();
                bits.put(0b0100, 4); // BT.709, limited range
                bits.put(u32::from(self.size.0) - 1, 16);
                bits.put(u32::from(self.size.1) - 1, 16);
                bytes.extend(bits.finish());
            }
            (true, false) => bytes.extend([0x86, 0]),
            (false, _) => {}
        }
        bytes
    }

    /// Fragments of one slice.
    fn h264(&self, first: bool, last: bool) -> Vec<u8> {
        let kind = if self.key { 5 } else { 1 };
        // first_mb_in_slice 0 and slice_type I, P or B.
        let slice = if self.key {
            0x88
        } else if self.b {
            0x9c
        } else {
            0x98
        };
        vec![0x7c, u8::from(first) << 7 | u8::from(last) << 6 | kind, slice, 0x44]
    }

    fn av1(&self, first: bool, last: bool) -> Vec<u8> {
        let continued = u8::from(!last) << 6;
        if !first {
            return vec![0x80 | continued | 0x10];
        }
        if !self.key {
            return vec![continued | 0x10, 6 << 3];
        }
        let mut bits = Bits::default();
        bits.put(0b0_0001, 5); // main profile, reduced header: the shortest with a size
        bits.put(5, 5);
        bits.put(15, 4);
        bits.put(15, 4);
        bits.put(u32::from(self.size.0) - 1, 16);
        bits.put(u32::from(self.size.1) - 1, 16);
        let sequence = bits.finish();
        let mut bytes = vec![continued | 0x28, u8::try_from(sequence.len() + 1).expect("small"), 1 << 3];
        bytes.extend(sequence);
        bytes.push(6 << 3);
        bytes
    }
}

/// SPS and PPS in one STAP-A.
pub(crate) fn h264_parameters((width, height): (u16, u16)) -> Vec<u8> {
    let mut sps = Bits::default();
    sps.ue(0); // seq_parameter_set_id
    sps.ue(0); // log2_max_frame_num_minus4
    sps.ue(2); // pic_order_cnt_type: output order is decoding order
    sps.ue(1); // max_num_ref_frames
    sps.put(0, 1);
    sps.ue(u32::from(width / 16) - 1);
    sps.ue(u32::from(height / 16) - 1);
    sps.put(0b110, 3); // frame_mbs_only, direct_8x8_inference, no cropping
    sps.put(0, 1); // no VUI
    sps.put(1, 1); // rbsp_stop_one_bit
    let sps = [vec![0x67, 66, 0xc0, 31], sps.finish()].concat();
    let pps = [0x68, 0xce, 0x3c, 0x80];
    let mut payload = vec![0x78];
    for unit in [&sps[..], &pps[..]] {
        payload.extend(u16::try_from(unit.len()).expect("short").to_be_bytes());
        payload.extend(unit);
    }
    payload
}

/// Bits, most significant first.
#[derive(Debug, Default)]
struct Bits {
    bits: Vec<bool>,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        self.bits.extend((0..count).rev().map(|bit| value >> bit & 1 != 0));
    }

    fn ue(&mut self, value: u32) {
        let length = (value + 1).ilog2();
        self.put(0, length);
        self.put(value + 1, length + 1);
    }

    fn finish(self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            bits.iter().enumerate().fold(0, |byte, (index, bit)| byte | u8::from(*bit) << (7 - index))
        };
        self.bits.chunks(8).map(byte).collect()
    }
}

#[cfg(test)]
mod tests {
    use sluice_media::frame;

    use super::*;

    #[test]
    fn the_pictures_of_the_simulation_are_read_as_what_they_are() {
        for codec in [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1] {
            for key in [true, false] {
                let stamp = Stamp { layer: 1, key, frame: 7, captured: Duration::from_millis(5), packets: 0 };
                let numbers = Numbers { picture_id: 300, tl0: 9, key_idx: 3 };
                let size = (640, 352);
                let picture =
                    Picture { codec, key, b: false, size, bytes: 3000, numbers, parameters: true, stamp };
                let payloads = picture.payloads();
                let infos: Vec<_> = payloads.iter().map(|payload| frame::inspect(codec, payload)).collect();
                assert_eq!(infos[0].keyframe_start, key, "{codec:?}");
                assert!(infos[0].frame_start && !infos.last().unwrap().frame_start, "{codec:?}");
                assert_eq!(infos[0].resolution, key.then_some(size), "{codec:?}");
                if matches!(codec, Codec::Vp8 | Codec::Vp9) {
                    assert_eq!((infos[1].picture_id, infos[1].tl0), (Some(300), Some(9)));
                }
                let read = Stamp::read(payloads.last().unwrap()).unwrap();
                assert_eq!(
                    (read.frame, read.key, read.packets),
                    (7, key, u16::try_from(payloads.len()).unwrap())
                );
            }
        }
    }
}
