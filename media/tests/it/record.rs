//! Packets to a file, in the way a recorder does it.

use sluice_domain::Codec;
use sluice_media::cmaf::{self, Sample};
use sluice_media::depacketise::{Depacketiser, Frame, Piece};
use sluice_media::order::{DecodeOrder, Timed};
use sluice_media::tapped::TappedPacket;
use sluice_media::track::TrackConfig;

/// What comes out for packets as they arrive.
pub(crate) fn pieces<'a>(codec: Codec, packets: impl IntoIterator<Item = &'a TappedPacket>) -> Vec<Piece> {
    let mut depacketiser = Depacketiser::new(codec);
    let mut out = Vec::new();
    for packet in packets {
        depacketiser.push(packet, &mut out);
    }
    depacketiser.flush(&mut out);
    out
}

/// The frames of what must have no gap.
pub(crate) fn frames<'a>(codec: Codec, packets: impl IntoIterator<Item = &'a TappedPacket>) -> Vec<Frame> {
    pieces(codec, packets)
        .into_iter()
        .map(|piece| match piece {
            Piece::Frame(frame) => frame,
            Piece::Gap { packets } => panic!("a gap of {packets} packets"),
        })
        .collect()
}

/// How far a stream reorders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// As its track tells.
    Told,
    /// Nobody tells; the times of the frames do.
    FoundOut,
}

/// An init segment and parts of at most `per_part` frames, one behind the other.
pub(crate) fn file(frames: &[Frame], per_part: usize, depth: Depth) -> Vec<u8> {
    let config: &TrackConfig = frames[0].config.as_deref().expect("begins with a key frame");
    let mut bytes = cmaf::init_segment(config).to_vec();
    for (index, chunk) in samples(frames, depth).chunks(per_part).enumerate() {
        let base = u64::try_from(chunk[0].decode).expect("times of tests are positive");
        let samples: Vec<Sample> =
            chunk.iter().map(|timed| Sample { offset: timed.offset, ..timed.item.clone() }).collect();
        bytes.extend(cmaf::part(index as u32 + 1, base, &samples));
    }
    bytes
}

/// Frames with decoding times and durations; the last one lasts as long as the one before.
fn samples(frames: &[Frame], depth: Depth) -> Vec<Timed<Sample>> {
    let mut order = DecodeOrder::default();
    if depth == Depth::Told {
        order.set_depth(frames[0].config.as_ref().and_then(|config| config.max_reorder()).expect("told"));
    }
    let mut timed = Vec::new();
    for frame in frames {
        order.push(i64::from(frame.timestamp), frame.key, frame, &mut timed);
    }
    order.flush(&mut timed);
    let mut durations: Vec<u32> =
        timed.windows(2).map(|pair| (pair[1].decode - pair[0].decode) as u32).collect();
    durations.extend(durations.last().copied());
    timed
        .into_iter()
        .zip(durations)
        .map(|(timed, duration)| {
            let Timed { decode, offset, item } = timed;
            Timed {
                decode,
                offset,
                item: Sample { data: item.data.clone(), duration, offset, key: item.key },
            }
        })
        .collect()
}
