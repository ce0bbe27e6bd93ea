//! H.264 over RTP (RFC 6184), packetization mode 1.

use super::{split, stamp};

const STAP_A: u8 = 24;
const FU_A: u8 = 28;
const FILLER: u8 = 12;
const SEI: u8 = 6;

/// An SEI message with a payload stamp (user data unregistered, ITU-T H.264 §D.1.7).
pub(crate) fn stamp_nal(ntp: u64) -> Vec<u8> {
    let mut nal = vec![SEI, 5, stamp::LEN as u8];
    nal.extend_from_slice(&stamp::write(ntp));
    nal.push(0x80);
    nal
}

/// A filler unit of about this many bytes, to raise the bit rate (ITU-T H.264 §7.3.2.7).
pub(crate) fn filler_nal(len: usize) -> Vec<u8> {
    let mut nal = vec![0xff; len.max(3)];
    nal[0] = FILLER;
    if let Some(last) = nal.last_mut() {
        *last = 0x80;
    }
    nal
}

/// Cuts an access unit into payloads. Each is given as a prefix and a body, so that nothing is
/// copied twice; the last one is marked.
pub(crate) fn packetise(nals: &[&[u8]], max_payload: usize, mut each: impl FnMut(&[u8], &[u8], bool)) {
    let mut aggregate = Vec::new();
    let mut at = 0;
    while at < nals.len() {
        let together = fitting(&nals[at..], max_payload);
        let last = at + together.max(1) == nals.len();
        if together > 1 {
            aggregate.clear();
            let importance = nals[at..at + together].iter().map(|nal| nal[0] & 0x60).max().unwrap_or(0);
            aggregate.push(importance | STAP_A);
            for nal in &nals[at..at + together] {
                aggregate.extend_from_slice(&(nal.len() as u16).to_be_bytes());
                aggregate.extend_from_slice(nal);
            }
            each(&aggregate, &[], last);
        } else if nals[at].len() <= max_payload {
            each(&[], nals[at], last);
        } else {
            fragment(nals[at], max_payload, last, &mut each);
        }
        at += together.max(1);
    }
}

/// How many of the next units fit into one aggregation packet.
fn fitting(nals: &[&[u8]], max_payload: usize) -> usize {
    let mut len = 1;
    nals.iter()
        .take_while(|nal| {
            len += 2 + nal.len();
            len <= max_payload
        })
        .count()
}

fn fragment(nal: &[u8], max_payload: usize, last_nal: bool, each: &mut impl FnMut(&[u8], &[u8], bool)) {
    let indicator = (nal[0] & 0x60) | FU_A;
    let kind = nal[0] & 0x1f;
    let body = &nal[1..];
    for part in split::evenly(body.len(), max_payload - 2) {
        let (start, end) = (part.start == 0, part.end == body.len());
        let header = if start { 0x80 } else { 0 } | if end { 0x40 } else { 0 } | kind;
        each(&[indicator, header], &body[part], end && last_nal);
    }
}

/// What a receiver reads from a payload: whether a picture that decoding can start from begins.
pub(crate) fn starts_key(payload: &[u8]) -> bool {
    let Some(first) = payload.first() else {
        return false;
    };
    match first & 0x1f {
        5 | 7 => true,
        STAP_A => {
            let mut rest = &payload[1..];
            while let [high, low, kind, ..] = rest {
                if matches!(kind & 0x1f, 5 | 7) {
                    return true;
                }
                let len = usize::from(u16::from_be_bytes([*high, *low]));
                rest = rest.get(2 + len..).unwrap_or(&[]);
            }
            false
        }
        FU_A => payload.get(1).is_some_and(|header| header & 0x80 != 0 && header & 0x1f == 5),
        _ => false,
    }
}

/// What a receiver reads from a payload: whether a picture begins. Parameter sets, messages and
/// delimiters come before a picture; `first_mb_in_slice` is zero in its first slice.
pub(crate) fn starts_picture(payload: &[u8]) -> bool {
    let starts = |kind: u8, slice: Option<&u8>| match kind & 0x1f {
        1 | 5 => slice.is_some_and(|byte| byte & 0x80 != 0),
        6..=9 => true,
        _ => false,
    };
    match payload {
        [first, _, _, kind, rest @ ..] if first & 0x1f == STAP_A => starts(*kind, rest.first()),
        [first, header, rest @ ..] if first & 0x1f == FU_A => {
            header & 0x80 != 0 && starts(*header, rest.first())
        }
        [first, rest @ ..] => starts(*first, rest.first()),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts the payloads of one access unit together again, as a receiver does (RFC 6184 §5).
    fn depacketise(payloads: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let mut nals: Vec<Vec<u8>> = Vec::new();
        for payload in payloads {
            match payload[0] & 0x1f {
                STAP_A => {
                    let mut rest = &payload[1..];
                    while !rest.is_empty() {
                        let len = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
                        nals.push(rest[2..2 + len].to_vec());
                        rest = &rest[2 + len..];
                    }
                }
                FU_A => {
                    if payload[1] & 0x80 != 0 {
                        nals.push(vec![(payload[0] & 0xe0) | (payload[1] & 0x1f)]);
                    }
                    nals.last_mut().unwrap().extend_from_slice(&payload[2..]);
                }
                _ => nals.push(payload.clone()),
            }
        }
        nals
    }

    fn packets(nals: &[&[u8]], max: usize) -> (Vec<Vec<u8>>, Vec<bool>) {
        let mut payloads = Vec::new();
        let mut marks = Vec::new();
        packetise(nals, max, |prefix, body, last| {
            payloads.push([prefix, body].concat());
            marks.push(last);
        });
        (payloads, marks)
    }

    #[test]
    fn units_survive_aggregation_and_fragmentation() {
        let slice: Vec<u8> = std::iter::once(0x65).chain((0..=255).cycle().take(3000)).collect();
        let nals: [&[u8]; 4] = [&[0x67, 1, 2, 3], &[0x68, 4], &slice, &[0x41, 0x9a, 1]];
        let (payloads, marks) = packets(&nals, 1000);
        assert_eq!(depacketise(&payloads), nals.map(<[u8]>::to_vec));
        assert!(payloads.iter().all(|payload| payload.len() <= 1000));
        assert_eq!(payloads[0][0] & 0x1f, STAP_A);
        assert_eq!(marks.iter().filter(|mark| **mark).count(), 1);
        assert_eq!(marks.last(), Some(&true));
        assert!(starts_key(&payloads[0]) && starts_key(&payloads[1]));
        assert!(starts_picture(&payloads[0]) && !starts_picture(&payloads[2]));
        assert!(!starts_key(&payloads[2]) && !starts_key(payloads.last().unwrap()));
    }

    #[test]
    fn a_unit_of_exactly_the_limit_is_one_packet() {
        let slice = [0x41; 100];
        let (payloads, marks) = packets(&[&slice], 100);
        assert_eq!((payloads.len(), marks), (1, vec![true]));
        let (payloads, _) = packets(&[&slice], 99);
        assert_eq!(payloads.len(), 2);
    }

    #[test]
    fn stamp_and_filler_are_units_of_their_kind() {
        assert_eq!(stamp::find(&stamp_nal(77)), Some(77));
        assert_eq!(filler_nal(0), [FILLER, 0xff, 0x80]);
        assert_eq!(filler_nal(500).len(), 500);
    }
}
