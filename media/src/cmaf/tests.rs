//! What is written is read again, by this crate and by the demuxer of another one.

use proptest::prelude::*;
use shiguredo_mp4::TrackKind;
use shiguredo_mp4::demux::Fmp4SegmentDemuxer;

use super::*;
use crate::track::{Rotation, TrackConfig, vp8};

fn video() -> TrackConfig {
    vp8(&[0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00]).unwrap()
}

fn sample(data: &[u8], duration: u32, offset: i32, key: bool) -> Sample {
    Sample { data: Bytes::copy_from_slice(data), duration, offset, key }
}

#[test]
fn an_init_segment_is_understood_by_another_reader() {
    for (config, kind, timescale) in
        [(video(), TrackKind::Video, 90_000), (TrackConfig::opus(), TrackKind::Audio, 48_000)]
    {
        let bytes = init_segment(&config);
        assert_eq!(bytes, init_segment(&config), "the same track, the same bytes");
        assert_eq!(&bytes[4..12], b"ftypiso6");
        assert!(bytes[..40].windows(4).any(|brand| brand == b"cmfc"));
        let mut demuxer = Fmp4SegmentDemuxer::new();
        demuxer.handle_init_segment(&bytes).unwrap();
        let tracks = demuxer.tracks().unwrap();
        assert_eq!(tracks.len(), 1);
        assert_eq!((tracks[0].kind, tracks[0].timescale.get(), tracks[0].track_id), (kind, timescale, TRACK));
    }
}

#[test]
fn a_turned_picture_is_moved_back_into_view() {
    // A point (x, y) is shown at (a x + c y + tx, b x + d y + ty), ISO/IEC 14496-12 6.2.2.
    for rotation in [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters] {
        let config = video().turned(rotation);
        let bytes = init_segment(&config);
        let tkhd = bytes.windows(4).position(|kind| kind == b"tkhd").unwrap();
        // Behind the kind: version and flags, two times, track, reserved, duration, 16 bytes of other things.
        let matrix: Vec<i64> = bytes[tkhd + 4 + 40..]
            .chunks_exact(4)
            .take(9)
            .map(|number| i64::from(i32::from_be_bytes(number.try_into().unwrap())))
            .collect();
        let shown = |x: i64, y: i64| {
            let (to_x, to_y) =
                (matrix[0] * x + matrix[3] * y + matrix[6], matrix[1] * x + matrix[4] * y + matrix[7]);
            (to_x >> 16, to_y >> 16)
        };
        let corners = [(0, 0), (320, 0), (0, 180), (320, 180)].map(|(x, y)| shown(x, y));
        let (width, height) =
            config.size().map(|(width, height)| (i64::from(width), i64::from(height))).unwrap();
        let mut sorted = corners;
        sorted.sort_unstable();
        assert_eq!(sorted, [(0, 0), (0, height), (width, 0), (width, height)], "{rotation:?}");
        // Where the upper left corner of what the camera saw comes to lie.
        let expected = match rotation {
            Rotation::None => (0, 0),
            Rotation::Quarter => (width, 0),
            Rotation::Half => (width, height),
            Rotation::ThreeQuarters => (0, height),
        };
        assert_eq!(corners[0], expected, "{rotation:?}");
        assert_eq!(matrix[8], 1 << 30);
    }
}

#[test]
fn a_part_is_understood_by_another_reader() {
    let written = [
        sample(b"key", 3_000, 0, true),
        sample(b"later", 3_001, 6_000, false),
        sample(b"b", 2_999, -3_000, false),
    ];
    let bytes = part(7, 1 << 40, &written);
    let mut demuxer = Fmp4SegmentDemuxer::new();
    demuxer.handle_init_segment(&init_segment(&video())).unwrap();
    let samples = demuxer.handle_media_segment(&bytes).unwrap();
    assert_eq!(samples.len(), 3);
    let mut decode = 1 << 40;
    for (read, sample) in samples.iter().zip(&written) {
        let start = usize::try_from(read.data_offset).unwrap();
        assert_eq!(bytes[start..start + read.data_size], sample.data);
        assert_eq!((read.timestamp, read.duration, read.keyframe), (decode, sample.duration, sample.key));
        assert_eq!(read.composition_time_offset.unwrap_or(0), i64::from(sample.offset));
        decode += u64::from(sample.duration);
    }
}

#[test]
fn a_fragment_tells_its_number_times_and_whether_it_begins_with_a_key_frame() {
    let mut bytes =
        part(1, 90_000, &[sample(b"abc", 3_000, 0, true), sample(b"d", 3_000, 0, false)]).to_vec();
    let first = bytes.len();
    bytes.extend(part(2, 96_000, &[sample(b"e", 1_000, 0, false), sample(b"f", 1, 0, true)]));
    let found: Vec<_> = fragments(&bytes).collect();
    assert_eq!(found.len(), 2);
    let expected = Fragment {
        start: first,
        length: bytes.len() - first,
        sequence: 2,
        base_decode_time: 96_000,
        samples: 2,
        duration: 1_001,
        key: false,
    };
    assert_eq!(found[1], expected);
    assert_eq!((found[0].start, found[0].length, found[0].key), (0, first, true));
    assert_eq!(complete_prefix(&bytes), bytes.len());
    let starts: Vec<_> = samples(&bytes).iter().map(|sample| (sample.decode, bytes[sample.start])).collect();
    assert_eq!(starts, [(90_000, b'a'), (93_000, b'd'), (96_000, b'e'), (97_000, b'f')]);
}

#[test]
fn a_file_torn_anywhere_is_cut_behind_its_last_whole_part() {
    let mut bytes = Vec::new();
    let mut ends = vec![0];
    for index in 0..4_u32 {
        let written: Vec<_> =
            (0..=index).map(|sample_index| sample(&[7; 5], 3_000, 3, sample_index == 0)).collect();
        bytes.extend(part(index + 1, u64::from(index) * 90_000, &written));
        ends.push(bytes.len());
    }
    for cut in 0..=bytes.len() {
        let expected = ends.iter().rev().find(|end| **end <= cut).unwrap();
        assert_eq!(complete_prefix(&bytes[..cut]), *expected, "cut at {cut}");
        assert_eq!(samples(&bytes[..cut]).len(), samples(&bytes[..*expected]).len());
    }
}

#[test]
fn zeros_where_a_part_should_be_are_no_part() {
    let mut bytes = part(1, 0, &[sample(b"abc", 1, 0, true)]).to_vec();
    let whole = bytes.len();
    bytes.extend([0; 4_096]);
    assert_eq!(complete_prefix(&bytes), whole);
    assert_eq!(complete_prefix(&[0; 64]), 0);
    assert_eq!(complete_prefix(&[]), 0);
}

#[test]
fn a_part_without_samples_is_a_part() {
    let bytes = part(1, 5, &[]);
    assert_eq!(
        fragments(&bytes).map(|fragment| (fragment.samples, fragment.key)).collect::<Vec<_>>(),
        [(0, false)]
    );
}

prop_compose! {
    fn any_sample()(
        data in prop::collection::vec(any::<u8>(), 0..40), duration: u32, offset: i32, key: bool,
    ) -> Sample {
        sample(&data, duration, offset, key)
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read_again(
        sequence: u32, base in 0..u64::MAX / 2, written in prop::collection::vec(any_sample(), 1..20),
    ) {
        let bytes = part(sequence, base, &written);
        let found: Vec<_> = fragments(&bytes).collect();
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!((found[0].start, found[0].length), (0, bytes.len()));
        prop_assert_eq!((found[0].sequence, found[0].base_decode_time), (sequence, base));
        prop_assert_eq!(found[0].key, written[0].key);
        let read = samples(&bytes);
        prop_assert_eq!(read.len(), written.len());
        for (read, sample) in read.iter().zip(&written) {
            prop_assert_eq!(&bytes[read.start..read.start + read.length], &sample.data[..]);
            prop_assert_eq!((read.duration, read.offset, read.key), (sample.duration, sample.offset, sample.key));
        }
    }

    #[test]
    fn garbage_has_no_part_longer_than_itself(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(complete_prefix(&bytes) <= bytes.len());
        samples(&bytes);
    }

    #[test]
    fn a_damaged_file_is_never_read_past_its_end(
        written in prop::collection::vec(any_sample(), 1..5), at in any::<prop::sample::Index>(), value: u8,
    ) {
        let mut bytes = part(1, 0, &written).to_vec();
        bytes.extend_from_slice(&part(2, 9, &written));
        *at.get_mut(&mut bytes) = value;
        let end = complete_prefix(&bytes);
        prop_assert!(end <= bytes.len());
        for sample in samples(&bytes) {
            prop_assert!(sample.start + sample.length <= end);
        }
    }
}
