//! One quality of the video: where in its clip it is, and how its frames become packets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::outgoing::{FrameTimes, Outgoing, Place, Wire};
use crate::media::clip::{Clip, Picture};
use crate::media::{MAX_PAYLOAD, VideoCodec, h264, split, stamp, vp8};

/// Requests whose time is remembered; a server that asks more often is told by the count.
const MAX_REQUESTS: usize = 100_000;
/// A byte that no start code and no emulation prevention looks at.
const FILL: u8 = 0x5a;

/// What a layer did and heard.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LayerCounts {
    pub(crate) frames: u64,
    pub(crate) key_frames: u64,
    pub(crate) plis: u64,
    pub(crate) firs: u64,
    pub(crate) nacked: u64,
    pub(crate) reports: u64,
    /// Of the latest receiver report.
    pub(crate) remote_lost: u32,
    pub(crate) remote_fraction_lost: u8,
    pub(crate) remote_jitter: u32,
    pub(crate) rtt_us: Option<i64>,
}

/// A layer.
pub(crate) struct Layer {
    pub(crate) rid: Option<String>,
    pub(crate) clip: Arc<Clip>,
    pub(crate) out: Outgoing,
    pub(crate) counts: LayerCounts,
    /// Frames from one key frame to the next, instead of those of the clip.
    pub(crate) key_every: Option<u64>,
    /// Bytes need not be decodable, so that packets are those of an encoder without fillers.
    pub(crate) opaque: bool,
    /// When a key frame was asked for.
    pub(crate) requests: Vec<Instant>,
    at: usize,
    since_key: u64,
    numbers: vp8::Numbers,
    key_wanted: bool,
    filling: Option<Filling>,
    frame: Vec<u8>,
}

/// Raises a clip to a bit rate: what a frame does not use of its share is filled.
struct Filling {
    bytes_per_frame: f64,
    credit: f64,
}

impl Filling {
    /// Filling bytes for a frame of this size. A key frame runs into debt, which the frames behind
    /// it pay.
    fn take(&mut self, len: usize) -> usize {
        self.credit += self.bytes_per_frame - len as f64;
        let filling = self.credit.max(0.0);
        self.credit -= filling;
        filling as usize
    }
}

impl Layer {
    /// A layer that starts at the beginning of its clip.
    pub(crate) fn new(
        clip: Arc<Clip>,
        rid: Option<&str>,
        out: Outgoing,
        bitrate: Option<f64>,
        fps: f64,
    ) -> Self {
        Self {
            rid: rid.map(str::to_owned),
            clip,
            out,
            counts: LayerCounts::default(),
            key_every: None,
            opaque: false,
            requests: Vec::new(),
            at: 0,
            since_key: 0,
            numbers: vp8::Numbers::starting_at(rand::random()),
            key_wanted: false,
            filling: bitrate.map(|bits| Filling { bytes_per_frame: bits / 8.0 / fps, credit: 0.0 }),
            frame: Vec::new(),
        }
    }

    /// The next frame shall be a key frame.
    pub(crate) fn want_key(&mut self) {
        self.key_wanted = true;
    }

    /// Notes that the server asked for a key frame.
    pub(crate) fn note_request(&mut self, now: Instant, full: bool) {
        if full {
            self.counts.firs += 1;
        } else {
            self.counts.plis += 1;
        }
        if self.requests.len() < MAX_REQUESTS {
            self.requests.push(now);
        }
    }

    /// Chooses the next picture.
    fn choose(&mut self) -> usize {
        let len = self.clip.pictures.len();
        let due = self.key_every.is_some_and(|every| self.since_key >= every);
        if std::mem::take(&mut self.key_wanted) || due {
            self.at = self.clip.next_key(self.at);
        } else if self.key_every.is_some() && self.since_key > 0 && self.clip.pictures[self.at].key {
            // The clip's own key frame comes too early.
            self.at = (self.at + 1) % len;
        }
        let chosen = self.at;
        self.since_key = if self.clip.pictures[chosen].key { 1 } else { self.since_key + 1 };
        self.at = (chosen + 1) % len;
        chosen
    }

    /// Sends the next frame.
    pub(crate) fn send_frame(
        &mut self,
        wire: &mut Wire<'_, '_>,
        timestamp: u32,
        wall: Duration,
    ) -> Result<()> {
        let chosen = self.choose();
        let picture = &self.clip.pictures[chosen];
        let times = FrameTimes { timestamp, ntp: stamp::noted(wall, picture.key), key: picture.key };
        let filling = self.filling.as_mut().map_or(0, |filling| filling.take(picture.len()));
        let in_payload = (!self.out.carries_capture_time()).then_some(times.ntp);
        match self.clip.codec {
            VideoCodec::Vp8 => {
                self.numbers.advance(picture.key);
                send_vp8(
                    &mut self.out,
                    &mut self.frame,
                    wire,
                    times,
                    picture,
                    &self.numbers,
                    filling,
                    in_payload,
                )?;
            }
            VideoCodec::H264 if self.opaque => {
                send_opaque_h264(&mut self.out, &mut self.frame, wire, times, picture, filling, in_payload)?;
            }
            VideoCodec::H264 => {
                send_h264(&mut self.out, wire, times, picture, filling, in_payload)?;
            }
        }
        self.counts.frames += 1;
        self.counts.key_frames += u64::from(picture.key);
        Ok(())
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "the parts of a layer are borrowed one by one while its picture is"
)]
fn send_vp8(
    out: &mut Outgoing,
    frame: &mut Vec<u8>,
    wire: &mut Wire<'_, '_>,
    times: FrameTimes,
    picture: &Picture,
    numbers: &vp8::Numbers,
    filling: usize,
    in_payload: Option<u64>,
) -> Result<()> {
    // Decoders do not look behind the last partition.
    frame.clear();
    picture.units.iter().for_each(|unit| frame.extend(unit));
    frame.resize(frame.len() + filling, FILL);
    if let Some(ntp) = in_payload {
        frame.extend_from_slice(&stamp::write(ntp));
    }
    // A stamp is always in one piece: several packets have more than half of the most each.
    for part in split::evenly(frame.len(), MAX_PAYLOAD - vp8::DESCRIPTOR_LEN) {
        let place = Place { first: part.start == 0, last: part.end == frame.len() };
        out.send(wire, times, place, &numbers.descriptor(place.first), &frame[part])?;
    }
    Ok(())
}

fn send_h264(
    out: &mut Outgoing,
    wire: &mut Wire<'_, '_>,
    times: FrameTimes,
    picture: &Picture,
    filling: usize,
    in_payload: Option<u64>,
) -> Result<()> {
    let sei = in_payload.map(h264::stamp_nal);
    let filler = (filling >= 3).then(|| h264::filler_nal(filling));
    // Parameter sets come before SEI messages, and both before the slices.
    let sets = leading_sets(picture);
    let nals: Vec<&[u8]> = picture.units[..sets]
        .iter()
        .chain(&sei)
        .chain(&picture.units[sets..])
        .chain(&filler)
        .map(Vec::as_slice)
        .collect();
    send_units(out, wire, times, &nals)
}

/// One unit a picture, with filling and stamp inside it, as the packets of an encoder look.
fn send_opaque_h264(
    out: &mut Outgoing,
    frame: &mut Vec<u8>,
    wire: &mut Wire<'_, '_>,
    times: FrameTimes,
    picture: &Picture,
    filling: usize,
    in_payload: Option<u64>,
) -> Result<()> {
    let sets = leading_sets(picture);
    frame.clear();
    picture.units[sets..].iter().for_each(|unit| frame.extend(unit));
    frame.resize(frame.len() + filling, FILL);
    if let Some(ntp) = in_payload {
        frame.extend_from_slice(&stamp::write(ntp));
    }
    let nals: Vec<&[u8]> = picture.units[..sets].iter().chain([&*frame]).map(Vec::as_slice).collect();
    send_units(out, wire, times, &nals)
}

/// How many parameter sets (H.264 NAL types 7 and 8) a picture begins with.
fn leading_sets(picture: &Picture) -> usize {
    picture.units.iter().take_while(|nal| matches!(nal[0] & 0x1f, 7 | 8)).count()
}

fn send_units(out: &mut Outgoing, wire: &mut Wire<'_, '_>, times: FrameTimes, nals: &[&[u8]]) -> Result<()> {
    let mut first = true;
    let mut result = Ok(());
    h264::packetise(nals, MAX_PAYLOAD, |prefix, body, last| {
        if result.is_ok() {
            result = out.send(wire, times, Place { first, last }, prefix, body);
            first = false;
        }
    });
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling_reaches_the_bit_rate_and_pays_for_key_frames() {
        let mut filling = Filling { bytes_per_frame: 1000.0, credit: 0.0 };
        assert_eq!(filling.take(400), 600);
        assert_eq!(filling.take(3000), 0);
        assert_eq!(filling.take(500), 0);
        assert_eq!(filling.take(100), 0);
        let total: usize = (0..100).map(|_| 100 + filling.take(100)).sum();
        assert!((98_000..=100_000).contains(&total), "{total}");
    }
}
