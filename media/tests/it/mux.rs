//! Streams of real encoders go through packets into files, and programs of others read them: ffprobe finds
//! streams and times, and ffmpeg decodes the same pictures as from its own file.

use shiguredo_mp4::demux::Fmp4SegmentDemuxer;
use sluice_domain::Codec;
use sluice_media::cmaf::{fragments, samples};

use crate::encode::{self, Encoded, run};
use crate::packetise::{packets, payloads};
use crate::record::{Depth, file, frames};

/// From encoder to file: parameter sets in front of every key frame, packets of `limit` bytes.
fn recorded(encoded: &Encoded, limit: usize, depth: Depth) -> Vec<u8> {
    let codec = encoded.codec;
    let sent: Vec<_> = encoded
        .frames
        .iter()
        .map(|frame| {
            let sets = if frame.key { encoded.sets.as_slice() } else { &[] };
            (frame.presentation, payloads(codec, &frame.data, sets, limit))
        })
        .collect();
    let frames = frames(codec, &packets(codec, &sent));
    assert_eq!(frames.len(), encoded.frames.len(), "{codec:?}");
    for (frame, source) in frames.iter().zip(&encoded.frames) {
        assert_eq!((frame.timestamp, frame.key), (source.presentation, source.key), "{codec:?}");
        assert_eq!(frame.data, source.data, "{codec:?}");
        assert_eq!(frame.config.is_some(), frame.key);
    }
    file(&frames, 9, depth)
}

/// `(name, width, height, number of packets)` of the only stream.
fn probed(file: &[u8]) -> Vec<String> {
    let arguments = "-v warning -count_packets -show_entries stream=codec_name,codec_tag_string,width,height,nb_read_packets -of csv=p=0 -i pipe:0";
    let text = String::from_utf8(run("ffprobe", arguments, file)).expect("ffprobe prints text");
    text.trim().split(',').map(str::to_owned).collect()
}

/// Presentation and decoding times of the packets, in microseconds.
fn times(file: &[u8]) -> Vec<(i64, i64)> {
    let arguments = "-v warning -show_entries packet=pts_time,dts_time -of csv=p=0 -i pipe:0";
    let text = String::from_utf8(run("ffprobe", arguments, file)).expect("ffprobe prints text");
    let micros = |text: &str| (text.parse::<f64>().expect("a time") * 1_000_000.0).round() as i64;
    text.lines()
        .map(|line| {
            let mut fields = line.split(',');
            (micros(fields.next().expect("pts")), micros(fields.next().expect("dts")))
        })
        .collect()
}

/// A hash for every decoded picture, in the order of the screen.
fn pictures(file: &[u8]) -> Vec<String> {
    let text = run("ffmpeg", "-v error -threads 1 -i pipe:0 -fps_mode passthrough -f framemd5 pipe:1", file);
    let text = String::from_utf8(text).expect("ffmpeg prints text");
    let hash = |line: &str| line.rsplit(',').next().expect("a last column").trim().to_owned();
    text.lines().filter(|line| !line.starts_with('#')).map(hash).collect()
}

fn check_video(codec: Codec, options: &str, depth: Depth, name: &str, tag: &str) {
    let encoded = encode::video(codec, options);
    for limit in [1_200, 180] {
        let file = recorded(&encoded, limit, depth);
        assert_eq!(probed(&file), [name, tag, "320", "180", "50"], "{codec:?}");

        let times = times(&file);
        assert!(times.windows(2).all(|pair| pair[0].1 < pair[1].1), "decoding times rise: {times:?}");
        let mut shown: Vec<_> = times.iter().map(|(presentation, _)| *presentation).collect();
        shown.sort_unstable();
        assert!(shown.windows(2).all(|pair| pair[1] - pair[0] == 40_000), "25 a second: {shown:?}");
        if depth == Depth::Told {
            let decoded: Vec<_> = times.iter().map(|(_, decoding)| *decoding).collect();
            let steps: Vec<_> = decoded.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert!(steps.iter().all(|step| *step == 40_000), "decoding times are as even: {steps:?}");
        }

        assert_eq!(pictures(&file), pictures(&encoded.file), "{codec:?} decodes as before");

        let start = file.windows(4).position(|kind| kind == b"moof").expect("a part") - 4;
        let parts = &file[start..];
        assert_eq!(fragments(parts).map(|fragment| fragment.samples).sum::<u32>(), 50);
        let mut demuxer = Fmp4SegmentDemuxer::new();
        demuxer.handle_init_segment(&file[..start]).expect("a sound init segment");
        let ours = samples(parts);
        let mut theirs = Vec::new();
        for fragment in fragments(parts) {
            let bytes = &parts[fragment.start..fragment.start + fragment.length];
            for sample in demuxer.handle_media_segment(bytes).expect("a sound part") {
                let offset = sample.composition_time_offset.unwrap_or(0);
                theirs.push((sample.timestamp, i64::from(sample.duration), offset, sample.keyframe));
            }
        }
        let ours: Vec<_> = ours
            .iter()
            .map(|sample| (sample.decode, i64::from(sample.duration), i64::from(sample.offset), sample.key))
            .collect();
        assert_eq!(ours, theirs, "two readers find the same samples");
    }
}

#[test]
fn h264_without_b_frames_is_recorded_as_it_was_sent() {
    check_video(Codec::H264, "-c:v libx264 -bf 0 -g 25 -profile:v baseline", Depth::Told, "h264", "avc1");
}

// Requirements: R119
#[test]
fn h264_with_b_frames_keeps_the_order_of_the_screen() {
    check_video(Codec::H264, "-c:v libx264 -bf 3 -b_strategy 0 -g 25", Depth::Told, "h264", "avc1");
}

#[test]
fn h264_with_b_frames_that_does_not_tell_its_depth_keeps_the_order_of_the_screen() {
    let options = "-c:v libx264 -bf 3 -b_strategy 0 -g 25";
    check_video(Codec::H264, options, Depth::FoundOut, "h264", "avc1");
}

// Requirements: R119
#[test]
fn h265_is_recorded_as_it_was_sent() {
    let options =
        "-c:v libx265 -tag:v hvc1 -preset ultrafast -x265-params log-level=error:keyint=25:bframes=0";
    check_video(Codec::H265, options, Depth::Told, "hevc", "hvc1");
}

#[test]
fn h265_with_b_frames_and_open_groups_keeps_the_order_of_the_screen() {
    let options = "-c:v libx265 -tag:v hvc1 -preset ultrafast \
                   -x265-params log-level=error:keyint=25:bframes=3:b-adapt=0:open-gop=1";
    check_video(Codec::H265, options, Depth::Told, "hevc", "hvc1");
}

#[test]
fn vp8_is_recorded_as_it_was_sent() {
    check_video(
        Codec::Vp8,
        "-c:v libvpx -deadline realtime -auto-alt-ref 0 -g 25",
        Depth::Told,
        "vp8",
        "vp08",
    );
}

#[test]
fn spatial_layers_of_vp9_are_one_sample_in_which_a_decoder_finds_each() {
    let encoded =
        encode::video(Codec::Vp9, "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -auto-alt-ref 0 -g 25");
    // A second layer that shows the picture of the first one again (`show_existing_frame` of slot 0).
    let again: &[u8] = &[0x88];
    for limit in [1_200, 180] {
        let sent: Vec<_> = encoded
            .frames
            .iter()
            .map(|frame| (frame.presentation, spatial_payloads(&[&frame.data, again], limit)))
            .collect();
        let frames = frames(Codec::Vp9, &packets(Codec::Vp9, &sent));
        assert_eq!(frames.len(), encoded.frames.len());
        for (frame, source) in frames.iter().zip(&encoded.frames) {
            assert_eq!(superframe(&frame.data), [&source.data, again]);
        }
        let twice: Vec<_> =
            pictures(&encoded.file).into_iter().flat_map(|hash| [hash.clone(), hash]).collect();
        assert_eq!(pictures(&file(&frames, 9, Depth::Told)), twice);
    }
}

/// The frames of a superframe, or the only frame (annex B of the bitstream specification).
fn superframe(data: &[u8]) -> Vec<&[u8]> {
    let marker = data[data.len() - 1];
    let (count, width) = (usize::from(marker & 7) + 1, usize::from(marker >> 3 & 3) + 1);
    let index = 2 + count * width;
    if marker & 0xe0 != 0xc0 || data.len() < index || data[data.len() - index] != marker {
        return vec![data];
    }
    let mut rest = &data[..data.len() - index];
    let sizes = data[data.len() - index + 1..data.len() - 1].chunks(width);
    sizes
        .map(|size| {
            let size = size.iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte));
            let (frame, behind) = rest.split_at(size);
            rest = behind;
            frame
        })
        .collect()
}

/// Each frame as a spatial layer of its own: picture id and layer, B and E around each layer.
fn spatial_payloads(layers: &[&[u8]], limit: usize) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for (layer, frame) in layers.iter().enumerate() {
        let count = frame.len().div_ceil(limit);
        for (index, chunk) in frame.chunks(limit).enumerate() {
            let begin = u8::from(index == 0) << 3;
            let end = u8::from(index + 1 == count) << 2;
            let mut payload = vec![0xa0 | begin | end, 0x85, 0x39, (layer as u8) << 1, 0];
            payload.extend_from_slice(chunk);
            all.push(payload);
        }
    }
    all
}

// Requirements: R119
#[test]
fn vp9_is_recorded_as_it_was_sent() {
    check_video(
        Codec::Vp9,
        "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -auto-alt-ref 0 -g 25",
        Depth::Told,
        "vp9",
        "vp09",
    );
}

// Requirements: R119
#[test]
fn av1_is_recorded_as_it_was_sent() {
    check_video(
        Codec::Av1,
        "-c:v libaom-av1 -usage realtime -cpu-used 8 -lag-in-frames 0 -g 25",
        Depth::Told,
        "av1",
        "av01",
    );
}

// Requirements: R119
#[test]
fn opus_is_recorded_as_it_was_sent() {
    let encoded = encode::opus();
    let file = recorded(&encoded, 1_200, Depth::Told);
    assert_eq!(probed(&file)[..2], ["opus", "Opus"]);
    let times = times(&file);
    assert_eq!(times.len(), encoded.frames.len());
    assert!(times.windows(2).all(|pair| pair[1].1 - pair[0].1 == 20_000), "{times:?}");
    let decoded = run("ffmpeg", "-v error -i pipe:0 -f s16le -ac 1 pipe:1", &file);
    let seconds = decoded.len() as f64 / 2.0 / 48_000.0;
    assert!((1.99..2.05).contains(&seconds), "{seconds} s of sound");
    assert!(decoded.iter().any(|byte| *byte != 0), "and it is to be heard");
}
