//! Length-prefixed units inside an aggregation packet (STAP-A of RFC 6184, AP of RFC 7798).

/// Walks units that are each preceded by a 16-bit size; a cut or empty unit ends the walk.
#[derive(Debug, Clone)]
pub(crate) struct Units<'a> {
    rest: &'a [u8],
}

impl<'a> Units<'a> {
    pub(crate) const fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    /// Whether units fill the bytes to the last one.
    pub(crate) fn is_whole(&self) -> bool {
        let filled: usize = self.clone().map(|unit| unit.len() + 2).sum();
        filled == self.rest.len()
    }
}

impl<'a> Iterator for Units<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (size, rest) = self.rest.split_first_chunk::<2>()?;
        let size = usize::from(u16::from_be_bytes(*size));
        if size == 0 || size > rest.len() {
            self.rest = &[];
            return None;
        }
        let (unit, rest) = rest.split_at(size);
        self.rest = rest;
        Some(unit)
    }
}

/// Appends one unit with its size; the caller keeps units far below 64 KiB.
pub(crate) fn push(out: &mut Vec<u8>, unit: &[u8]) {
    let size = u16::try_from(unit.len()).expect("parameter sets are capped far below 64 KiB");
    out.extend_from_slice(&size.to_be_bytes());
    out.extend_from_slice(unit);
}
