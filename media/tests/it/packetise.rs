//! Frames to RTP payloads, written for tests from the RFCs and by other means than what reads them.

use std::sync::Arc;

use sluice_domain::{Codec, MediaTime};
use sluice_media::tapped::TappedPacket;

/// Cuts one frame, as a sample of MP4 has it, into payloads of at most about `limit` bytes. `sets` are the
/// parameter sets to send in front of it.
pub(crate) fn payloads(codec: Codec, sample: &[u8], sets: &[Vec<u8>], limit: usize) -> Vec<Vec<u8>> {
    match codec {
        Codec::H264 => nal_payloads(&units(sample, sets), limit, &H264),
        Codec::H265 => nal_payloads(&units(sample, sets), limit, &H265),
        Codec::Vp8 => vpx_payloads(sample, limit, |first, _| vec![if first { 0x10 } else { 0 }]),
        Codec::Vp9 => vpx_payloads(sample, limit, |first, last| {
            // I, B, E, and a picture id of two bytes.
            vec![0x80 | u8::from(first) << 3 | u8::from(last) << 2, 0x80 | 0x12, 0x34]
        }),
        Codec::Av1 => av1_payloads(sample, limit),
        Codec::Opus => vec![sample.to_vec()],
    }
}

/// Packets of frames: `(timestamp, payloads)` in the order of sending. The clock of capture runs with the
/// timestamps.
pub(crate) fn packets(codec: Codec, frames: &[(u32, Vec<Vec<u8>>)]) -> Vec<TappedPacket> {
    let mut packets = Vec::new();
    for (timestamp, payloads) in frames {
        for (index, payload) in payloads.iter().enumerate() {
            packets.push(TappedPacket {
                source: 7,
                layer: 0,
                codec,
                seq: 65_000 + packets.len() as u64,
                timestamp: *timestamp,
                marker: index + 1 == payloads.len(),
                payload: Arc::from(payload.as_slice()),
                captured: MediaTime(i64::from(*timestamp) * 1_000_000 / i64::from(codec.clock_rate())),
                estimated: false,
                orientation: None,
            });
        }
    }
    packets
}

/// The units of a sample behind the parameter sets.
fn units<'a>(mut sample: &'a [u8], sets: &'a [Vec<u8>]) -> Vec<&'a [u8]> {
    let mut units: Vec<&[u8]> = sets.iter().map(Vec::as_slice).collect();
    while let Some((length, rest)) = sample.split_first_chunk::<4>() {
        let (unit, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        units.push(unit);
        sample = rest;
    }
    units
}

/// How a codec's NAL units are aggregated and fragmented.
trait NalCodec {
    /// Header of an aggregate of these units.
    fn aggregate(&self, units: &[&[u8]]) -> Vec<u8>;
    /// Length of a unit's header.
    fn header(&self) -> usize;
    /// What stands in front of a fragment.
    fn fragment(&self, unit: &[u8], first: bool, last: bool) -> Vec<u8>;
}

struct H264;
struct H265;

impl NalCodec for H264 {
    fn aggregate(&self, units: &[&[u8]]) -> Vec<u8> {
        vec![24 | units.iter().map(|unit| unit[0] & 0x60).max().unwrap_or(0)]
    }

    fn header(&self) -> usize {
        1
    }

    fn fragment(&self, unit: &[u8], first: bool, last: bool) -> Vec<u8> {
        vec![unit[0] & 0xe0 | 28, u8::from(first) << 7 | u8::from(last) << 6 | unit[0] & 0x1f]
    }
}

impl NalCodec for H265 {
    fn aggregate(&self, _: &[&[u8]]) -> Vec<u8> {
        vec![48 << 1, 1]
    }

    fn header(&self) -> usize {
        2
    }

    fn fragment(&self, unit: &[u8], first: bool, last: bool) -> Vec<u8> {
        let kind = unit[0] >> 1 & 0x3f;
        vec![unit[0] & 0x81 | 49 << 1, unit[1], u8::from(first) << 7 | u8::from(last) << 6 | kind]
    }
}

fn nal_payloads(units: &[&[u8]], limit: usize, codec: &dyn NalCodec) -> Vec<Vec<u8>> {
    let mut payloads = Vec::new();
    let mut gathered: Vec<&[u8]> = Vec::new();
    let flush = |gathered: &mut Vec<&[u8]>, payloads: &mut Vec<Vec<u8>>| {
        match gathered.as_slice() {
            [] => {}
            [unit] => payloads.push(unit.to_vec()),
            units => {
                let mut payload = codec.aggregate(units);
                for unit in units {
                    payload.extend((unit.len() as u16).to_be_bytes());
                    payload.extend_from_slice(unit);
                }
                payloads.push(payload);
            }
        }
        gathered.clear();
    };
    for unit in units {
        let size: usize = gathered.iter().map(|unit| unit.len() + 2).sum();
        if size + unit.len() > limit {
            flush(&mut gathered, &mut payloads);
        }
        if unit.len() <= limit {
            gathered.push(unit);
            continue;
        }
        let chunks: Vec<_> = unit[codec.header()..].chunks(limit).collect();
        for (index, chunk) in chunks.iter().enumerate() {
            let mut payload = codec.fragment(unit, index == 0, index + 1 == chunks.len());
            payload.extend_from_slice(chunk);
            payloads.push(payload);
        }
    }
    flush(&mut gathered, &mut payloads);
    payloads
}

fn vpx_payloads(frame: &[u8], limit: usize, descriptor: impl Fn(bool, bool) -> Vec<u8>) -> Vec<Vec<u8>> {
    let chunks: Vec<_> = frame.chunks(limit).collect();
    let payload = |(index, chunk): (usize, &&[u8])| {
        let mut payload = descriptor(index == 0, index + 1 == chunks.len());
        payload.extend_from_slice(chunk);
        payload
    };
    chunks.iter().enumerate().map(payload).collect()
}

/// Each OBU without its size field, in elements that each have a length, cut where a packet is full.
fn av1_payloads(sample: &[u8], limit: usize) -> Vec<Vec<u8>> {
    let mut payloads: Vec<Vec<u8>> = Vec::new();
    // A temporal delimiter in front, which encoders write and some senders forget to leave out.
    let mut obus = vec![vec![2 << 3]];
    let mut rest = sample;
    while !rest.is_empty() {
        let header = if rest[0] & 0x04 != 0 { 2 } else { 1 };
        let (mut size, mut shift, mut at) = (0_usize, 0, header);
        loop {
            size |= usize::from(rest[at] & 0x7f) << shift;
            shift += 7;
            at += 1;
            if rest[at - 1] & 0x80 == 0 {
                break;
            }
        }
        let mut obu = rest[..header].to_vec();
        obu[0] &= !0x02;
        obu.extend_from_slice(&rest[at..at + size]);
        obus.push(obu);
        rest = &rest[at + size..];
    }
    for obu in obus {
        let mut left = obu.as_slice();
        let mut continues = false;
        loop {
            let room = payloads.last().map_or(0, |payload| limit.saturating_sub(payload.len()));
            if room < 8 || continues {
                payloads.push(vec![u8::from(continues) << 7]);
            }
            let payload = payloads.last_mut().expect("pushed above");
            let take = left.len().min(limit.saturating_sub(payload.len()).max(1));
            leb128(payload, take);
            payload.extend_from_slice(&left[..take]);
            left = &left[take..];
            continues = !left.is_empty();
            if !continues {
                break;
            }
            payload[0] |= 0x40;
        }
    }
    payloads
}

fn leb128(out: &mut Vec<u8>, mut size: usize) {
    while size >= 0x80 {
        out.push(size as u8 | 0x80);
        size >>= 7;
    }
    out.push(size as u8);
}
