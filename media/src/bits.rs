//! Reads single bits and the variable-length codes of the video specifications.

/// A cursor over bits, most significant first. Every read answers `None` past the end.
#[derive(Debug, Clone)]
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    /// Index of the byte that holds the next bit.
    index: usize,
    /// Bits of that byte already read, 0 to 7.
    used: u8,
    /// Zero bytes directly before `index`, counted only where emulation prevention is on.
    zeros: u8,
    escaped: bool,
}

impl<'a> BitReader<'a> {
    /// Reads the bytes as they are (AV1, VP9, dependency descriptor).
    pub(crate) const fn plain(bytes: &'a [u8]) -> Self {
        Self { bytes, index: 0, used: 0, zeros: 0, escaped: false }
    }

    /// Reads a NAL unit body: the 3 of each `00 00 03` is left out (H.264 7.3.1, H.265 7.3.1.1).
    pub(crate) const fn nal(bytes: &'a [u8]) -> Self {
        Self { bytes, index: 0, used: 0, zeros: 0, escaped: true }
    }

    /// One bit as a flag.
    pub(crate) fn flag(&mut self) -> Option<bool> {
        let mut byte = *self.bytes.get(self.index)?;
        if self.escaped && self.used == 0 && self.zeros >= 2 && byte == 3 {
            self.index += 1;
            self.zeros = 0;
            byte = *self.bytes.get(self.index)?;
        }
        let bit = byte >> (7 - self.used) & 1;
        self.used += 1;
        if self.used == 8 {
            self.used = 0;
            self.index += 1;
            self.zeros = if byte == 0 { self.zeros.saturating_add(1) } else { 0 };
        }
        Some(bit == 1)
    }

    /// An unsigned number of `count` bits, at most 32.
    pub(crate) fn bits(&mut self, count: u32) -> Option<u32> {
        let mut value = 0_u32;
        for _ in 0..count.min(32) {
            value = value << 1 | u32::from(self.flag()?);
        }
        Some(value)
    }

    /// Eight bits.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        u8::try_from(self.bits(8)?).ok()
    }

    /// Leaves out `count` bits.
    pub(crate) fn skip(&mut self, count: u32) -> Option<()> {
        for _ in 0..count {
            self.flag()?;
        }
        Some(())
    }

    /// Unsigned Exp-Golomb code `ue(v)` (H.264 9.1); AV1 calls the same code `uvlc`.
    pub(crate) fn ue(&mut self) -> Option<u32> {
        let mut leading = 0;
        while !self.flag()? {
            leading += 1;
            // 2^32 - 1 does not fit behind 32 zeros; no field of ours comes near.
            if leading > 31 {
                return None;
            }
        }
        Some((1_u32 << leading) - 1 + self.bits(leading)?)
    }

    /// Signed Exp-Golomb code `se(v)` (H.264 9.1.1).
    pub(crate) fn se(&mut self) -> Option<i32> {
        let code = self.ue()?;
        let magnitude = i32::try_from(code.div_ceil(2)).ok()?;
        Some(if code % 2 == 1 { magnitude } else { -magnitude })
    }

    /// Non-symmetric unsigned code `ns(n)` (AV1 4.10.7): a number below `n`.
    pub(crate) fn ns(&mut self, n: u32) -> Option<u32> {
        let width = 32 - n.leading_zeros();
        if width == 0 {
            return None;
        }
        let short = (1_u64 << width) - u64::from(n);
        let value = u64::from(self.bits(width - 1)?);
        if value < short {
            return u32::try_from(value).ok();
        }
        u32::try_from((value << 1) - short + u64::from(self.flag()?)).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Writes bits for tests: the inverse of the reader.
    #[derive(Default)]
    struct BitWriter {
        bits: Vec<bool>,
    }

    impl BitWriter {
        fn bits(&mut self, count: u32, value: u32) {
            for shift in (0..count).rev() {
                self.bits.push(value >> shift & 1 == 1);
            }
        }

        fn ue(&mut self, value: u32) {
            let code = value + 1;
            let width = 32 - code.leading_zeros();
            self.bits(width - 1, 0);
            self.bits(width, code);
        }

        fn bytes(&self) -> Vec<u8> {
            let byte = |bits: &[bool]| {
                bits.iter().enumerate().fold(0, |byte, (index, bit)| byte | u8::from(*bit) << (7 - index))
            };
            self.bits.chunks(8).map(byte).collect()
        }
    }

    #[test]
    fn exp_golomb_codes_of_the_standard_are_read() {
        // H.264 table 9-2: 1, 010, 011, 00100.
        let mut reader = BitReader::plain(&[0b1010_0110, 0b0100_0000]);
        assert_eq!([reader.ue(), reader.ue(), reader.ue(), reader.ue()], [0, 1, 2, 3].map(Some));
    }

    #[test]
    fn signed_codes_alternate_around_zero() {
        let mut reader = BitReader::plain(&[0b1010_0110, 0b0100_0010, 0b1000_0000]);
        assert_eq!(
            [reader.se(), reader.se(), reader.se(), reader.se(), reader.se()],
            [0, 1, -1, 2, -2].map(Some)
        );
    }

    #[test]
    fn emulation_prevention_bytes_are_left_out_of_a_nal_only() {
        let bytes = [0, 0, 3, 1, 0, 0, 3];
        let mut nal = BitReader::nal(&bytes);
        assert_eq!(nal.bits(24), Some(1));
        assert_eq!(nal.bits(16), Some(0));
        assert_eq!(nal.flag(), None, "the last 3 is emulation prevention too");
        assert_eq!(BitReader::plain(&bytes).bits(32), Some(0x0000_0301));
    }

    #[test]
    fn non_symmetric_codes_use_the_short_form_for_low_values() {
        // n = 5: 0, 1, 2 take two bits; 3 and 4 take three.
        let mut reader = BitReader::plain(&[0b0001_1011, 0b1000_0000]);
        let values = [reader.ns(5), reader.ns(5), reader.ns(5), reader.ns(5)];
        assert_eq!(values, [Some(0), Some(1), Some(2), Some(4)]);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(values in prop::collection::vec((1_u32..=32, any::<u32>(), 0_u32..1 << 20), 0..20)) {
            let mut writer = BitWriter::default();
            for (count, value, code) in &values {
                writer.bits(*count, *value);
                writer.ue(*code);
            }
            let bytes = writer.bytes();
            let mut reader = BitReader::plain(&bytes);
            for (count, value, code) in &values {
                let mask = u32::MAX >> (32 - count);
                prop_assert_eq!(reader.bits(*count), Some(value & mask));
                prop_assert_eq!(reader.ue(), Some(*code));
            }
        }

        #[test]
        fn garbage_ends_and_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..64), n in any::<u32>()) {
            let mut reader = BitReader::nal(&bytes);
            while reader.se().is_some() {}
            let mut reader = BitReader::plain(&bytes);
            while n > 1 && reader.ns(n).is_some() {}
        }
    }
}
