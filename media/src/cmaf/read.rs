//! Reads fragments again: how many are whole, and what times they cover. Bytes may be torn anywhere, since a
//! process may be killed anywhere, and wrong, since a disk may be.

/// What a fragment says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment {
    /// Where it begins.
    pub start: usize,
    /// Its length in bytes.
    pub length: usize,
    /// Its number (`mfhd`).
    pub sequence: u32,
    /// Decoding time of its first sample.
    pub base_decode_time: u64,
    /// Number of samples.
    pub samples: u32,
    /// Duration of all samples.
    pub duration: u64,
    /// A decoder can start with its first sample.
    pub key: bool,
}

/// One sample of a fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleInfo {
    /// Where its bytes begin, counted as `Fragment::start` is.
    pub start: usize,
    /// Number of its bytes.
    pub length: usize,
    /// When it is decoded.
    pub decode: u64,
    /// Units of time until the next one is decoded.
    pub duration: u32,
    /// What makes the presentation time of the decoding time.
    pub offset: i32,
    /// A decoder can start here.
    pub key: bool,
}

/// Length of the whole fragments at the beginning of `bytes`: where to cut what a killed process wrote.
pub fn complete_prefix(bytes: &[u8]) -> usize {
    fragments(bytes).last().map_or(0, |fragment| fragment.start + fragment.length)
}

/// The fragments at the beginning of `bytes`; ends before the first one that is torn or not of ours.
pub fn fragments(bytes: &[u8]) -> impl Iterator<Item = Fragment> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let fragment = read(bytes, at, |_| {})?;
        at += fragment.length;
        Some(fragment)
    })
}

/// The samples of the fragments at the beginning of `bytes`.
pub fn samples(bytes: &[u8]) -> Vec<SampleInfo> {
    let mut all = Vec::new();
    let mut at = 0;
    loop {
        let before = all.len();
        let Some(fragment) = read(bytes, at, |sample| all.push(sample)) else {
            all.truncate(before);
            return all;
        };
        at += fragment.length;
    }
}

/// Reads the fragment at `at`, which must be whole: its samples fill its `mdat` to the last byte.
fn read(bytes: &[u8], at: usize, mut each: impl FnMut(SampleInfo)) -> Option<Fragment> {
    let (moof, behind) = typed(bytes.get(at..)?, b"moof")?;
    let (mdat, behind_mdat) = typed(behind, b"mdat")?;
    let moof_length = HEADER + moof.len();
    let mut fragment = Fragment {
        start: at,
        length: bytes.len() - at - behind_mdat.len(),
        sequence: be32(find(moof, b"mfhd")?, 4)?,
        base_decode_time: 0,
        samples: 0,
        duration: 0,
        key: false,
    };
    let traf = find(moof, b"traf")?;
    // Files of ours have neither defaults nor another base than the `moof`.
    if be32(find(traf, b"tfhd")?, 0)? != DEFAULT_BASE_IS_MOOF {
        return None;
    }
    let tfdt = find(traf, b"tfdt")?;
    let base = tfdt.get(4..12).filter(|_| tfdt.first() == Some(&1))?;
    fragment.base_decode_time = u64::from_be_bytes(base.try_into().ok()?);
    let trun = find(traf, b"trun")?;
    let flags = be32(trun, 0)?;
    let has_offsets = flags & COMPOSITION_OFFSETS != 0;
    if flags & !COMPOSITION_OFFSETS != REQUIRED {
        return None;
    }
    fragment.samples = be32(trun, 4)?;
    if usize::try_from(be32(trun, 8)?).ok()? != moof_length + HEADER {
        return None;
    }
    let entry = if has_offsets { 16 } else { 12 };
    let entries = trun.get(12..)?;
    if entries.len() != usize::try_from(fragment.samples).ok()?.checked_mul(entry)? {
        return None;
    }
    let mut start = at + moof_length + HEADER;
    let mut filled = 0_usize;
    for (index, entry) in entries.chunks_exact(entry).enumerate() {
        let duration = be32(entry, 0)?;
        let length = usize::try_from(be32(entry, 4)?).ok()?;
        let key = be32(entry, 8)? & NON_SYNC == 0;
        let offset = if has_offsets { be32(entry, 12)?.cast_signed() } else { 0 };
        filled = filled.checked_add(length).filter(|filled| *filled <= mdat.len())?;
        fragment.key |= key && index == 0;
        let decode = fragment.base_decode_time.checked_add(fragment.duration)?;
        each(SampleInfo { start, length, decode, duration, offset, key });
        fragment.duration += u64::from(duration);
        start += length;
    }
    (filled == mdat.len()).then_some(fragment)
}

/// The first box of a kind among those in `bytes`.
fn find<'a>(mut bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    loop {
        let (found, body, rest) = any(bytes)?;
        if found == kind {
            return Some(body);
        }
        bytes = rest;
    }
}

/// The box at the beginning of `bytes`, which must be of the kind; answers with its body and what is behind it.
fn typed<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<(&'a [u8], &'a [u8])> {
    let (found, body, rest) = any(bytes)?;
    (found == kind).then_some((body, rest))
}

/// Kind, body and rest; `None` where the box is not all there.
fn any(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let length = usize::try_from(be32(bytes, 0)?).ok()?.checked_sub(HEADER)?;
    let kind = bytes.get(4..HEADER)?;
    let (body, rest) = bytes.get(HEADER..)?.split_at_checked(length)?;
    Some((kind, body, rest))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

const HEADER: usize = 8;
const DEFAULT_BASE_IS_MOOF: u32 = 0x02_00_00;
/// `trun` of version 1 with data offset, durations, sizes and flags.
const REQUIRED: u32 = 0x01_00_07_01;
const COMPOSITION_OFFSETS: u32 = 0x08_00;
/// `sample_is_non_sync_sample`.
const NON_SYNC: u32 = 0x01_00_00;
