//! Cuts a frame into packets of almost equal size.

/// The parts of `len` bytes, none larger than `max`: their sizes differ by a byte at most and the
/// larger ones come last, as libwebrtc's packetisers cut frames (`SplitAboutEqually`).
pub(crate) fn evenly(len: usize, max: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let parts = len.div_ceil(max.max(1));
    let (size, larger) = (len.checked_div(parts).unwrap_or(0), len.checked_rem(parts).unwrap_or(0));
    let mut start = 0;
    (0..parts).map(move |part| {
        let end = start + size + usize::from(part >= parts - larger);
        std::mem::replace(&mut start, end)..end
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_differ_by_a_byte_at_most_and_cover_everything() {
        for len in [1, 2, 1159, 1160, 1161, 2320, 2321, 10_417, 65_536] {
            let parts: Vec<_> = evenly(len, 1160).collect();
            assert_eq!(parts.len(), len.div_ceil(1160));
            assert_eq!((parts[0].start, parts.last().unwrap().end), (0, len));
            let sizes: Vec<_> = parts.iter().map(std::ops::Range::len).collect();
            assert!(sizes.is_sorted() && sizes.iter().all(|size| *size <= 1160));
            assert!(sizes.last().unwrap() - sizes[0] <= 1);
            assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
        assert_eq!(evenly(0, 1160).count(), 0);
    }
}
