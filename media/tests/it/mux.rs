//! Streams of real encoders go through packets into files, and programs of others read them: ffprobe finds
//! streams and times, and ffmpeg decodes the same pictures as from its own file.

use shiguredo_mp4::demux::Fmp4SegmentDemuxer;
use sluice_domain::Codec;
use sluice_media::cmaf::{fragments, samples};

use crate::encode::{self, Encoded, run};
use crate::packetise::{packets, payloads};
use crate::record::{file, frames};

/// From encoder to file: parameter sets in front of every key frame, packets of `limit` bytes.
fn recorded(encoded: &Encoded, limit: usize) -> Vec<u8> {
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
    file(&frames, 9)
}

/// `(name, width, height, number of packets)` of the only stream.
fn probed(file: &[u8]) -> Vec<String> {
    let arguments = "-v warning -count_packets -show_entries stream=codec_name,codec_tag_string,width,height,nb_read_packets -of csv=p=0 -i pipe:0";
    let text = String::from_utf8(run("ffprobe", arguments, file)).expect("ffprobe prints text");
    text.trim().split(',').map(str::to_owned).collect()
}

/// Presentation and decoding times of the packets, in milliseconds.
fn times(file: &[u8]) -> Vec<(i64, i64)> {
    let arguments = "-v warning -show_entries packet=pts_time,dts_time -of csv=p=0 -i pipe:0";
    let text = String::from_utf8(run("ffprobe", arguments, file)).expect("ffprobe prints text");
    let millis = |text: &str| (text.parse::<f64>().expect("a time") * 1_000.0).round() as i64;
    text.lines()
        .map(|line| {
            let mut fields = line.split(',');
            (millis(fields.next().expect("pts")), millis(fields.next().expect("dts")))
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

fn check_video(codec: Codec, options: &str, name: &str, tag: &str) {
    let encoded = encode::video(codec, options);
    for limit in [1_200, 180] {
        let file = recorded(&encoded, limit);
        assert_eq!(probed(&file), [name, tag, "320", "180", "50"], "{codec:?}");

        let times = times(&file);
        assert!(times.windows(2).all(|pair| pair[0].1 < pair[1].1), "decoding times rise: {times:?}");
        let mut shown: Vec<_> = times.iter().map(|(presentation, _)| *presentation).collect();
        shown.sort_unstable();
        assert!(shown.windows(2).all(|pair| pair[1] - pair[0] == 40), "25 a second: {shown:?}");

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
    check_video(Codec::H264, "-c:v libx264 -bf 0 -g 25 -profile:v baseline", "h264", "avc1");
}

#[test]
fn h264_with_b_frames_keeps_the_order_of_the_screen() {
    check_video(Codec::H264, "-c:v libx264 -bf 3 -b_strategy 0 -g 25", "h264", "avc1");
}

#[test]
fn h264_with_b_frames_that_does_not_tell_its_depth_keeps_the_order_of_the_screen() {
    // Without the bitstream restriction in the SPS the depth has to be found out.
    let options = "-c:v libx264 -bf 3 -b_strategy 0 -g 25 -bsf:v h264_metadata=level=3";
    check_video(Codec::H264, options, "h264", "avc1");
}

#[test]
fn h265_is_recorded_as_it_was_sent() {
    let options =
        "-c:v libx265 -tag:v hvc1 -preset ultrafast -x265-params log-level=error:keyint=25:bframes=0";
    check_video(Codec::H265, options, "hevc", "hvc1");
}

#[test]
fn h265_with_b_frames_and_open_groups_keeps_the_order_of_the_screen() {
    let options = "-c:v libx265 -tag:v hvc1 -preset ultrafast \
                   -x265-params log-level=error:keyint=25:bframes=3:b-adapt=0:open-gop=1";
    check_video(Codec::H265, options, "hevc", "hvc1");
}

#[test]
fn vp8_is_recorded_as_it_was_sent() {
    check_video(Codec::Vp8, "-c:v libvpx -deadline realtime -auto-alt-ref 0 -g 25", "vp8", "vp08");
}

#[test]
fn vp9_is_recorded_as_it_was_sent() {
    check_video(
        Codec::Vp9,
        "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -auto-alt-ref 0 -g 25",
        "vp9",
        "vp09",
    );
}

#[test]
fn av1_is_recorded_as_it_was_sent() {
    check_video(
        Codec::Av1,
        "-c:v libaom-av1 -usage realtime -cpu-used 8 -lag-in-frames 0 -g 25",
        "av1",
        "av01",
    );
}

#[test]
fn opus_is_recorded_as_it_was_sent() {
    let encoded = encode::opus();
    let file = recorded(&encoded, 1_200);
    assert_eq!(probed(&file)[..2], ["opus", "Opus"]);
    let times = times(&file);
    assert_eq!(times.len(), encoded.frames.len());
    assert!(times.windows(2).all(|pair| pair[1].1 - pair[0].1 == 20), "{times:?}");
    let decoded = run("ffmpeg", "-v error -i pipe:0 -f s16le -ac 1 pipe:1", &file);
    let seconds = decoded.len() as f64 / 2.0 / 48_000.0;
    assert!((1.99..2.05).contains(&seconds), "{seconds} s of sound");
    assert!(decoded.iter().any(|byte| *byte != 0), "and it is to be heard");
}
