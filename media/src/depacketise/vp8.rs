//! VP8 packets (RFC 7741) to frames.

use crate::depacketise::{Assembled, Broken};
use crate::track;
use crate::vp8::Descriptor;

/// The frame in the making.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    data: Vec<u8>,
}

impl Assembler {
    pub(super) fn push(&mut self, payload: &[u8]) -> Result<(), Broken> {
        let descriptor = Descriptor::parse(payload).ok_or(Broken)?;
        if descriptor.frame_start() != self.data.is_empty() {
            return Err(Broken);
        }
        self.data.extend_from_slice(descriptor.data(payload));
        Ok(())
    }

    pub(super) fn finish(&mut self) -> Result<Option<Assembled>, Broken> {
        let data = std::mem::take(&mut self.data);
        // The first bit of the frame tag is 0 on key frames (RFC 6386 9.1).
        let key = data.first().ok_or(Broken)? & 1 == 0;
        let config = if key { track::vp8(&data) } else { None };
        Ok(Some(Assembled { data, key, config, orphan: false }))
    }

    pub(super) fn clear(&mut self) {
        self.data.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.data.len()
    }
}
