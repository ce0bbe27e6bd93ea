//! Headers byte by byte, read by a small reader of their own, and over all combinations.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// More than any header has.
const LONGEST: usize = 512;

const FIXED: Fixed =
    Fixed { pt: 96, marker: true, padding: false, seq: 0x1234, timestamp: 0x0102_0304, ssrc: 0xa0b0_c0d0 };

const IDS: Ids =
    Ids { transport: 3, mid: 4, playout: 5, capture: 6, level: 1, orientation: 13, descriptor: 12 };

fn written(fixed: Fixed, ids: &Ids, elements: Elements<'_>) -> Vec<u8> {
    // What an earlier packet left must not show.
    let mut out = [0xaa; LONGEST];
    let end = write(&mut out, fixed, ids, elements);
    assert_eq!(end, length(ids, &elements), "length() is what write() writes: {ids:?} {elements:?}");
    out[..end].to_vec()
}

/// Elements by id, as a receiver finds them (RFC 8285 §4.2, §4.3).
fn read(header: &[u8]) -> (u16, BTreeMap<u8, Vec<u8>>) {
    assert_eq!(header[0] & 0xcf, 0x80, "version 2 and no CSRC");
    let mut elements = BTreeMap::new();
    if header[0] & 0x10 == 0 {
        assert_eq!(header.len(), 12);
        return (0, elements);
    }
    let profile = u16::from_be_bytes([header[12], header[13]]);
    let words = usize::from(u16::from_be_bytes([header[14], header[15]]));
    assert_eq!(header.len(), 16 + words * 4);
    let mut rest = &header[16..];
    while let [first, after @ ..] = rest {
        if *first == 0 {
            rest = after;
            continue;
        }
        let (id, length, after) = match profile {
            ONE_BYTE => (first >> 4, usize::from(first & 15) + 1, after),
            TWO_BYTE => (*first, usize::from(after[0]), &after[1..]),
            other => panic!("profile {other:#x}"),
        };
        assert!(elements.insert(id, after[..length].to_vec()).is_none(), "id {id} came twice");
        rest = &after[length..];
    }
    (profile, elements)
}

#[test]
fn a_header_without_extensions_has_twelve_bytes() {
    let bytes = [0x80, 0xe0, 0x12, 0x34, 1, 2, 3, 4, 0xa0, 0xb0, 0xc0, 0xd0];
    assert_eq!(written(FIXED, &Ids::default(), Elements::default()), bytes);
    let carried = Carried { level: Some(1), orientation: Some(1), ..Carried::default() };
    let all = Elements {
        mid: Some(b"0"),
        playout: Some([1, 2, 3]),
        carried: Some(&carried),
        frame_number: Some(1),
        transport: 9,
    };
    assert_eq!(written(FIXED, &Ids::default(), all), bytes, "nothing was agreed on");
}

#[test]
fn marker_and_padding_are_flags_of_their_own() {
    let first = |marker, padding| {
        let bytes = written(Fixed { marker, padding, ..FIXED }, &Ids::default(), Elements::default());
        (bytes[0], bytes[1])
    };
    assert_eq!(first(false, false), (0x80, 96));
    assert_eq!(first(true, false), (0x80, 224));
    assert_eq!(first(false, true), (0xa0, 96));
}

#[test]
fn short_elements_have_the_one_byte_form() {
    let carried = Carried { level: Some(0x85), orientation: Some(2), ..Carried::default() };
    let elements = Elements {
        transport: 0xbeef,
        mid: Some(b"v1"),
        playout: Some([0, 0, 0x14]),
        carried: Some(&carried),
        frame_number: None,
    };
    let bytes = written(FIXED, &IDS, elements);
    let block = [0x31, 0xbe, 0xef, 0x52, 0, 0, 0x14, 0x41, b'v', b'1', 0x10, 0x85, 0xd0, 2, 0, 0];
    assert_eq!(bytes[..2], [0x90, 0xe0]);
    assert_eq!(bytes[12..16], [0xbe, 0xde, 0, 4]);
    assert_eq!(bytes[16..], block);
}

#[test]
fn an_id_above_fourteen_asks_for_the_two_byte_form() {
    let ids = Ids { transport: 15, playout: 200, ..Ids::default() };
    let elements = Elements { transport: 0xbeef, playout: Some([1, 2, 3]), ..Elements::default() };
    let bytes = written(FIXED, &ids, elements);
    assert_eq!(bytes[12..], [0x10, 0, 0, 3, 15, 2, 0xbe, 0xef, 200, 3, 1, 2, 3, 0, 0, 0]);
}

#[test]
fn a_dependency_descriptor_of_more_than_sixteen_bytes_asks_for_the_two_byte_form() {
    for (length, profile) in [(3, ONE_BYTE), (16, ONE_BYTE), (17, TWO_BYTE), (255, TWO_BYTE)] {
        let descriptor: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
        let carried = Carried { descriptor: Some(descriptor.as_slice().into()), ..Carried::default() };
        let elements = Elements { carried: Some(&carried), ..Elements::default() };
        let (read_profile, elements) = read(&written(FIXED, &IDS, elements));
        assert_eq!(read_profile, profile, "{length}");
        assert_eq!(elements[&12], descriptor);
        assert_eq!(elements[&3], [0, 0], "the transport-wide number is there besides");
    }
}

#[test]
fn a_dependency_descriptor_that_has_no_room_is_left_out() {
    let carried = Carried { descriptor: Some(vec![1; 256].into()), ..Carried::default() };
    let elements = Elements { carried: Some(&carried), ..Elements::default() };
    let (profile, elements) = read(&written(FIXED, &IDS, elements));
    assert_eq!((profile, elements.len()), (ONE_BYTE, 1));
}

#[test]
fn a_dependency_descriptor_gets_the_viewers_frame_number_and_nothing_else_changes() {
    let descriptor: [u8; 5] = [0xc1, 0x00, 0x07, 0xde, 0xad];
    let carried = Carried { descriptor: Some(descriptor.into()), ..Carried::default() };
    let elements = Elements { carried: Some(&carried), frame_number: Some(0x1234), ..Elements::default() };
    assert_eq!(read(&written(FIXED, &IDS, elements)).1[&12], [0xc1, 0x12, 0x34, 0xde, 0xad]);
    let elements = Elements { frame_number: None, ..elements };
    assert_eq!(read(&written(FIXED, &IDS, elements)).1[&12], descriptor);
    assert_eq!(carried.descriptor.as_deref(), Some(&descriptor[..]), "what all viewers share stays");
}

#[test]
fn ids_come_from_the_answer() {
    let ids = Ids::of(&crate::extension::negotiable());
    let Ids { transport, mid, playout, capture, level, orientation, descriptor } = ids;
    assert_eq!(
        (transport, mid, playout, capture, level, orientation, descriptor),
        (IDS.transport, IDS.mid, IDS.playout, IDS.capture, IDS.level, IDS.orientation, IDS.descriptor)
    );
}

/// Ids that differ from each other, some of them not negotiated.
fn ids() -> impl Strategy<Value = Ids> {
    let ids = prop_oneof![Just((1..=14).collect::<Vec<u8>>()), Just((1..=255).collect::<Vec<u8>>())];
    (ids.prop_shuffle(), any::<u8>()).prop_map(|(ids, agreed)| {
        let id = |at: usize| if agreed >> at & 1 == 1 { ids[at] } else { 0 };
        Ids {
            transport: id(0),
            mid: id(1),
            playout: id(2),
            capture: id(3),
            level: id(4),
            orientation: id(5),
            descriptor: id(6),
        }
    })
}

fn carried() -> impl Strategy<Value = Carried> {
    let capture = prop_oneof![
        Just(None),
        prop::collection::vec(any::<u8>(), 8).prop_map(Some),
        prop::collection::vec(any::<u8>(), 16).prop_map(Some)
    ];
    let descriptor = prop::option::of(prop::collection::vec(any::<u8>(), 1..300));
    (any::<Option<u8>>(), any::<Option<u8>>(), capture, descriptor).prop_map(
        |(level, orientation, capture, descriptor)| Carried {
            level,
            orientation,
            capture: capture.map(SmallVec::from_vec),
            descriptor: descriptor.map(Into::into),
            frame_number: None,
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_and_has_the_length_that_was_told(
        ids in ids(),
        transport: u16,
        mid in prop::option::of(prop::collection::vec(1_u8..127, 1..=16)),
        playout: Option<[u8; 3]>,
        carried in prop::option::of(carried()),
        frame_number: Option<u16>,
        (marker, padding, pt, seq) in (any::<bool>(), any::<bool>(), 0_u8..128, any::<u16>()),
    ) {
        let elements =
            Elements { transport, mid: mid.as_deref(), playout, carried: carried.as_ref(), frame_number };
        let header = written(Fixed { marker, padding, pt, seq, ..FIXED }, &ids, elements);
        prop_assert_eq!(header[1], pt | u8::from(marker) << 7);
        prop_assert_eq!(header[0] & 0x20 != 0, padding);
        let (_, found) = read(&header);
        let carried = carried.unwrap_or_default();
        let mut descriptor = carried.descriptor.as_deref().filter(|bytes| bytes.len() <= 255).map(<[u8]>::to_vec);
        if let (Some(bytes), Some(number)) = (&mut descriptor, frame_number)
            && bytes.len() >= 3
        {
            bytes[1..3].copy_from_slice(&number.to_be_bytes());
        }
        let expected: BTreeMap<u8, Vec<u8>> = [
            (ids.transport, Some(transport.to_be_bytes().to_vec())),
            (ids.mid, mid),
            (ids.playout, playout.map(|playout| playout.to_vec())),
            (ids.capture, carried.capture.map(|capture| capture.to_vec())),
            (ids.level, carried.level.map(|level| vec![level])),
            (ids.orientation, carried.orientation.map(|orientation| vec![orientation])),
            (ids.descriptor, descriptor),
        ]
        .into_iter()
        .filter_map(|(id, bytes)| Some((id, bytes?)))
        .filter(|(id, _)| *id != 0)
        .collect();
        prop_assert_eq!(found, expected);
    }
}
