//! The send path of one viewer, read by another implementation of SRTP, and how datagrams share a send.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use proptest::prelude::*;
use rtc::srtp::context::Context;
use rtc::srtp::protection_profile::ProtectionProfile;
use sluice_domain::MediaTime;
use str0m::config::KeyingMaterial;
use str0m::crypto::dtls::SrtpProfile;

use super::*;
use crate::clock::{NodeClock, ntp64};
use crate::path::Proto;
use crate::rtcp::RtcpPacket;
use crate::testing::{self, start};

const AUDIO: u32 = 0xa0d1_0000;
const VIDEO: u32 = 0x71de_0000;
const RTX: u32 = 0x0000_4e7a;
const UTC: MediaTime = MediaTime(1_800_000_000_000_000);

/// Our address and the viewer's.
const PATH: Path = Path::udp(
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 1),
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)), 2),
);

fn packet(kind: MediaKind, seq: u64, length: usize) -> MediaPacket {
    MediaPacket {
        codec: Codec::H264,
        payload: (0..length).map(|at| at as u8 | 1).collect::<Vec<u8>>().into(),
        captured: UTC,
        estimated: false,
        ..testing::packet(kind, seq)
    }
}

fn to(seq: u64) -> Rewritten {
    Rewritten {
        seq,
        timestamp: 90_000,
        picture_id: None,
        tl0: None,
        key_idx: None,
        frame_number: None,
        changed: false,
    }
}

/// A viewer with audio, video and, if `rtx`, retransmissions, and the other end of its line.
struct Line {
    egress: Egress,
    transmits: Transmits,
    scratch: Vec<u8>,
    reading: Reading,
    now: Instant,
    /// Opens what the viewer gets.
    player: Context,
    /// Seals what the viewer sends.
    speaks: Context,
    video: u64,
    audio: u64,
}

impl Line {
    fn new(rtx: bool) -> Self {
        let material: Vec<u8> = (0..56).collect();
        let keys = Keys {
            material: KeyingMaterial::new(&material),
            profile: SrtpProfile::AEAD_AES_128_GCM,
            active: false,
        };
        let ids = Ids { transport: 3, mid: 4, playout: 5, ..Ids::default() };
        let stream = |ssrc, rtx: Option<u32>, rate, mid: &str| {
            let pts = rtx.iter().map(|_| (96, 97)).collect();
            OutStream::new((ssrc, rtx), ids, rate, pts, mid.into(), 7)
        };
        let tracks =
            (Some(stream(AUDIO, None, 48_000, "a1")), Some(stream(VIDEO, rtx.then_some(RTX), 90_000, "v1")));
        let crypto = rtc::crypto::default_provider().unwrap();
        let context = |key: usize, salt: usize| {
            let (key, salt) = (&material[key..key + 16], &material[salt..salt + 12]);
            Context::new(key, salt, ProtectionProfile::AeadAes128Gcm, None, None, crypto.crypto()).unwrap()
        };
        let provider = crate::dtls::provider();
        let egress =
            Egress::new(&keys, &provider, PATH, tracks, "name".to_owned(), 1_000_000, start()).unwrap();
        Self {
            egress,
            transmits: Transmits::default(),
            scratch: Vec::new(),
            reading: Reading::default(),
            now: start(),
            player: context(16, 44),
            speaks: context(0, 32),
            video: 100,
            audio: 500,
        }
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Egress, &mut Wire<'_>) -> T) -> T {
        let Self { egress, transmits, scratch, now, .. } = self;
        act(egress, &mut Wire { transmits, scratch, now: *now, playout: [0, 0, 20] })
    }

    fn wait(&mut self, millis: u64) {
        self.now += Duration::from_millis(millis);
    }

    fn video(&mut self, payload: usize, length: usize) -> u64 {
        self.video += 1;
        let seq = self.video;
        let packet = packet(MediaKind::Video, seq, payload);
        self.with(|egress, wire| egress.send(&packet, &to(seq), 96, length, wire)).unwrap();
        seq
    }

    fn audio(&mut self, payload: usize) {
        self.audio += 1;
        let seq = self.audio;
        let packet = packet(MediaKind::Audio, seq, payload);
        self.with(|egress, wire| egress.send(&packet, &to(seq), 111, 0, wire)).unwrap();
    }

    /// Sends what the viewer asked for once more; true where it got it.
    fn repair(&mut self, seq: u64, payload: usize) -> bool {
        let packet = packet(MediaKind::Video, seq, payload);
        self.with(|egress, wire| match egress.take_again(seq as u16, wire.now) {
            Some(again) => egress.repair(&packet, &again, wire),
            None => egress.repair_own(seq as u16, wire),
        })
    }

    /// What went out, one list for each system call.
    fn sends(&mut self) -> Vec<Vec<Vec<u8>>> {
        let sends = std::iter::from_fn(|| self.transmits.pop());
        sends.map(|send| send.datagrams().map(<[u8]>::to_vec).collect()).collect()
    }

    fn datagrams(&mut self) -> Vec<Vec<u8>> {
        self.sends().concat()
    }

    /// RTP packets as the player has them.
    fn opened(&mut self) -> Vec<Vec<u8>> {
        let datagrams = self.datagrams();
        datagrams.iter().map(|sealed| self.player.decrypt_rtp(sealed).unwrap().to_vec()).collect()
    }

    fn hear(&mut self, plain: &[u8]) -> Option<Asked> {
        let sealed = self.speaks.encrypt_rtcp(plain).unwrap();
        self.egress.receive(&sealed, PATH, self.now, UTC, &mut self.reading)
    }
}

fn ssrc(packet: &[u8]) -> u32 {
    u32::from_be_bytes(packet[8..12].try_into().unwrap())
}

fn seq(packet: &[u8]) -> u16 {
    u16::from_be_bytes([packet[2], packet[3]])
}

/// Where the payload begins.
fn body(packet: &[u8]) -> &[u8] {
    assert_eq!(packet[0] & 0x10, 0x10, "every packet here has extensions");
    &packet[16 + 4 * usize::from(u16::from_be_bytes([packet[14], packet[15]]))..]
}

fn tells_mid(packet: &[u8]) -> bool {
    packet.windows(3).any(|element| element == b"\x41v1" || element == b"\x41a1")
}

fn transport(packet: &[u8]) -> u16 {
    assert_eq!(packet[16], 0x31);
    u16::from_be_bytes([packet[17], packet[18]])
}

fn receiver_report(about: u32) -> Vec<u8> {
    let mut report = vec![0x81, 201, 0, 7, 0, 0, 0, 1];
    report.extend_from_slice(&about.to_be_bytes());
    report.resize(32, 0);
    report
}

fn nack(about: u32, entries: &[(u16, u16)]) -> Vec<u8> {
    let [high, low] = (2 + entries.len() as u16).to_be_bytes();
    let mut nack = vec![0x81, 205, high, low, 0, 0, 0, 1];
    nack.extend_from_slice(&about.to_be_bytes());
    for (first, following) in entries {
        nack.extend_from_slice(&first.to_be_bytes());
        nack.extend_from_slice(&following.to_be_bytes());
    }
    nack
}

#[test]
fn packets_of_a_picture_that_nearly_agree_are_padded_to_one_size() {
    let mut line = Line::new(true);
    let sizes = [1200, 1199, 1190, 1168, 1200];
    let longest = line.egress.length(&packet(MediaKind::Video, 1, 1200));
    for size in sizes {
        line.video(size, longest);
    }
    let sends = line.sends();
    assert_eq!(sends.len(), 1, "one system call");
    for (datagram, size) in sends[0].iter().zip(sizes) {
        assert_eq!(datagram.len(), longest);
        let opened = line.player.decrypt_rtp(datagram).unwrap();
        assert_eq!(opened[0] & 0x20 != 0, size < 1200, "the padding bit of {size}");
        let (media, padding) = body(&opened).split_at(size);
        assert_eq!(media, &*packet(MediaKind::Video, 1, size).payload);
        assert_eq!(padding.len(), 1200 - size);
        if let [zeros @ .., last] = padding {
            assert_eq!(usize::from(*last), padding.len());
            assert!(zeros.iter().all(|zero| *zero == 0));
        }
    }
}

#[test]
fn a_packet_that_lacks_more_than_a_little_is_not_padded() {
    let mut line = Line::new(true);
    let longest = line.egress.length(&packet(MediaKind::Video, 1, 1200));
    for size in [1200 - MOST_PADDING - 1, 400, 1201] {
        line.video(size, longest);
        let sent = line.datagrams().remove(0);
        assert_eq!(sent[0] & 0x20, 0);
        assert_eq!(sent.len(), line.egress.length(&packet(MediaKind::Video, 1, size)));
    }
}

#[test]
fn audio_rides_in_the_tail_of_a_picture_and_closes_the_send() {
    let mut line = Line::new(true);
    let longest = line.egress.length(&packet(MediaKind::Video, 1, 1200));
    for _ in 0..3 {
        line.video(1200, longest);
    }
    line.audio(100);
    line.video(1200, longest);
    let counts: Vec<usize> = line.sends().iter().map(Vec::len).collect();
    assert_eq!(counts, [4, 1]);
}

#[test]
fn every_packet_has_the_next_transport_wide_number() {
    let mut line = Line::new(true);
    for at in 0..50 {
        match at % 4 {
            0 => line.audio(80),
            1 => {
                let seq = line.video;
                line.repair(seq, 300);
            }
            2 => {
                line.with(|egress, wire| egress.pad(None, 1, wire));
            }
            _ => {
                line.video(300, 0);
            }
        }
        line.wait(25);
    }
    let numbers: Vec<u16> = line.opened().iter().map(|packet| transport(packet)).collect();
    assert!(numbers.len() > 40 && numbers.iter().copied().eq(0..numbers.len() as u16), "{numbers:?}");
}

#[test]
fn no_number_is_used_twice_by_any_stream() {
    let mut line = Line::new(true);
    let mut seen = HashSet::new();
    for round in 0..300_u64 {
        let first = line.video(500, 0);
        line.audio(80);
        line.video += 1;
        let own = line.video;
        line.with(|egress, wire| egress.send_own(96, own, 1, vec![1; 30], UTC, wire));
        line.wait(30);
        for seq in [first, own, first.saturating_sub(round), own, first] {
            line.repair(seq, 500);
        }
        line.with(|egress, wire| egress.pad(None, 1, wire));
    }
    for datagram in line.datagrams() {
        assert!(seen.insert((ssrc(&datagram), seq(&datagram))), "{:x} {}", ssrc(&datagram), seq(&datagram));
    }
    assert_eq!(seen.iter().map(|(ssrc, _)| *ssrc).collect::<HashSet<_>>().len(), 3);
}

#[test]
fn a_repair_goes_on_the_stream_of_its_own_behind_the_first_number() {
    let mut line = Line::new(true);
    let seq = line.video(700, 0);
    line.opened();
    assert!(line.repair(seq, 700));
    let repaired = line.opened().remove(0);
    assert_eq!((ssrc(&repaired), repaired[1] & 0x7f), (RTX, 97));
    assert_eq!(body(&repaired)[..2], (seq as u16).to_be_bytes());
    assert_eq!(body(&repaired)[2..], *packet(MediaKind::Video, seq, 700).payload);
    assert!(!line.repair(seq, 700), "not at once again");
    assert!(!line.repair(seq + 1, 700), "never sent");
}

#[test]
fn nothing_is_sent_again_where_that_was_not_agreed_on() {
    let mut line = Line::new(false);
    let seq = line.video(700, 0);
    line.with(|egress, wire| egress.send_own(96, seq + 1, 1, vec![1; 30], UTC, wire));
    line.opened();
    line.wait(100);
    assert!(!line.repair(seq, 700) && !line.repair(seq + 1, 700));
    assert_eq!(line.with(|egress, wire| egress.pad(None, 1, wire)), 0);
    line.egress.set_wanted(5_000_000, 5_000_000);
    assert!(line.egress.padding_due(line.now + Duration::from_secs(1)).is_none());
    assert!(line.datagrams().is_empty());
}

#[test]
fn repairs_take_their_share_and_no_more() {
    let mut line = Line::new(true);
    let sent: Vec<u64> = (0..400).map(|_| line.video(1200, 0)).collect();
    line.wait(50);
    let repaired = sent.iter().filter(|seq| line.repair(**seq, 1200)).count() as i64;
    assert!((repaired * 1200 - REPAIR_BURST).abs() < 10_000, "{repaired} in one burst");
    line.wait(50);
    assert!(!sent.iter().any(|seq| line.repair(*seq, 1200)), "nothing is left");
    for _ in 0..40 {
        line.video(1200, 0);
    }
    let more = sent.iter().filter(|seq| line.repair(**seq, 1200)).count();
    assert!((19..=21).contains(&more), "half of 40 packets: {more}");
}

#[test]
fn parameter_sets_of_our_own_can_be_asked_for_again() {
    let mut line = Line::new(true);
    line.with(|egress, wire| egress.send_own(96, 7_000, 1234, vec![9; 40], UTC, wire));
    let first = line.opened().remove(0);
    assert_eq!((ssrc(&first), seq(&first), body(&first)), (VIDEO, 7_000_u64 as u16, &[9; 40][..]));
    for _ in 0..2 {
        line.wait(100);
        assert!(line.repair(7_000, 0));
        let again = line.opened().remove(0);
        assert_eq!(ssrc(&again), RTX);
        assert_eq!(body(&again)[..2], (7_000_u64 as u16).to_be_bytes());
        assert_eq!(body(&again)[2..], [9; 40]);
        assert_eq!(again[4..8], first[4..8], "the timestamp stays");
    }
    assert!(!line.repair(7_001, 0));
}

#[test]
fn asking_for_parameter_sets_again_and_again_is_in_vain() {
    let mut line = Line::new(true);
    line.with(|egress, wire| egress.send_own(96, 300, 1, vec![9; 1000], UTC, wire));
    line.datagrams();
    assert_eq!((0..1000).filter(|_| line.repair(300, 0)).count(), 1, "at once");
    let bytes: usize = (0..500)
        .map(|_| {
            line.wait(30);
            line.repair(300, 0);
            line.datagrams().concat().len()
        })
        .sum();
    assert!(bytes as i64 <= REPAIR_BURST + 2_000, "{bytes} bytes count as repairs");
}

#[test]
fn the_mid_is_told_until_a_report_shows_that_the_stream_is_known() {
    let mut line = Line::new(true);
    line.video(100, 0);
    line.audio(100);
    assert!(line.opened().iter().all(|packet| tells_mid(packet)));
    line.hear(&receiver_report(AUDIO)).unwrap();
    line.video(100, 0);
    line.audio(100);
    let told: Vec<bool> = line.opened().iter().map(|packet| tells_mid(packet)).collect();
    assert_eq!(told, [true, false]);
    line.hear(&receiver_report(VIDEO)).unwrap();
    line.video(100, 0);
    assert!(!tells_mid(&line.opened()[0]));
}

#[test]
fn a_sender_report_maps_the_time_of_capture() {
    let mut line = Line::new(true);
    let clock = NodeClock::new(start(), UTC);
    // Captured at UTC with timestamp 90,000.
    line.video(500, 0);
    line.video(300, 0);
    line.audio(80);
    line.datagrams();
    line.wait(250);
    let Line { egress, transmits, now, .. } = &mut line;
    egress.reports(*now, &clock, transmits);
    egress.reports(*now, &clock, transmits);
    let datagrams = line.datagrams();
    assert_eq!(datagrams.len(), 2, "one for each stream, once a second");
    for (datagram, (ssrc, rtp, packets, octets)) in
        datagrams.iter().zip([(AUDIO, 90_000 + 12_000, 1_u32, 80_u32), (VIDEO, 90_000_u32 + 22_500, 2, 800)])
    {
        let plain = line.player.decrypt_rtcp(datagram).unwrap();
        assert_eq!(plain[..4], [0x80, 200, 0, 6]);
        assert_eq!(plain[4..8], ssrc.to_be_bytes());
        let utc = Duration::from_micros(UTC.0.unsigned_abs() + 250_000);
        assert_eq!(plain[8..16], ntp64(utc).to_be_bytes());
        assert_eq!(plain[16..20], rtp.to_be_bytes());
        assert_eq!(plain[20..24], packets.to_be_bytes());
        assert_eq!(plain[24..28], octets.to_be_bytes());
        assert_eq!((plain[29], &plain[36..38], &plain[38..42]), (202, &[1, 4][..], &b"name"[..]));
    }
    assert_eq!(line.egress.next_report, line.now + REPORTS);
}

#[test]
fn the_end_of_all_streams_is_told_at_the_close() {
    let mut line = Line::new(true);
    let Line { egress, transmits, .. } = &mut line;
    egress.bye(transmits);
    let sealed = line.datagrams();
    assert_eq!(sealed.len(), 1);
    let plain = line.player.decrypt_rtcp(&sealed[0]).unwrap();
    let last = crate::rtcp::packets(&plain).last().unwrap();
    assert!(matches!(last, RtcpPacket::Bye(_)), "{last:?}");
    assert_eq!(plain[plain.len() - 8..], [AUDIO.to_be_bytes(), VIDEO.to_be_bytes()].concat());
}

#[test]
fn what_a_viewer_asks_for_is_understood() {
    let mut line = Line::new(true);
    let asked = line.hear(&nack(VIDEO, &[(7, 0b101), (65_535, 1)])).unwrap();
    assert_eq!(asked.again[..], [7, 8, 10, 65_535, 0]);
    assert!(line.hear(&nack(AUDIO, &[(7, 0)])).unwrap().again.is_empty(), "audio is not sent again");
    let pli = |about: u32| [&[0x81, 206, 0, 2, 0, 0, 0, 1][..], &about.to_be_bytes()].concat();
    assert!(line.hear(&pli(VIDEO)).unwrap().key_frame);
    assert!(!line.hear(&pli(AUDIO)).unwrap().key_frame && !line.hear(&pli(RTX)).unwrap().key_frame);
}

#[test]
fn a_list_of_everything_costs_no_more_than_the_share_of_repairs() {
    let mut line = Line::new(true);
    let sent: Vec<u64> = (0..300).map(|_| line.video(1200, 0)).collect();
    line.with(|egress, wire| egress.send_own(96, 500, 1, vec![9; 1000], UTC, wire));
    line.datagrams();
    // As much as a datagram holds, most of it never sent, all of it several times.
    let entries: Vec<(u16, u16)> = (0..450).map(|at| (at * 7 % 700, 0xffff)).collect();
    let mut bytes = 0;
    for _ in 0..20 {
        let asked = line.hear(&nack(VIDEO, &entries)).unwrap();
        assert_eq!(asked.again.len(), 450 * 17);
        for seq in asked.again {
            line.repair(u64::from(seq), 1200);
        }
        bytes += line.datagrams().concat().len() as i64;
        line.wait(25);
    }
    assert!((90_000..=REPAIR_BURST + 2_000).contains(&bytes), "{bytes} of {} packets", sent.len());
}

#[test]
fn what_is_sent_follows_the_newest_rtcp_and_no_replay() {
    let mut line = Line::new(true);
    let first = line.speaks.encrypt_rtcp(&nack(VIDEO, &[(7, 0)])).unwrap().to_vec();
    let second = line.speaks.encrypt_rtcp(&nack(VIDEO, &[(8, 0)])).unwrap().to_vec();
    let third = line.speaks.encrypt_rtcp(&nack(VIDEO, &[(9, 0)])).unwrap().to_vec();
    let elsewhere = Path { theirs: SocketAddr::from(([10, 0, 0, 3], 3)), ..PATH };
    let mut heard = |bytes: &[u8], path| {
        let heard = line.egress.receive(bytes, path, start(), UTC, &mut line.reading).is_some();
        (heard, line.egress.path)
    };
    assert_eq!(heard(&second, elsewhere), (true, elsewhere), "the viewer selected another pair");
    assert_eq!(heard(&second, PATH), (false, elsewhere), "a replay moves nothing");
    assert_eq!(heard(&first, PATH), (true, elsewhere), "nor does what was late");
    assert_eq!(heard(&third, PATH), (true, PATH));
}

#[test]
fn what_is_forged_or_no_rtcp_is_not_understood() {
    let mut line = Line::new(true);
    let mut sealed = line.speaks.encrypt_rtcp(&nack(VIDEO, &[(7, 0)])).unwrap().to_vec();
    sealed[12] ^= 1;
    assert!(line.egress.receive(&sealed, PATH, start(), UTC, &mut line.reading).is_none());
    sealed[12] ^= 1;
    assert!(line.egress.receive(&sealed, PATH, start(), UTC, &mut line.reading).is_some());
    assert!(line.egress.receive(&sealed, PATH, start(), UTC, &mut line.reading).is_none(), "replayed");
    assert!(line.egress.receive(&[0x80; 200], PATH, start(), UTC, &mut line.reading).is_none(), "RTP");
    assert!(line.egress.receive(&[], PATH, start(), UTC, &mut line.reading).is_none());
}

proptest! {
    #[test]
    fn no_bytes_of_a_viewer_cause_a_panic(
        compounds in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 8..300), any::<bool>(), 200_u8..207, 0_u8..32), 1..20),
    ) {
        let mut line = Line::new(true);
        for _ in 0..20 {
            line.video(200, 0);
            line.audio(40);
        }
        for (mut plain, shaped, kind, count) in compounds {
            // Some look like what they might be.
            plain[0] = 0x80 | count;
            plain[1] = kind;
            if shaped {
                plain.truncate(plain.len() / 4 * 4);
                let words = (plain.len() / 4 - 1) as u16;
                plain[2..4].copy_from_slice(&words.to_be_bytes());
            }
            if plain.len() >= 12 {
                plain[8..12].copy_from_slice(&VIDEO.to_be_bytes());
            }
            line.wait(3);
            let asked = line.hear(&plain);
            prop_assert!(asked.is_some(), "it is authentic");
            prop_assert!(asked.unwrap_or_default().again.len() <= plain.len() / 4 * 17);
            let _due = line.egress.padding_due(line.now);
        }
    }
}

#[test]
fn a_packet_that_is_shared_is_not_changed_for_a_viewer() {
    let shared = Arc::new(packet(MediaKind::Video, 1, 1190));
    let before = shared.payload.to_vec();
    let mut line = Line::new(true);
    let longest = line.egress.length(&packet(MediaKind::Video, 1, 1200));
    line.with(|egress, wire| egress.send(&shared, &to(9), 96, longest, wire)).unwrap();
    assert_eq!(*shared.payload, *before);
}

/// To a peer of that number.
fn path(peer: u16) -> Path {
    Path::udp(([127, 0, 0, 1], 1).into(), ([127, 0, 0, 1], peer).into())
}

#[test]
fn equal_sizes_and_a_shorter_tail_share_a_send() {
    let mut transmits = Transmits::default();
    for size in [1200, 1200, 300, 1200, 90, 90] {
        transmits.push(path(2), &vec![size as u8; size]);
    }
    let sends: Vec<_> = std::iter::from_fn(|| transmits.pop()).collect();
    let sizes: Vec<Vec<usize>> =
        sends.iter().map(|send| send.datagrams().map(<[u8]>::len).collect()).collect();
    assert_eq!(sizes, [vec![1200, 1200, 300], vec![1200, 90], vec![90]]);
}

#[test]
fn another_peer_gets_a_send_of_its_own() {
    let mut transmits = Transmits::default();
    transmits.push(path(2), &[1; 100]);
    transmits.push(path(3), &[2; 100]);
    transmits.push(path(2), &[3; 100]);
    transmits.push(Path { proto: Proto::Tcp, ..path(2) }, &[4; 100]);
    assert_eq!(transmits.len(), 4);
}

#[test]
fn bounds_of_the_kernel_are_kept_and_buffers_come_back() {
    let mut transmits = Transmits::default();
    for _ in 0..200 {
        transmits.push(path(2), &[7; 1200]);
    }
    let mut datagrams = 0;
    while let Some(send) = transmits.pop() {
        assert!(send.bytes.len() <= MOST_BYTES && send.count() <= MOST_SEGMENTS);
        datagrams += send.count();
        transmits.recycle(send.bytes);
    }
    assert_eq!(datagrams, 200);
    let room = transmits.room(path(2), 10);
    assert_eq!(room, [0; 10], "a buffer that is used again holds nothing of before");
    transmits.withdraw(10);
    assert!(transmits.is_empty());
}
