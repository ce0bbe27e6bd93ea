//! Streams of real encoders, made while the test runs by the ffmpeg that `scripts/setup` installs.

use std::io::Write as _;
use std::process::{Command, Stdio};

use shiguredo_mp4::boxes::SampleEntry;
use shiguredo_mp4::demux::{DemuxError, Fmp4FileDemuxer, Input};
use sluice_domain::Codec;

/// A track as ffmpeg wrote it.
pub(crate) struct Encoded {
    pub(crate) codec: Codec,
    /// The file that it was read from.
    pub(crate) file: Vec<u8>,
    /// Parameter sets of the sample entry.
    pub(crate) sets: Vec<Vec<u8>>,
    /// Frames in the order of decoding.
    pub(crate) frames: Vec<EncodedFrame>,
}

pub(crate) struct EncodedFrame {
    /// When it is shown, in units of the RTP clock.
    pub(crate) presentation: u32,
    pub(crate) key: bool,
    pub(crate) data: Vec<u8>,
}

/// Two seconds of a test picture, 320 times 180, 25 a second, encoded with `options`.
pub(crate) fn video(codec: Codec, options: &str) -> Encoded {
    encode(codec, "testsrc2=size=320x180:rate=25:duration=2", &format!("-pix_fmt yuv420p {options}"))
}

/// Two seconds of a tone.
pub(crate) fn opus() -> Encoded {
    encode(Codec::Opus, "sine=frequency=440:duration=2", "-c:a libopus -b:a 64k -ac 2 -ar 48000")
}

fn encode(codec: Codec, source: &str, options: &str) -> Encoded {
    // ffmpeg 5 writes no VP8 into MP4.
    let format = if codec == Codec::Vp8 { "ivf" } else { "mp4" };
    // libaom tells its sequence header only with the first frame.
    let moov = if codec == Codec::Av1 { "delay_moov" } else { "empty_moov" };
    let arguments = format!(
        "-v error -f lavfi -i {source} -threads 1 {options} -video_track_timescale 90000 \
         -movflags frag_keyframe+{moov}+default_base_moof -f {format} pipe:1"
    );
    let file = run("ffmpeg", &arguments, &[]);
    let (sets, frames) = if codec == Codec::Vp8 { (Vec::new(), of_ivf(&file)) } else { of_mp4(codec, &file) };
    assert!(!frames.is_empty());
    Encoded { codec, file, sets, frames }
}

/// Parameter sets and frames.
fn of_mp4(codec: Codec, file: &[u8]) -> (Vec<Vec<u8>>, Vec<EncodedFrame>) {
    let (mut sets, mut frames) = (Vec::new(), Vec::new());
    let mut demuxer = Fmp4FileDemuxer::new();
    loop {
        let required = match demuxer.next_sample() {
            Ok(Some(sample)) => {
                assert_eq!(sample.track.timescale.get(), codec.clock_rate());
                if let Some(entry) = sample.sample_entry {
                    sets = parameter_sets(entry);
                }
                let presentation = sample.timestamp as i64 + sample.composition_time_offset.unwrap_or(0);
                let start = sample.data_offset as usize;
                frames.push(EncodedFrame {
                    presentation: presentation as u32,
                    key: sample.keyframe,
                    data: file[start..start + sample.data_size].to_vec(),
                });
                continue;
            }
            Ok(None) => return (sets, frames),
            Err(DemuxError::InputRequired(required)) => required,
            Err(error) => panic!("ffmpeg's file is sound: {error}"),
        };
        let start = (required.position as usize).min(file.len());
        let end = required.size.map_or(file.len(), |size| (start + size).min(file.len()));
        demuxer.handle_input(Input { position: required.position, data: &file[start..end] });
    }
}

/// A header of 32 bytes; before each frame its size and its time in 25ths of a second.
fn of_ivf(file: &[u8]) -> Vec<EncodedFrame> {
    let mut frames = Vec::new();
    let mut rest = &file[32..];
    while let Some((header, behind)) = rest.split_first_chunk::<12>() {
        let size = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
        let time = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
        let (frame, behind) = behind.split_at(size as usize);
        frames.push(EncodedFrame {
            presentation: time * 3_600,
            key: frame[0] & 1 == 0,
            data: frame.to_vec(),
        });
        rest = behind;
    }
    frames
}

fn parameter_sets(entry: &SampleEntry) -> Vec<Vec<u8>> {
    match entry {
        SampleEntry::Avc1(entry) => {
            [&entry.avcc_box.sps_list, &entry.avcc_box.pps_list].into_iter().flatten().cloned().collect()
        }
        SampleEntry::Hev1(entry) => arrays(&entry.hvcc_box),
        SampleEntry::Hvc1(entry) => arrays(&entry.hvcc_box),
        _ => Vec::new(),
    }
}

fn arrays(hvcc: &shiguredo_mp4::boxes::HvccBox) -> Vec<Vec<u8>> {
    // x265's array of SEI messages is none of parameter sets.
    let is_set = |kind: u8| (32..=34).contains(&kind);
    let arrays = hvcc.nalu_arrays.iter().filter(|array| is_set(array.nal_unit_type.get()));
    arrays.flat_map(|array| array.nalus.clone()).collect()
}

/// Runs a program on `input`; answers with what it printed. What it complains of fails the test.
pub(crate) fn run(program: &str, arguments: &str, input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} is missing ({error}): scripts/setup installs it"));
    let mut stdin = child.stdin.take().expect("piped above");
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            // A program that has seen enough closes its end.
            let _ = stdin.write_all(input);
        });
        child.wait_with_output().expect("the child was started above")
    });
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments}: {complaints}");
    assert!(!complaints.to_lowercase().contains("error"), "{program} {arguments}: {complaints}");
    output.stdout
}
