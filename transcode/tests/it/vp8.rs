//! VP8 in MP4, as the recorder writes it. ffmpeg reads that, but writes none.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sluice_transcode::Segment;

use crate::fixture::track as other_track;

/// Units of a second, as ffmpeg has them for 30 pictures a second.
const TIMESCALE: u64 = 15_360;
const PICTURE: u64 = TIMESCALE / 30;

/// Pictures of a segment of two seconds.
const SEGMENT: usize = 60;

/// A track of VP8 in segments of two seconds, each beginning with a key frame.
pub(crate) fn track(folder: &Path, size: &str, seconds: u32, start: Duration) -> Vec<Segment> {
    let ivf = folder.join("all.ivf");
    let done = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i"])
        .arg(format!("testsrc2=s={size}:r=30:d={seconds}"))
        .args(["-c", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-auto-alt-ref", "0"])
        .args(["-g", "60", "-keyint_min", "60", "-b:v", "400k"])
        .arg(&ivf)
        .status();
    assert!(done.unwrap().success());
    // What begins a track of H.264 of that size, renamed.
    let like = other_track(folder, "like", "libx264", size, 1, Duration::ZERO);
    let mut init = fs::read(&like[0].init).unwrap();
    rename(&mut init, b"avc1", b"vp08");
    rename(&mut init, b"avcC", b"free");
    let init_path = folder.join("init-0.mp4");
    fs::write(&init_path, init).unwrap();

    let all = fs::read(&ivf).unwrap();
    let pictures = pictures(&all);
    let first = start.as_millis() as u64 * TIMESCALE / 1000;
    let lots = pictures.chunks(SEGMENT).enumerate();
    let segments = lots.map(|(number, lot)| {
        let before = (number * SEGMENT) as u64 * PICTURE;
        let media = folder.join(format!("seg-{number}.m4s"));
        fs::write(&media, fragment(number as u32 + 1, first + before, lot)).unwrap();
        let time = |units: u64| Duration::from_secs_f64(units as f64 / TIMESCALE as f64);
        let duration = time(lot.len() as u64 * PICTURE);
        Segment { init: init_path.clone(), media, start: start + time(before), duration }
    });
    segments.collect()
}

fn rename(bytes: &mut [u8], from: &[u8; 4], to: &[u8; 4]) {
    let at = bytes.windows(4).position(|window| window == from).expect("the box is there");
    bytes[at..at + 4].copy_from_slice(to);
}

/// The frames of an IVF file.
fn pictures(ivf: &[u8]) -> Vec<&[u8]> {
    let (mut at, mut pictures) = (32, Vec::new());
    while at + 12 <= ivf.len() {
        let size = u32::from_le_bytes(ivf[at..at + 4].try_into().unwrap()) as usize;
        pictures.push(&ivf[at + 12..at + 12 + size]);
        at += 12 + size;
    }
    pictures
}

fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let size: usize = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut bytes = (size as u32).to_be_bytes().to_vec();
    bytes.extend(kind);
    parts.iter().for_each(|part| bytes.extend(*part));
    bytes
}

/// `moof` and `mdat` (ISO/IEC 14496-12 §8.8).
fn fragment(number: u32, time: u64, pictures: &[&[u8]]) -> Vec<u8> {
    let word = |number: u32| number.to_be_bytes();
    let moof = |offset: u32| {
        // Offset of the data; duration, size and flags of each sample.
        let mut run = [word(0x701), word(pictures.len() as u32), word(offset)].concat();
        for picture in pictures {
            let key = picture[0] & 1 == 0;
            let flags = if key { 0x0200_0000 } else { 0x0101_0000 };
            run.extend([word(PICTURE as u32), word(picture.len() as u32), word(flags)].concat());
        }
        let mut decode_time = word(0x0100_0000).to_vec();
        decode_time.extend(time.to_be_bytes());
        // The base of offsets is this box; the track is the first.
        let header = boxed(b"tfhd", &[&word(0x0002_0000), &word(1)]);
        let fragment = [header, boxed(b"tfdt", &[&decode_time]), boxed(b"trun", &[&run])].concat();
        boxed(b"moof", &[&boxed(b"mfhd", &[&word(0), &word(number)]), &boxed(b"traf", &[&fragment])])
    };
    let size = moof(0).len() as u32;
    [moof(size + 8), boxed(b"mdat", pictures)].concat()
}
