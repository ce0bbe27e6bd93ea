//! VP8 over RTP (RFC 7741).

/// The numbers that continue from frame to frame of one stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    picture_id: u16,
    tl0_picture_index: u8,
    key_index: u8,
}

/// What precedes the frame bytes in each packet.
pub(crate) const DESCRIPTOR_LEN: usize = 6;

impl Numbers {
    /// Starts anywhere in the space of picture ids.
    pub(crate) fn starting_at(picture_id: u16) -> Self {
        Self { picture_id: picture_id & 0x7fff, tl0_picture_index: picture_id as u8, key_index: 0 }
    }

    /// Moves on to the next frame.
    pub(crate) fn advance(&mut self, key: bool) {
        self.picture_id = (self.picture_id + 1) & 0x7fff;
        self.tl0_picture_index = self.tl0_picture_index.wrapping_add(1);
        if key {
            self.key_index = (self.key_index + 1) & 0x1f;
        }
    }

    /// The payload descriptor with 15-bit picture id, TL0PICIDX, TID and KEYIDX.
    pub(crate) fn descriptor(&self, first: bool) -> [u8; DESCRIPTOR_LEN] {
        let [high, low] = self.picture_id.to_be_bytes();
        [if first { 0x90 } else { 0x80 }, 0xf0, 0x80 | high, low, self.tl0_picture_index, self.key_index]
    }
}

/// What a receiver reads from a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Descriptor {
    pub(crate) starts_frame: bool,
    pub(crate) key: bool,
    pub(crate) picture_id: Option<PictureId>,
}

/// A picture id with its width in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PictureId {
    pub(crate) value: u16,
    pub(crate) wide: bool,
}

impl PictureId {
    /// Whether this id is the one after `before`.
    pub(crate) fn follows(self, before: Self) -> bool {
        let mask = if self.wide { 0x7fff } else { 0x7f };
        self.value == (before.value + 1) & mask
    }
}

/// Reads a payload descriptor and the frame header behind it.
pub(crate) fn read(payload: &[u8]) -> Option<Descriptor> {
    let (first, mut rest) = payload.split_first()?;
    let starts_frame = first & 0x17 == 0x10;
    let mut picture_id = None;
    if first & 0x80 != 0 {
        let (flags, tail) = rest.split_first()?;
        rest = tail;
        if flags & 0x80 != 0 {
            let wide = rest.first()? & 0x80 != 0;
            let value =
                if wide { u16::from_be_bytes([rest[0] & 0x7f, *rest.get(1)?]) } else { u16::from(rest[0]) };
            rest = &rest[if wide { 2 } else { 1 }..];
            picture_id = Some(PictureId { value, wide });
        }
        if flags & 0x40 != 0 {
            rest = rest.get(1..)?;
        }
        if flags & 0x30 != 0 {
            rest = rest.get(1..)?;
        }
    }
    Some(Descriptor { starts_frame, key: starts_frame && rest.first()? & 1 == 0, picture_id })
}

/// Whether a whole VP8 frame is a key frame (RFC 6386 §9.1).
pub(crate) fn is_key(frame: &[u8]) -> bool {
    frame.first().is_some_and(|byte| byte & 1 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_descriptor_is_read_back_and_numbers_wrap() {
        let mut numbers = Numbers::starting_at(0x7fff);
        let mut payload = numbers.descriptor(true).to_vec();
        payload.push(0x10);
        let first = read(&payload).unwrap();
        assert!(first.starts_frame && first.key);
        numbers.advance(false);
        let mut payload = numbers.descriptor(false).to_vec();
        payload.push(0x10);
        let second = read(&payload).unwrap();
        assert!(!second.starts_frame && !second.key);
        assert_eq!(second.picture_id.unwrap().value, 0);
        assert!(second.picture_id.unwrap().follows(first.picture_id.unwrap()));
    }

    #[test]
    fn a_short_descriptor_without_ids_is_read() {
        let read_it = read(&[0x10, 0x31]).unwrap();
        assert!(read_it.starts_frame && !read_it.key);
        assert_eq!(read_it.picture_id, None);
        assert_eq!(read(&[0x90, 0xf0, 0x80]), None);
    }
}
