//! H.264 byte streams (Annex B): NAL units between start codes, grouped into access units.

use anyhow::{Result, ensure};

/// One access unit: its NAL units without start codes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct AccessUnit<'a> {
    pub(crate) nals: Vec<&'a [u8]>,
}

const SLICE: u8 = 1;
const IDR: u8 = 5;
const SEI: u8 = 6;
const SPS: u8 = 7;
const PPS: u8 = 8;
const DELIMITER: u8 = 9;

fn nal_type(nal: &[u8]) -> u8 {
    nal.first().map_or(0, |byte| byte & 0x1f)
}

impl AccessUnit<'_> {
    /// Whether decoding can start here.
    pub(crate) fn is_key(&self) -> bool {
        self.nals.iter().any(|nal| nal_type(nal) == IDR)
    }

    fn has_picture(&self) -> bool {
        self.nals.iter().any(|nal| (SLICE..=IDR).contains(&nal_type(nal)))
    }
}

/// Splits a byte stream at its start codes (ITU-T H.264 annex B.1).
fn split(stream: &[u8]) -> Vec<&[u8]> {
    let mut starts = Vec::new();
    let mut at = 0;
    while at + 3 <= stream.len() {
        if stream[at..at + 3] == [0, 0, 1] {
            starts.push(at + 3);
            at += 3;
        } else {
            at += 1;
        }
    }
    let ends = starts.iter().skip(1).map(|start| start - 3).chain([stream.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| {
            let nal = &stream[*start..end];
            let zeros = nal.iter().rev().take_while(|byte| **byte == 0).count();
            &nal[..nal.len() - zeros]
        })
        .filter(|nal| !nal.is_empty())
        .collect()
}

/// Reads a byte stream; delimiters are dropped, for RTP has its marker.
pub(crate) fn read(stream: &[u8]) -> Result<Vec<AccessUnit<'_>>> {
    let mut units: Vec<AccessUnit<'_>> = Vec::new();
    let mut current = AccessUnit::default();
    for nal in split(stream) {
        let kind = nal_type(nal);
        // ITU-T H.264 §7.4.1.2.3 and .4; `first_mb_in_slice` is zero when its first bit is set.
        let starts_picture = matches!(kind, SLICE | IDR) && nal.get(1).is_some_and(|byte| byte & 0x80 != 0);
        let starts_unit = starts_picture || matches!(kind, SEI | SPS | PPS | DELIMITER);
        if starts_unit && current.has_picture() {
            units.push(std::mem::take(&mut current));
        }
        if kind != DELIMITER {
            current.nals.push(nal);
        }
    }
    if current.has_picture() {
        units.push(current);
    }
    ensure!(!units.is_empty(), "this is not an H.264 byte stream");
    ensure!(units.iter().any(AccessUnit::is_key), "the H.264 file has no IDR picture to start from");
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_sets_belong_to_the_picture_that_follows_and_slices_to_one_picture() {
        let stream = [
            &[0, 0, 0, 1, 9, 0xf0][..],
            &[0, 0, 0, 1, 0x67, 1, 2],
            &[0, 0, 0, 1, 0x68, 3],
            &[0, 0, 1, 0x65, 0x88, 1],
            &[0, 0, 1, 0x65, 0x08, 2],
            &[0, 0, 0, 1, 9, 0xf0],
            &[0, 0, 0, 1, 0x41, 0x9a, 3, 0],
            &[0, 0, 1, 0x41, 0x9a, 4],
        ]
        .concat();
        let units = read(&stream).unwrap();
        assert_eq!(units.len(), 3);
        assert_eq!(units[0].nals.len(), 4);
        assert!(units[0].is_key());
        assert_eq!(units[1].nals, [&[0x41, 0x9a, 3][..]]);
        assert!(!units[2].is_key());
    }

    #[test]
    fn what_is_no_byte_stream_is_refused() {
        assert!(read(b"hello").is_err());
        assert!(read(&[]).is_err());
        let no_idr = [0, 0, 1, 0x41, 0x9a, 3];
        assert!(read(&no_idr).unwrap_err().to_string().contains("IDR"));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(0u8..8, 0..200)) {
            let _ = read(&bytes);
        }
    }
}
