//! Parts: one `moof` and one `mdat`.

use bytes::Bytes;

use crate::cmaf::{Sample, TRACK};

/// Writes a fragment. `sequence` counts the fragments of a track from 1 (`mfhd`), and
/// `base_decode_time` is the decoding time of the first sample.
pub fn part(sequence: u32, base_decode_time: u64, samples: &[Sample]) -> Bytes {
    let payload: usize = samples.iter().map(|sample| sample.data.len()).sum();
    let mut file = Vec::with_capacity(payload + samples.len() * SAMPLE_SIZE + MAX_HEAD);
    let mut data_offset_at = 0;
    nested(&mut file, b"moof", |file| {
        nested(file, b"mfhd", |file| {
            put(file, 0); // version and flags
            put(file, sequence);
        });
        nested(file, b"traf", |file| {
            nested(file, b"tfhd", |file| {
                put(file, DEFAULT_BASE_IS_MOOF);
                put(file, TRACK);
            });
            nested(file, b"tfdt", |file| {
                put(file, 1 << 24); // version 1: 64 bits
                file.extend_from_slice(&base_decode_time.to_be_bytes());
            });
            nested(file, b"trun", |file| data_offset_at = trun(file, samples));
        });
    });
    let data_offset = size(file.len() + HEADER);
    file[data_offset_at..data_offset_at + 4].copy_from_slice(&data_offset.to_be_bytes());
    nested(&mut file, b"mdat", |file| {
        for sample in samples {
            file.extend_from_slice(&sample.data);
        }
    });
    file.into()
}

/// Writes the run of samples; answers with the place of its data offset.
fn trun(file: &mut Vec<u8>, samples: &[Sample]) -> usize {
    let has_offsets = samples.iter().any(|sample| sample.offset != 0);
    let offsets = if has_offsets { COMPOSITION_OFFSETS } else { 0 };
    // Version 1: composition offsets have a sign.
    put(file, 1 << 24 | DATA_OFFSET | DURATIONS | SIZES | FLAGS | offsets);
    put(file, size(samples.len()));
    let data_offset_at = file.len();
    put(file, 0);
    for sample in samples {
        put(file, sample.duration);
        put(file, size(sample.data.len()));
        put(file, if sample.key { KEY } else { NOT_KEY });
        if has_offsets {
            file.extend_from_slice(&sample.offset.to_be_bytes());
        }
    }
    data_offset_at
}

/// Writes a box around what `fill` writes.
fn nested(file: &mut Vec<u8>, kind: &[u8; 4], fill: impl FnOnce(&mut Vec<u8>)) {
    let start = file.len();
    put(file, 0);
    file.extend_from_slice(kind);
    fill(file);
    let length = size(file.len() - start);
    file[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

fn put(file: &mut Vec<u8>, value: u32) {
    file.extend_from_slice(&value.to_be_bytes());
}

fn size(length: usize) -> u32 {
    u32::try_from(length).expect("a part is far below 4 GiB, since its caller holds it in memory")
}

const HEADER: usize = 8;
const MAX_HEAD: usize = 128;
const SAMPLE_SIZE: usize = 16;

/// `tfhd`: data offsets count from the start of the `moof`.
const DEFAULT_BASE_IS_MOOF: u32 = 0x02_00_00;

/// Flags of `trun`: what is told, and for each sample.
const DATA_OFFSET: u32 = 0x00_01;
const DURATIONS: u32 = 0x01_00;
const SIZES: u32 = 0x02_00;
const FLAGS: u32 = 0x04_00;
const COMPOSITION_OFFSETS: u32 = 0x08_00;

/// Flags of a sample (ISO/IEC 14496-12 8.8.3.1): depends on no other.
const KEY: u32 = 0x02_00_00_00;
/// Depends on others, and is no place to start.
const NOT_KEY: u32 = 0x01_01_00_00;
