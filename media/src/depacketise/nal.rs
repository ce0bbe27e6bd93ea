//! NAL units on their way into a sample: each behind its length in four bytes.

use std::ops::Range;

use crate::depacketise::Broken;

/// The units of one access unit.
#[derive(Debug, Default)]
pub(super) struct Units {
    data: Vec<u8>,
    /// Where units begin that may be left out at the end: parameter sets.
    optional: Vec<Range<usize>>,
    /// Where the unit begins whose fragments are coming in.
    fragment: Option<usize>,
}

impl Units {
    /// Adds a whole unit.
    pub(super) fn push(&mut self, unit: &[u8]) -> Result<(), Broken> {
        if self.fragment.is_some() {
            return Err(Broken);
        }
        self.data.extend_from_slice(&length(unit.len())?);
        self.data.extend_from_slice(unit);
        Ok(())
    }

    /// Adds a parameter set, which may turn out to be in the sample entry.
    pub(super) fn push_optional(&mut self, unit: &[u8]) -> Result<(), Broken> {
        let start = self.data.len();
        self.push(unit)?;
        self.optional.push(start..self.data.len());
        Ok(())
    }

    /// Adds a fragment of a unit with this header. `flags` has the start and end bits, which stand at the same
    /// places in RFC 6184 §5.8 and RFC 7798 §4.4.3. Answers with the unit where it is the last fragment.
    pub(super) fn fragment(
        &mut self,
        header: &[u8],
        flags: u8,
        fragment: &[u8],
    ) -> Result<Option<&[u8]>, Broken> {
        if flags & START != 0 {
            self.begin(header, fragment)?;
        } else {
            self.proceed(fragment)?;
        }
        if flags & END == 0 { Ok(None) } else { self.end().map(Some) }
    }

    /// Begins a unit of which only fragments come.
    fn begin(&mut self, header: &[u8], fragment: &[u8]) -> Result<(), Broken> {
        if self.fragment.is_some() {
            return Err(Broken);
        }
        self.fragment = Some(self.data.len());
        self.data.extend_from_slice(&[0; PREFIX]);
        self.data.extend_from_slice(header);
        self.data.extend_from_slice(fragment);
        Ok(())
    }

    /// Adds a later fragment.
    fn proceed(&mut self, fragment: &[u8]) -> Result<(), Broken> {
        self.fragment.ok_or(Broken)?;
        self.data.extend_from_slice(fragment);
        Ok(())
    }

    /// Ends the unit of the fragments; answers with it.
    fn end(&mut self) -> Result<&[u8], Broken> {
        let start = self.fragment.take().ok_or(Broken)?;
        let unit = start + PREFIX..self.data.len();
        self.data[start..start + PREFIX].copy_from_slice(&length(unit.len())?);
        Ok(&self.data[unit])
    }

    /// Takes back the newest whole unit.
    pub(super) fn take_back(&mut self, unit: usize) {
        self.data.truncate(self.data.len().saturating_sub(PREFIX + unit));
    }

    /// The sample, without the optional units that `known` has.
    pub(super) fn finish(&mut self, known: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>, Broken> {
        if self.fragment.is_some() {
            return Err(Broken);
        }
        let mut data = std::mem::take(&mut self.data);
        for range in std::mem::take(&mut self.optional).into_iter().rev() {
            if known(&data[range.start + PREFIX..range.end]) {
                data.drain(range);
            }
        }
        Ok(data)
    }

    pub(super) fn clear(&mut self) {
        self.data.clear();
        self.optional.clear();
        self.fragment = None;
    }

    pub(super) fn len(&self) -> usize {
        self.data.len()
    }
}

/// Whether the parameter sets that are known are those of the picture that comes next.
///
/// Where packets are missing, new ones may be among them. Most senders repeat their sets with every key frame,
/// so a key frame that follows a hole without them is not believed; one that follows a whole picture is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fresh {
    hole: bool,
    sequence: bool,
    picture: bool,
}

impl Fresh {
    pub(super) const fn after_hole() -> Self {
        Self { hole: true, sequence: false, picture: false }
    }

    /// A parameter set has come in.
    pub(super) const fn see(&mut self, sequence: bool, picture: bool) {
        self.sequence |= sequence;
        self.picture |= picture;
    }

    /// The answer for the picture that ends here; the next one follows a whole picture.
    pub(super) fn trusted(&mut self) -> bool {
        let Self { hole, sequence, picture } = std::mem::take(self);
        !hole || sequence && picture
    }
}

fn length(unit: usize) -> Result<[u8; PREFIX], Broken> {
    u32::try_from(unit).map(u32::to_be_bytes).map_err(|_| Broken)
}

const PREFIX: usize = 4;

/// The first fragment of a unit.
const START: u8 = 0x80;
/// The last one.
const END: u8 = 0x40;
