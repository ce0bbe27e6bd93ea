//! Hand-made packets, and str0m's parser as second opinion.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use str0m::rtp::rtcp::{Rtcp, Twcc};

use super::*;

fn one(bytes: &[u8]) -> RtcpPacket<'_> {
    let mut packets = packets(bytes);
    let packet = packets.next().expect("a packet");
    assert_eq!(packets.next(), None);
    packet
}

fn packet(kind: u8, count: u8, body: &[u8]) -> Vec<u8> {
    assert_eq!(body.len() % 4, 0);
    let words = u16::try_from(body.len() / 4).unwrap().to_be_bytes();
    [&[0x80 | count, kind, words[0], words[1]], body].concat()
}

/// Body of transport-wide feedback about `count` packets from `base` on.
fn transport(base: u16, count: u16, reference: u32, chunks: &[u16], deltas: &[u8]) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 1, 0, 0, 0, 2];
    body.extend_from_slice(&base.to_be_bytes());
    body.extend_from_slice(&count.to_be_bytes());
    body.extend_from_slice(&(reference << 8 | 9).to_be_bytes());
    chunks.iter().for_each(|chunk| body.extend_from_slice(&chunk.to_be_bytes()));
    body.extend_from_slice(deltas);
    body.resize(body.len().next_multiple_of(4), 0);
    packet(205, 15, &body)
}

fn arrivals(bytes: &[u8]) -> Vec<(u16, Option<i64>)> {
    let RtcpPacket::Transport(feedback) = one(bytes) else { panic!("transport-wide feedback") };
    feedback.arrivals().collect()
}

#[test]
fn a_run_of_arrivals_accumulates_its_deltas() {
    let bytes = transport(65_534, 4, 7, &[0x2004], &[4, 0, 255, 1]);
    let expected = [(65_534, Some(4)), (65_535, Some(4)), (0, Some(259)), (1, Some(260))];
    assert_eq!(arrivals(&bytes), expected);
}

#[test]
fn a_run_of_losses_has_no_deltas() {
    let bytes = transport(10, 5, 7, &[0x0003, 0x2002], &[1, 2]);
    let expected = [(10, None), (11, None), (12, None), (13, Some(1)), (14, Some(3))];
    assert_eq!(arrivals(&bytes), expected);
}

#[test]
fn a_large_delta_may_be_negative() {
    // Run of two large deltas: +300, -20.
    let bytes = transport(10, 2, 7, &[0x4002], &[0x01, 0x2c, 0xff, 0xec]);
    assert_eq!(arrivals(&bytes), [(10, Some(300)), (11, Some(280))]);
}

#[test]
fn vectors_of_one_and_two_bits_are_read_from_the_left() {
    // One bit each: 1 0 1 and eleven zeros. Two bits each: small, lost, large, and two statuses too many.
    let bytes = transport(0, 17, 0, &[0b1010_1000_0000_0000, 0b1101_0010_0000_0000], &[1, 2, 3, 0, 4]);
    let arrived: Vec<_> = arrivals(&bytes).into_iter().filter(|(_, at)| at.is_some()).collect();
    assert_eq!(arrived, [(0, Some(1)), (2, Some(3)), (14, Some(6)), (16, Some(10))]);
    assert_eq!(arrivals(&bytes).len(), 17);
}

#[test]
fn a_reserved_status_is_no_arrival() {
    let bytes = transport(0, 3, 0, &[0b1111_0111_0000_0000], &[5]);
    assert_eq!(arrivals(&bytes), [(0, None), (1, Some(5)), (2, None)]);
}

#[test]
fn missing_deltas_end_the_iteration() {
    let bytes = transport(0, 9, 0, &[0x2009], &[1, 1]);
    assert_eq!(arrivals(&bytes).len(), 2);
    // Chunks that do not cover the count are malformed, also where empty runs follow one another.
    assert_eq!(packets(&transport(0, 900, 0, &[0x2001, 0], &[])).next(), None);
}

#[test]
fn the_reference_time_wraps_in_both_directions() {
    let mut clock = ArrivalClock::default();
    let mut at = |reference| {
        let bytes = transport(0, 1, reference, &[0x2001], &[0]);
        let RtcpPacket::Transport(feedback) = one(&bytes) else { panic!("transport-wide feedback") };
        clock.reference(&feedback)
    };
    let start = at((1 << 24) - 2);
    assert_eq!(at(1) - start, 3 * 64_000);
    assert_eq!(at((1 << 24) - 1) - start, 64_000, "a late message");
    assert_eq!(at(2) - start, 4 * 64_000);
}

#[test]
fn a_nack_names_its_packets() {
    let bytes = packet(205, 1, &[0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xff, 0x80, 0x01, 0, 9, 0, 0]);
    let RtcpPacket::Nack(nack) = one(&bytes) else { panic!("NACK") };
    assert_eq!(nack.media, 2);
    assert_eq!(nack.lost().collect::<Vec<_>>(), [65_535, 0, 15, 9]);
    let Ok(Rtcp::Nack(theirs)) = Rtcp::try_from(&bytes[..]) else { panic!("NACK") };
    let theirs = theirs.reports.iter().map(|entry| (entry.pid, entry.blp)).collect::<Vec<_>>();
    assert_eq!(theirs, [(65_535, 0x8001), (9, 0)]);
}

#[test]
fn requests_for_key_frames_are_read() {
    let pli = packet(206, 1, &[0, 0, 0, 1, 0, 0, 0, 2]);
    assert_eq!(one(&pli), RtcpPacket::Pli { media: 2 });
    let bytes = packet(206, 4, &[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 3, 0, 0, 0, 0, 0, 0, 8, 4, 0, 0, 0]);
    let RtcpPacket::Fir(fir) = one(&bytes) else { panic!("FIR") };
    assert_eq!(fir.requests().collect::<Vec<_>>(), [(7, 3), (8, 4)]);
}

#[test]
fn remb_agrees_with_str0m() {
    let bytes =
        packet(206, 15, &[0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'B', 1, 0x1b, 0xff, 0xff, 0, 0, 0, 5]);
    let RtcpPacket::Remb(remb) = one(&bytes) else { panic!("REMB") };
    assert_eq!(remb.sources().collect::<Vec<_>>(), [5]);
    assert_eq!(remb.bitrate, 0x3_ffff << 6);
    let Ok(Rtcp::Remb(theirs)) = Rtcp::try_from(&bytes[..]) else { panic!("REMB") };
    assert!((f64::from(theirs.bitrate) - remb.bitrate as f64).abs() < 1.0);
    let endless = packet(206, 15, &[0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'B', 0, 0xff, 0xff, 0xff]);
    let RtcpPacket::Remb(remb) = one(&endless) else { panic!("REMB") };
    assert_eq!(remb.bitrate, u64::MAX);
}

#[test]
fn a_report_gives_loss_and_round_trip() {
    let mut body = vec![0, 0, 0, 1, 0, 0, 0, 2, 64];
    body.extend_from_slice(&[0xff, 0xff, 0xfe]);
    for value in [70_000_u32, 90, 0x1000_0000, 65_536] {
        body.extend_from_slice(&value.to_be_bytes());
    }
    let bytes = packet(201, 1, &body);
    let RtcpPacket::Reports(reports) = one(&bytes) else { panic!("RR") };
    let block = reports.blocks().next().expect("a block");
    assert_eq!((reports.sender, block.ssrc, block.fraction_lost, block.lost), (1, 2, 64, -2));
    assert_eq!(block.round_trip(0x1000_0000 + 65_536 + 6_554), Some(100_006));
    assert_eq!(block.round_trip(0x1000_0000 + 65_536 - 9), Some(0), "rounding");
    assert_eq!(block.round_trip(0x1000_0000), None, "before it was sent");
    assert_eq!(ReportBlock { last_report: 0, ..block }.round_trip(5), None);
    let Ok(Rtcp::ReceiverReport(theirs)) = Rtcp::try_from(&bytes[..]) else { panic!("RR") };
    let theirs = theirs.reports.iter().next().expect("a block");
    assert_eq!((theirs.max_seq, theirs.jitter), (block.highest, block.jitter));
    assert_eq!((theirs.last_sr_time, theirs.last_sr_delay), (block.last_report, block.delay));
}

#[test]
fn what_is_written_is_read_by_str0m() {
    let info = SenderInfo { ssrc: 7, ntp: 0xe000_0000_8000_0000, rtp: 90_000, packets: 3, octets: 4 };
    for name in ["", "a", "ab", "abc", "sluice"] {
        let mut out = Vec::new();
        write_sender_report(&mut out, &info);
        let report = out.len();
        write_cname(&mut out, 7, name);
        let described = out.len();
        write_bye(&mut out, &[7, 8]);
        let Ok(Rtcp::SenderReport(theirs)) = Rtcp::try_from(&out[..report]) else { panic!("SR") };
        let theirs = theirs.sender_info;
        assert_eq!((*theirs.ssrc, theirs.rtp_time.numer()), (7, 90_000));
        assert_eq!((theirs.sender_packet_count, theirs.sender_octet_count), (3, 4));
        let Ok(Rtcp::SourceDescription(theirs)) = Rtcp::try_from(&out[report..described]) else {
            panic!("SDES of {name:?}")
        };
        let theirs = theirs.reports.iter().next().expect("a source");
        assert_eq!(*theirs.ssrc, 7);
        assert_eq!(theirs.values.iter().next().expect("a CNAME").1, name);
        let Ok(Rtcp::Goodbye(theirs)) = Rtcp::try_from(&out[described..]) else { panic!("BYE") };
        assert_eq!(theirs.reports.iter().map(|ssrc| **ssrc).collect::<Vec<_>>(), [7, 8]);
        // We read our own, and pass over the description.
        let ours: Vec<_> = packets(&out).collect();
        let [RtcpPacket::Reports(reports), RtcpPacket::Bye(bye)] = ours[..] else { panic!("{ours:?}") };
        assert_eq!((reports.sender, reports.blocks().count()), (7, 0));
        assert_eq!(bye.sources().collect::<Vec<_>>(), [7, 8]);
    }
}

#[test]
fn padding_is_taken_off() {
    let mut bytes = packet(205, 1, &[0, 0, 0, 1, 0, 0, 0, 2, 0, 9, 0, 0, 0, 0, 0, 4]);
    bytes[0] |= 0x20;
    let RtcpPacket::Nack(nack) = one(&bytes) else { panic!("NACK") };
    assert_eq!(nack.lost().collect::<Vec<_>>(), [9]);
    *bytes.last_mut().unwrap() = 200;
    assert_eq!(packets(&bytes).next(), None, "more padding than packet");
}

#[test]
fn unknown_parts_are_passed_over_and_a_cut_ends_the_walk() {
    let pli = packet(206, 1, &[0, 0, 0, 1, 0, 0, 0, 2]);
    let unknown = packet(207, 0, &[1, 2, 3, 4]);
    let malformed = packet(206, 1, &[0, 0, 0, 1]);
    let all = [&unknown[..], &malformed, &pli, &pli[..10]].concat();
    assert_eq!(packets(&all).collect::<Vec<_>>(), [RtcpPacket::Pli { media: 2 }]);
}

/// What str0m reads in transport-wide feedback, in ticks since the reference time.
#[expect(clippy::disallowed_methods, reason = "str0m wants some instant to begin with")]
fn theirs(twcc: Twcc) -> Vec<(u16, Option<i64>)> {
    // Far enough from zero for negative deltas.
    let zero = Instant::now() + Duration::from_secs(3_600);
    let reference = zero + Duration::from_millis(u64::from(twcc.reference_time) * 64);
    let ticks = |at: Instant| {
        let micros = |from: Duration| i64::try_from(from.as_micros()).unwrap();
        (micros(at - zero) - micros(reference - zero)) / TICK_MICROS
    };
    let seq = |seq: u64| u16::try_from(seq & 0xffff).unwrap();
    twcc.into_iter(zero, 100_000.into()).map(|(at, _, arrived)| (seq(*at), arrived.map(ticks))).collect()
}

proptest! {
    #[test]
    fn transport_feedback_agrees_with_str0m(
        base: u16,
        reference in 1_000_u32..1 << 24,
        statuses in proptest::collection::vec((0_u16..4, 1_u16..40, 0_u16..0x4000), 1..8),
        deltas in proptest::collection::vec(any::<u8>(), 800),
    ) {
        let mut count = 0;
        let chunks: Vec<u16> = statuses
            .iter()
            .map(|&(kind, run, bits)| match kind {
                // str0m refuses the reserved status, so vectors of two bits have none here.
                0 => { count += 14; 0x8000 | bits }
                1 => { count += 7; 0xc000 | bits & !(bits >> 1 & 0x1555) }
                _ => { count += run; (kind - 2) << 13 | run }
            })
            .collect();
        let bytes = transport(base, count, reference, &chunks, &deltas);
        if let Ok(Rtcp::Twcc(twcc)) = Rtcp::try_from(&bytes[..]) {
            let ours = arrivals(&bytes);
            prop_assert_eq!(ours.len(), usize::from(count));
            prop_assert_eq!(ours, theirs(twcc));
        } else {
            prop_assert!(false, "str0m refuses {:?}", chunks);
        }
    }

    #[test]
    fn bytes_of_strangers_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), kind in 199_u8..208) {
        walk(&bytes);
        // Once more with a header that leads further in.
        if let [first, second, high, low, rest @ ..] = &mut bytes[..] {
            *first = *first & 0x1f | 0x80;
            *second = kind;
            [*high, *low] = u16::try_from(rest.len() / 4).unwrap().to_be_bytes();
        }
        walk(&bytes);
    }
}

fn walk(bytes: &[u8]) {
    for packet in packets(bytes) {
        match packet {
            RtcpPacket::Reports(reports) => assert!(reports.blocks().count() <= 31),
            RtcpPacket::Bye(bye) => assert!(bye.sources().count() <= 31),
            RtcpPacket::Transport(feedback) => {
                assert!(feedback.arrivals().count() <= usize::from(feedback.count));
            }
            RtcpPacket::Nack(nack) => assert!(nack.lost().count() <= bytes.len() * 17 / 4),
            RtcpPacket::Fir(fir) => assert!(fir.requests().count() <= bytes.len() / 8),
            RtcpPacket::Remb(remb) => assert!(remb.sources().count() <= 255),
            RtcpPacket::Pli { .. } => {}
        }
    }
}
