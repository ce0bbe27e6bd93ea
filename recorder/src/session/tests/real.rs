//! What a real encoder sends, read back by ffmpeg.

use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use super::*;

/// RTP packets of an encoder until it has exited: on a busy machine one that is silent may go on.
fn listen(socket: &UdpSocket, exited: &AtomicBool) -> Vec<(Instant, Vec<u8>)> {
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut packets = Vec::new();
    let mut buffer = [0; 2_048];
    loop {
        // Asked before: what came until then is still to be read.
        let last = exited.load(Ordering::Relaxed);
        match socket.recv(&mut buffer) {
            Ok(length) => packets.push((Instant::now(), buffer[..length].to_vec())),
            Err(_) if last => return packets,
            Err(_) => {}
        }
    }
}

fn encode(arguments: &str, port: u16) -> Child {
    Command::new("ffmpeg")
        .args("-v error -re -f lavfi".split(' '))
        .args(arguments.split(' '))
        .args(["-f", "rtp", &format!("rtp://127.0.0.1:{port}?pkt_size=1200")])
        .stdout(Stdio::null())
        .spawn()
        .expect("`scripts/setup test` installs ffmpeg")
}

/// What ffmpeg or ffprobe say of a file: what they print, and what they complain about.
fn ask(program: &str, arguments: &str, file: &std::path::Path) -> (String, String) {
    let arguments = arguments.replace("FILE", &file.to_string_lossy());
    let output = Command::new(program).args(arguments.split(' ')).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(output.stdout), text(output.stderr))
}

// Requirements: R119
#[test]
fn x264_with_b_frames_and_opus_play_without_complaint_in_ffmpeg() {
    let sockets = [0, 1].map(|_| UdpSocket::bind("127.0.0.1:0").unwrap());
    let ports = [0, 1].map(|index: usize| sockets[index].local_addr().unwrap().port());
    let video = "-i testsrc2=size=640x360:rate=25:duration=9 -c:v libx264 -preset veryfast -bf 2 -g 50 \
                 -pix_fmt yuv420p -b:v 800k -bsf:v dump_extra";
    let audio = "-i sine=frequency=440:sample_rate=48000:duration=9 -c:a libopus -ac 2 -b:a 64k";
    let mut encoders = [encode(video, ports[0]), encode(audio, ports[1])];
    let exited = Arc::new(AtomicBool::new(false));
    let listeners = sockets.map(|socket| {
        let exited = Arc::clone(&exited);
        thread::spawn(move || listen(&socket, &exited))
    });
    encoders.iter_mut().for_each(|encoder| assert!(encoder.wait().unwrap().success()));
    exited.store(true, Ordering::Relaxed);
    let heard = listeners.map(|listener| listener.join().unwrap());

    let begin = heard.iter().map(|packets| packets[0].0).min().unwrap();
    let mut packets: Vec<(Instant, TappedPacket)> = Vec::new();
    for (codec, heard) in [Codec::H264, Codec::Opus].into_iter().zip(&heard) {
        let word = |packet: &[u8]| u32::from_be_bytes(packet[4..8].try_into().unwrap());
        let (first_at, first) = (heard[0].0, word(&heard[0].1));
        for (at, packet) in heard {
            let steps = i64::from(word(packet).wrapping_sub(first).cast_signed());
            let since = steps * 1_000_000 / i64::from(codec.clock_rate());
            let offset = (first_at - begin).as_micros() as i64;
            packets.push((
                *at,
                TappedPacket {
                    source: codec.clock_rate(),
                    layer: 0,
                    codec,
                    seq: u64::from(u16::from_be_bytes([packet[2], packet[3]])) + 65_536,
                    timestamp: word(packet),
                    marker: packet[1] & 0x80 != 0,
                    payload: Arc::from(&packet[12..]),
                    captured: MediaTime(START + offset + since),
                    estimated: false,
                    orientation: None,
                },
            ));
        }
    }
    packets.sort_by_key(|(at, _)| *at);
    // Sequence numbers begin anywhere and may wrap.
    let mut newest: BTreeMap<u32, u64> = BTreeMap::new();
    for (_, packet) in &mut packets {
        let before = newest.entry(packet.source).or_insert(packet.seq);
        while packet.seq + 32_768 < *before {
            packet.seq += 65_536;
        }
        *before = packet.seq.max(*before);
    }
    let mut run = Run::new(Publisher::new(&[], true));
    for (at, packet) in packets {
        let now = MediaTime(START + (at - begin).as_micros() as i64);
        run.publisher.now = now.0;
        run.say(Tapped::Packets(vec![packet]), now);
    }
    let run = run.end();
    run.assert_sound();
    assert_eq!(run.book.gaps, 0);
    assert!(run.closed(V0).len() >= 2, "{:?}", run.closed(V0));

    let folder = tempfile::tempdir().unwrap();
    for (rendition, frames, step) in [(V0, 225, 3_600), (A0, 450, 960)] {
        let path = folder.path().join(format!("{rendition}.mp4"));
        let segments = run.files.iter().filter(|((of, _), _)| *of == rendition).flat_map(|(_, bytes)| bytes);
        let file: Vec<u8> = run.inits[&(rendition, 0)].iter().chain(segments).copied().collect();
        std::fs::write(&path, file).unwrap();
        let (told, complaints) = ask("ffprobe", "-v error -show_entries packet=dts -of csv=p=0 FILE", &path);
        assert_eq!(complaints, "", "{rendition}");
        // What ffprobe knows besides follows behind a comma.
        let first = |line: &str| line.split(',').next().and_then(|dts| dts.parse::<i64>().ok());
        let dts: Vec<i64> = told.lines().map(|line| first(line).expect("a decoding time")).collect();
        assert!((frames - 3..=frames + 3).contains(&dts.len()), "{rendition}: {} frames", dts.len());
        for pair in dts.windows(2) {
            let lasts = pair[1] - pair[0];
            assert!(
                (lasts - step).abs() <= step / 50,
                "{rendition} {pair:?}: decoding times rise, with no holes"
            );
        }
        let (_, complaints) = ask("ffmpeg", "-v error -i FILE -f null -", &path);
        assert_eq!(complaints, "", "{rendition} is decoded");
    }
}
