//! From packets to frames: real senders, bad networks, and senders that break the rules.

use std::sync::Arc;

use proptest::prelude::*;
use shiguredo_mp4::boxes::SampleEntry;
use sluice_domain::{Codec, MediaTime};
use sluice_media::depacketise::{Depacketiser, Frame, Piece};
use sluice_media::tapped::TappedPacket;
use sluice_media::track::{Rotation, TrackConfig};

use crate::fixture::{ALL, packets as recorded};
use crate::packetise::{packets, payloads};
use crate::record::{frames, pieces};

/// A recorded file as packets of a tap.
fn tapped(codec: Codec, bytes: &[u8]) -> Vec<TappedPacket> {
    let mut out = Vec::new();
    for packet in recorded(bytes) {
        let mut tapped = packets(codec, &[(packet.timestamp, vec![packet.payload.to_vec()])]).remove(0);
        tapped.seq += out.len() as u64;
        tapped.marker = packet.marker;
        out.push(tapped);
    }
    out
}

fn file_of(codec: Codec, name: &str) -> Vec<TappedPacket> {
    let index = match name {
        "chromium-av1-l3t3" => 1,
        "baseline" => 7,
        "h265" => 9,
        "h265-bframes" => 10,
        "vp8" => 11,
        "vp9" => 12,
        _ => panic!("unknown file {name}"),
    };
    assert_eq!(ALL[index].0, codec);
    tapped(codec, ALL[index].1)
}

/// The parameter sets of a track.
fn sets(config: &TrackConfig) -> Vec<Vec<u8>> {
    match config.entry() {
        SampleEntry::Avc1(entry) => {
            [entry.avcc_box.sps_list.clone(), entry.avcc_box.pps_list.clone()].concat()
        }
        SampleEntry::Hvc1(entry) => {
            entry.hvcc_box.nalu_arrays.iter().flat_map(|array| array.nalus.clone()).collect()
        }
        _ => Vec::new(),
    }
}

/// What a recorded file has, sent three times in a row in payloads of other sizes.
fn sent_again(file: usize, limit: usize) -> (Codec, Vec<TappedPacket>, Vec<Frame>) {
    let (codec, bytes) = ALL[file];
    let once = frames(codec, &tapped(codec, bytes));
    let sets = sets(once[0].config.as_ref().expect("begins with a key frame"));
    let mut sent = Vec::new();
    for round in 0..3_u32 {
        for frame in &once {
            let timestamp = frame.timestamp.wrapping_add(round * 900_000);
            let sets = if frame.key { sets.as_slice() } else { &[] };
            sent.push((timestamp, payloads(codec, &frame.data, sets, limit)));
        }
    }
    let packets = packets(codec, &sent);
    let frames = frames(codec, &packets);
    assert_eq!(frames.len(), 3 * once.len());
    for (frame, source) in frames.iter().zip(once.iter().cycle()) {
        assert_eq!((&frame.data, frame.key), (&source.data, source.key), "{codec:?}");
    }
    (codec, packets, frames)
}

/// Files whose pictures have one layer, which the packetiser of the tests can send again.
const SENDABLE: [usize; 11] = [0, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12];

#[test]
fn every_recording_of_a_real_sender_becomes_frames_of_the_size_it_was_made_with() {
    for (codec, bytes) in ALL {
        let packets = tapped(codec, bytes);
        let frames = frames(codec, &packets);
        let marked = packets.iter().filter(|packet| packet.marker);
        let mut timestamps: Vec<_> = marked.map(|packet| packet.timestamp).collect();
        timestamps.dedup();
        assert_eq!(frames.iter().map(|frame| frame.timestamp).collect::<Vec<_>>(), timestamps, "{codec:?}");
        let config = frames[0].config.as_ref().unwrap();
        assert_eq!((config.codec(), config.size()), (codec, Some((320, 180))), "{codec:?}");
        assert!(frames.iter().all(|frame| frame.key == frame.config.is_some()));
        for key in frames.iter().filter_map(|frame| frame.config.as_ref()) {
            assert!(Arc::ptr_eq(key, config), "nothing changed, so nothing is told anew");
        }
    }
}

#[test]
fn codec_strings_are_those_that_players_ask_for() {
    let string = |file: usize| {
        let (codec, bytes) = ALL[file];
        frames(codec, &tapped(codec, bytes))[0].config.as_ref().unwrap().codec_string().to_owned()
    };
    let strings: Vec<_> = [0, 1, 2, 5, 6, 7, 8, 9, 11].map(string).into_iter().collect();
    assert_eq!(
        strings,
        [
            "av01.0.00M.08",
            "av01.0.00M.08",
            "avc1.42c015",
            "vp09.00.20.08",
            "vp09.00.20.08",
            "avc1.42c00b",
            "avc1.64000c",
            "hvc1.1.6.L60.90",
            "vp08.00.00.08"
        ]
    );
}

#[test]
fn streams_tell_how_far_they_reorder() {
    let depth = |file: usize| {
        let (codec, bytes) = ALL[file];
        frames(codec, &tapped(codec, bytes))[0].config.as_ref().unwrap().max_reorder()
    };
    // Chromium's OpenH264, x264 without and with B-frames, x265 without and with them.
    assert_eq!([2, 7, 8, 9, 10].map(depth), [Some(0), Some(0), Some(2), Some(0), Some(2)]);
}

#[test]
fn samples_of_h264_and_h265_hold_neither_delimiters_nor_sets() {
    for file in [2, 7, 8, 9, 10] {
        let (codec, bytes) = ALL[file];
        for frame in frames(codec, &tapped(codec, bytes)) {
            let kinds = kinds(codec, &frame.data);
            let banned: &[u8] = if codec == Codec::H264 { &[7, 8, 9] } else { &[32, 33, 34, 35] };
            assert!(
                !kinds.is_empty() && kinds.iter().all(|kind| !banned.contains(kind)),
                "{codec:?} {kinds:?}"
            );
        }
    }
}

/// Kinds of the NAL units of a sample.
fn kinds(codec: Codec, mut sample: &[u8]) -> Vec<u8> {
    let mut kinds = Vec::new();
    while let Some((length, rest)) = sample.split_first_chunk::<4>() {
        let (unit, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        kinds.push(if codec == Codec::H264 { unit[0] & 0x1f } else { unit[0] >> 1 & 0x3f });
        sample = rest;
    }
    assert!(sample.is_empty());
    kinds
}

#[test]
fn temporal_units_of_av1_hold_obus_with_sizes_and_no_delimiter() {
    use shiguredo_mp4::bitstream::av1::{Av1ObuParseContext, Av1ObuType, parse_obus};
    let frames = frames(Codec::Av1, &file_of(Codec::Av1, "chromium-av1-l3t3"));
    for frame in &frames {
        let obus = parse_obus(&frame.data, Av1ObuParseContext::ConfigObus).unwrap();
        let count = |kind| obus.iter().filter(|obu| obu.obu_type == kind).count();
        assert_eq!(count(Av1ObuType::TemporalDelimiter), 0);
        assert_eq!(
            count(Av1ObuType::Frame) + count(Av1ObuType::FrameHeader),
            1,
            "Chromium began with one layer"
        );
        assert_eq!(count(Av1ObuType::SequenceHeader), usize::from(frame.key));
    }
}

#[test]
fn obus_of_av1_may_have_sizes_be_counted_and_repeat_for_each_layer() {
    use shiguredo_mp4::bitstream::av1::{Av1ObuParseContext, parse_obus};
    let (codec, _, all) = sent_again(0, 1_000);
    let obus: Vec<_> = parse_obus(&all[0].data, Av1ObuParseContext::ConfigObus).unwrap();
    let [sequence, frame] = obus[..] else { panic!("a sequence header and a frame") };
    let element = |obu: &[u8]| {
        let mut element = vec![];
        let mut size = obu.len();
        while size >= 0x80 {
            element.push(size as u8 | 0x80);
            size >>= 7;
        }
        element.push(size as u8);
        element.extend_from_slice(obu);
        element
    };
    // A delimiter, the sequence header twice, the second time for a layer, padding, and the frame without size.
    let mut for_layer = vec![sequence.obu[0] & !0x02 | 0x04, 0x08];
    for_layer.extend_from_slice(sequence.payload);
    let mut bare_frame = frame.header.to_vec();
    bare_frame[0] &= !0x02;
    bare_frame.extend_from_slice(frame.payload);
    let listed = [
        vec![0x08],
        element(&[0x12, 0]),
        element(sequence.obu),
        element(&for_layer),
        element(&[0x7a, 1, 0xff]),
        element(&bare_frame),
    ]
    .concat();
    let counted = [vec![0x28], element(sequence.obu), frame.obu.to_vec()].concat();
    let empty_element = [vec![0x38], element(&[]), element(sequence.obu), bare_frame].concat();
    // Found by fuzzing: more elements than a byte counts.
    let many = [vec![0x08], vec![0; 300], listed[1..].to_vec()].concat();
    for (index, payload) in [listed, counted, empty_element, many].into_iter().enumerate() {
        let frames = frames(codec, &packets(codec, &[(0, vec![payload])]));
        assert_eq!(frames.iter().map(|frame| &frame.data).collect::<Vec<_>>(), [&all[0].data], "{index}");
    }
}

#[test]
fn what_follows_a_gap_is_a_key_frame() {
    let (codec, packets, all) = sent_again(7, 200);
    // Lose the last packet of the second frame.
    let lost = packets.iter().rposition(|packet| packet.timestamp == all[1].timestamp).unwrap();
    let mut depacketiser = Depacketiser::new(codec);
    let mut out = Vec::new();
    assert!(depacketiser.wants_key_frame());
    for (index, packet) in packets.iter().enumerate() {
        if index != lost {
            depacketiser.push(packet, &mut out);
        }
    }
    depacketiser.flush(&mut out);
    assert!(matches!(out[0], Piece::Frame(ref frame) if frame.key));
    assert!(matches!(out[1], Piece::Gap { packets: 1 }));
    let Piece::Frame(frame) = &out[2] else { panic!("a second gap") };
    assert!(frame.key && frame.timestamp == all[4].timestamp, "frames 1 to 3 are of no use");
    assert_eq!(out.len(), 1 + 1 + (all.len() - 4));
}

#[test]
fn a_stream_joined_in_the_middle_begins_with_its_next_key_frame() {
    let (codec, packets, all) = sent_again(8, 1_000);
    let start = packets.iter().position(|packet| packet.timestamp == all[2].timestamp).unwrap();
    let frames = frames(codec, &packets[start..]);
    assert_eq!(frames[0].timestamp, all[4].timestamp);
    assert!(frames[0].key);
}

#[test]
fn a_new_source_begins_with_a_key_frame_and_without_a_gap() {
    let (codec, mut packets, all) = sent_again(7, 1_000);
    let cut = packets.iter().position(|packet| packet.timestamp == all[2].timestamp).unwrap();
    for (index, packet) in packets.iter_mut().enumerate().skip(cut) {
        // Another stream: other numbers, other source.
        packet.source = 8;
        packet.seq = 10 + index as u64;
    }
    let frames = frames(codec, &packets);
    let of_source =
        |source| frames.iter().filter(move |frame| frame.source == source).map(|frame| frame.timestamp);
    assert_eq!(of_source(7).collect::<Vec<_>>(), [all[0].timestamp, all[1].timestamp]);
    assert_eq!(of_source(8).next(), Some(all[4].timestamp));
}

#[test]
fn packets_lost_before_the_tap_are_a_gap() {
    let (codec, packets, all) = sent_again(11, 1_000);
    let mut depacketiser = Depacketiser::new(codec);
    let mut out = Vec::new();
    for packet in &packets {
        if packet.timestamp == all[2].timestamp && !depacketiser.wants_key_frame() {
            depacketiser.lost(100, &mut out);
            assert!(depacketiser.wants_key_frame());
        }
        depacketiser.push(packet, &mut out);
    }
    assert!(matches!(out[2], Piece::Gap { packets: 100 }));
    assert!(matches!(&out[3], Piece::Frame(frame) if frame.key && frame.timestamp == all[4].timestamp));
}

#[test]
fn a_sender_without_markers_is_followed_by_its_timestamps() {
    for file in SENDABLE {
        let (codec, mut packets, all) = sent_again(file, 300);
        for packet in &mut packets {
            packet.marker = false;
        }
        let frames = frames(codec, &packets);
        assert_eq!(frames.len(), all.len() - 1, "nobody can say that the last one is whole");
        assert!(frames.iter().zip(&all).all(|(frame, source)| frame.data == source.data));
    }
}

#[test]
fn a_sender_that_marks_every_packet_costs_one_group_of_pictures_and_no_damage() {
    let (codec, mut packets, all) = sent_again(7, 200);
    for packet in &mut packets {
        packet.marker = true;
    }
    let pieces = pieces(codec, &packets);
    assert_eq!(pieces.iter().filter(|piece| matches!(piece, Piece::Gap { .. })).count(), 1);
    let after: Vec<_> = pieces
        .iter()
        .skip_while(|piece| !matches!(piece, Piece::Gap { .. }))
        .filter_map(|piece| if let Piece::Frame(frame) = piece { Some(frame) } else { None })
        .collect();
    assert_eq!(after.len(), all.len() - 4);
    assert!(after.iter().zip(&all[4..]).all(|(frame, source)| frame.data == source.data));
}

#[test]
fn parameter_sets_may_come_in_packets_with_times_of_their_own() {
    let (codec, _, all) = sent_again(7, 1_000);
    let sets = sets(all[0].config.as_ref().unwrap());
    let mut sent = Vec::new();
    for (index, set) in sets.iter().enumerate() {
        sent.push((index as u32, vec![set.clone()]));
    }
    sent.push((90_000, payloads(codec, &all[0].data, &[], 1_000)));
    let frames = frames(codec, &packets(codec, &sent));
    assert_eq!((frames.len(), &frames[0].data), (1, &all[0].data));
    assert_eq!(frames[0].config, all[0].config);
}

#[test]
fn a_key_frame_without_parameter_sets_is_waited_past() {
    let (codec, _, all) = sent_again(7, 1_000);
    let sets = sets(all[0].config.as_ref().unwrap());
    let without = payloads(codec, &all[0].data, &[], 1_000);
    let with = payloads(codec, &all[0].data, &sets, 1_000);
    let frames = frames(codec, &packets(codec, &[(0, without), (3_000, with)]));
    assert_eq!(frames.iter().map(|frame| frame.timestamp).collect::<Vec<_>>(), [3_000]);
}

#[test]
fn a_key_frame_whose_parameter_sets_may_be_among_what_is_lost_is_waited_past() {
    for file in [7, 9] {
        let (codec, _, all) = sent_again(file, 1_000);
        let sets = sets(all[0].config.as_ref().unwrap());
        let key = |sets: &[Vec<u8>]| payloads(codec, &all[0].data, sets, 10_000);
        let delta = payloads(codec, &all[1].data, &[], 10_000);
        // Key frame, hole, bare key frame, delta frame, bare key frame, delta frame.
        let sent = [
            (0, key(&sets)),
            (1, vec![vec![0x0c, 1]]),
            (2, key(&[])),
            (3, delta.clone()),
            (4, key(&[])),
            (5, delta),
        ];
        let mut packets = packets(codec, &sent);
        packets.retain(|packet| packet.timestamp != 1);
        let timestamps: Vec<_> = pieces(codec, &packets)
            .iter()
            .map(|piece| if let Piece::Frame(frame) = piece { Some(frame.timestamp) } else { None })
            .collect();
        assert_eq!(timestamps, [Some(0), None, Some(4), Some(5)], "{codec:?}");
    }
}

#[test]
fn another_size_is_another_track_from_its_key_frame_on() {
    let (_, _, small) = sent_again(7, 1_000);
    let (codec, _, other) = sent_again(8, 1_000);
    let mut sent = Vec::new();
    for (index, frame) in [&small[0], &small[1], &other[0], &other[1]].into_iter().enumerate() {
        let sets = frame.config.as_ref().map(|config| sets(config)).unwrap_or_default();
        sent.push((index as u32 * 3_000, payloads(codec, &frame.data, &sets, 1_000)));
    }
    let frames = frames(codec, &packets(codec, &sent));
    assert_eq!(frames.len(), 4);
    assert_ne!(frames[0].config, frames[2].config);
    assert_eq!(frames[2].config, other[0].config, "the sets of the track before are left out");
}

#[test]
fn a_parameter_set_that_the_sample_entry_lacks_stays_in_the_sample() {
    let (codec, _, all) = sent_again(7, 1_000);
    let known = sets(all[0].config.as_ref().unwrap());
    // The same picture parameter set with another id: 0x68, then ue(0) becomes ue(1).
    let other = vec![0x68, 0b0101_1000, 0x0f, 0x20];
    let sent = [
        (0, payloads(codec, &all[0].data, &known, 1_000)),
        (3_000, payloads(codec, &all[1].data, &[other.clone(), known[0].clone()], 1_000)),
    ];
    let frames = frames(codec, &packets(codec, &sent));
    let mut expected = (other.len() as u32).to_be_bytes().to_vec();
    expected.extend(&other);
    expected.extend(&all[1].data);
    assert_eq!(frames[1].data, expected);
}

#[test]
fn leading_pictures_whose_references_are_gone_are_left_out() {
    let (codec, _, all) = sent_again(10, 1_000);
    let sets = sets(all[0].config.as_ref().unwrap());
    let as_kind = |frame: &Frame, kind: u8| {
        let mut data = frame.data.to_vec();
        let mut at = 0;
        while at < data.len() {
            let length = u32::from_be_bytes(data[at..at + 4].try_into().unwrap()) as usize;
            if data[at + 4] >> 1 & 0x3f < 32 {
                data[at + 4] = data[at + 4] & 0x81 | kind << 1;
            }
            at += 4 + length;
        }
        data
    };
    // CRA, RASL, TRAIL, CRA, RASL: only the first RASL lacks what it refers to.
    let sent = [(&all[0], 21), (&all[1], 8), (&all[1], 1), (&all[0], 21), (&all[1], 9)];
    let sent: Vec<_> = sent
        .iter()
        .enumerate()
        .map(|(index, (frame, kind))| {
            let sets = if *kind == 21 { sets.as_slice() } else { &[] };
            (index as u32 * 3_000, payloads(codec, &as_kind(frame, *kind), sets, 1_000))
        })
        .collect();
    let frames = frames(codec, &packets(codec, &sent));
    assert_eq!(frames.iter().map(|frame| frame.timestamp).collect::<Vec<_>>(), [0, 6_000, 9_000, 12_000]);
}

#[test]
fn payloads_that_make_no_sense_are_a_gap_without_missing_packets() {
    let nonsense: [(usize, &[u8]); 11] = [
        (7, &[0x1c, 0x05, 1, 2]),                   // a middle fragment without its start
        (7, &[0x1c]),                               // a fragment without a header
        (7, &[0x79, 0, 0, 0]),                      // the interleaved mode
        (7, &[0x78, 0, 2, 0x41, 0x9a, 0, 9, 0x41]), // an aggregate that ends inside a unit
        (9, &[0x60, 0x01, 0, 3, 0x02, 0x01, 0xd0, 0, 9, 0x02]), // the same for H.265
        (9, &[0x62, 0x01, 0x01, 9]),                // as the first, for H.265
        (9, &[0x64, 0x01, 0x01, 9]),                // PACI
        (11, &[0x00, 1, 2, 3]),                     // a partition without its first packet
        (12, &[0x80]),                              // a descriptor that ends inside itself
        (0, &[0x80, 1, 2, 3]),                      // goes on from nothing
        (0, &[0x20, 0x7f, 1, 2, 3]),                // an element longer than its packet
    ];
    for (file, payload) in nonsense {
        let (codec, mut packets, all) = sent_again(file, 1_000);
        let first = packets.iter().position(|packet| packet.timestamp == all[1].timestamp).unwrap();
        packets[first].payload = Arc::from(payload);
        packets[first].marker = false;
        let pieces = pieces(codec, &packets);
        let gaps = pieces.iter().filter(|piece| matches!(piece, Piece::Gap { packets: 0 })).count();
        assert_eq!(gaps, 1, "{codec:?} {payload:?}");
        let next = pieces.iter().skip_while(|piece| matches!(piece, Piece::Frame(_))).nth(1);
        assert!(matches!(next, Some(Piece::Frame(frame)) if frame.key), "{codec:?} {payload:?}");
    }
}

#[test]
fn padding_and_packets_of_another_codec_change_nothing() {
    for file in SENDABLE {
        let (codec, mut packets, all) = sent_again(file, 500);
        let mut last = packets.last().unwrap().clone();
        last.seq += 1;
        last.payload = Arc::from([].as_slice());
        packets.push(last.clone());
        last.codec = Codec::Opus;
        last.seq += 7;
        last.payload = Arc::from([0xfc].as_slice());
        packets.push(last);
        assert_eq!(frames(codec, &packets).len(), all.len());
    }
}

#[test]
fn a_turned_camera_is_another_track() {
    let (codec, mut packets, all) = sent_again(11, 1_000);
    let second = packets.iter().rposition(|packet| packet.timestamp == all[3].timestamp).unwrap();
    packets[second].orientation = Some(0x01);
    let frames = frames(codec, &packets);
    let rotations: Vec<_> =
        frames.iter().filter_map(|frame| frame.config.as_ref()).map(|config| config.rotation()).collect();
    assert_eq!(rotations[..2], [Rotation::None, Rotation::Quarter]);
    assert_eq!(frames[4].config.as_ref().unwrap().size(), Some((180, 320)));
}

#[test]
fn a_picture_without_end_does_not_fill_memory() {
    let (codec, _, all) = sent_again(11, 1_000);
    let mut sent = vec![(0, payloads(codec, &all[0].data, &[], 1_000))];
    let endless = vec![0_u8; 9 << 20];
    let mut frame = endless.chunks(60_000).map(|chunk| [&[0_u8], chunk].concat()).collect::<Vec<_>>();
    frame[0][0] = 0x10;
    sent.push((3_000, frame));
    let pieces = pieces(codec, &packets(codec, &sent));
    assert!(matches!(pieces[..], [Piece::Frame(_), Piece::Gap { packets: 0 }]));
}

#[test]
fn every_packet_of_opus_is_a_frame_and_a_gap_costs_nothing_else() {
    let sent: Vec<_> = [&[0xfc, 1, 2][..], &[0x78], &[0xfb, 0x03, 1], &[0xfb, 0x00], &[0xfc, 9]]
        .into_iter()
        .enumerate()
        .map(|(index, payload)| (index as u32 * 960, vec![payload.to_vec()]))
        .collect();
    let mut packets = packets(Codec::Opus, &sent);
    packets.last_mut().unwrap().seq += 2;
    let pieces = pieces(Codec::Opus, &packets);
    let durations: Vec<_> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Frame(frame) => {
                assert!(frame.key && frame.config.as_deref() == Some(&TrackConfig::opus()));
                frame.duration
            }
            Piece::Gap { packets } => {
                assert_eq!(*packets, 2);
                None
            }
        })
        .collect();
    // 20 ms, 20 ms of silence, three times 20 ms; no frames at all is forbidden.
    assert_eq!(durations, [Some(960), Some(960), Some(2_880), None, Some(960)]);
}

/// What of a sample is pictures: all of it, but of NAL units the slices.
fn pictures_of(codec: Codec, sample: &[u8]) -> Vec<&[u8]> {
    let slices: &[u8] = match codec {
        Codec::H264 => &[1, 5],
        Codec::H265 => &[0, 1, 6, 7, 8, 9, 16, 17, 18, 19, 20, 21],
        Codec::Vp8 | Codec::Vp9 | Codec::Av1 | Codec::Opus => return vec![sample],
    };
    let mut rest = sample;
    let mut found = Vec::new();
    for kind in kinds(codec, sample) {
        let length = u32::from_be_bytes([rest[0], rest[1], rest[2], rest[3]]) as usize;
        if slices.contains(&kind) {
            found.push(&rest[4..4 + length]);
        }
        rest = &rest[4 + length..];
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_size_of_packets_and_any_order_within_bounds_give_the_same_frames(
        file in prop::sample::select(SENDABLE.to_vec()), limit in 40_usize..1_400,
        moves in prop::collection::vec((any::<prop::sample::Index>(), 1_usize..30), 0..20),
        copies in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let (codec, mut arrivals, all) = sent_again(file, limit);
        for packet in &mut arrivals {
            // No time passes, so the bound is the number of packets.
            packet.captured = MediaTime(0);
        }
        for (index, distance) in moves {
            // The first packet says where the count begins, so it comes first.
            let from = 1 + index.index(arrivals.len() - 1);
            let packet = arrivals.remove(from);
            arrivals.insert((from + distance).min(arrivals.len()), packet);
        }
        for index in copies {
            let copy = index.get(&arrivals).clone();
            arrivals.push(copy);
        }
        let mut depacketiser = Depacketiser::new(codec);
        let mut out = Vec::new();
        for packet in &arrivals {
            depacketiser.push(packet, &mut out);
        }
        depacketiser.flush(&mut out);
        prop_assert_eq!(out.len(), all.len());
        for (piece, source) in out.iter().zip(&all) {
            let Piece::Frame(frame) = piece else { panic!("a gap") };
            prop_assert_eq!((frame.timestamp, frame.key, &frame.data), (source.timestamp, source.key, &source.data));
        }
    }

    #[test]
    fn whatever_is_lost_no_damaged_frame_comes_out(
        file in prop::sample::select(SENDABLE.to_vec()), limit in 40_usize..1_400,
        lost in prop::collection::vec(any::<prop::sample::Index>(), 1..12), burst in 1_usize..8,
    ) {
        let (codec, packets, all) = sent_again(file, limit);
        let mut arrivals = packets.clone();
        for index in lost {
            let start = index.index(arrivals.len());
            let end = (start + burst).min(arrivals.len());
            arrivals.drain(start..end);
            if arrivals.is_empty() {
                return Ok(());
            }
        }
        let mut waits = true;
        let mut newest = None;
        for piece in pieces(codec, &arrivals) {
            match piece {
                Piece::Gap { .. } => waits = true,
                Piece::Frame(frame) => {
                    let index = all.iter().position(|source| source.timestamp == frame.timestamp).unwrap();
                    // Messages to the decoder in front of a picture may be among what is lost.
                    let whole = pictures_of(codec, &frame.data) == pictures_of(codec, &all[index].data);
                    prop_assert!(whole, "{:?} {}", codec, index);
                    prop_assert!(frame.key || !waits);
                    prop_assert!(waits || newest == index.checked_sub(1), "nothing is left out without a gap");
                    waits = false;
                    newest = Some(index);
                }
            }
        }
    }

    #[test]
    fn garbage_never_panics(
        file in prop::sample::select(SENDABLE.to_vec()),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..64, any::<u8>()), 1..40),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..64), 0..10),
    ) {
        let (codec, mut packets, _) = sent_again(file, 200);
        for (index, at, value) in damage {
            let packet = index.get_mut(&mut packets);
            let mut payload = packet.payload.to_vec();
            if let Some(byte) = payload.get_mut(at) {
                *byte = value;
            }
            packet.payload = Arc::from(payload);
        }
        for (index, length) in cuts {
            let packet = index.get_mut(&mut packets);
            packet.payload = Arc::from(&packet.payload[..length.min(packet.payload.len())]);
        }
        pieces(codec, &packets);
    }
}
