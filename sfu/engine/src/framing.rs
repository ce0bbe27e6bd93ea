//! Datagrams on a stream of bytes, each behind its length in two bytes (RFC 4571 §2).

/// Longest datagram that is taken. No peer of ours sends one that does not fit an Ethernet frame by much; a
/// stream that announces more is none of datagrams.
pub const LONGEST: usize = 2048;

/// Bytes of the length.
const LENGTH: usize = 2;

/// Bytes kept for reuse when everything was sent.
const KEPT: usize = 16 * 1024;

/// The stream cannot be one of datagrams, or not one of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

/// Takes what arrives apart. Holds one datagram at most.
#[derive(Debug)]
pub struct Incoming {
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Default for Incoming {
    fn default() -> Self {
        Self { buffer: vec![0; LENGTH + LONGEST].into_boxed_slice(), start: 0, end: 0 }
    }
}

impl Incoming {
    /// Where to put what is read next. Never empty where [`Self::take`] was asked until it had nothing.
    pub fn room(&mut self) -> &mut [u8] {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        &mut self.buffer[self.end..]
    }

    /// So many bytes were put there.
    pub fn filled(&mut self, bytes: usize) {
        self.end = (self.end + bytes).min(self.buffer.len());
    }

    /// What was read and not taken apart yet.
    pub fn rest(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Whether a whole datagram is there. Empty ones, which some send to keep the stream alive, are passed over.
    ///
    /// # Errors
    /// Where what follows is longer than [`LONGEST`]; the stream is of no use any more.
    pub fn ready(&mut self) -> Result<bool, TooLong> {
        while let Some(length) = self.length() {
            match length {
                0 => self.start += LENGTH,
                _ if length > LONGEST => return Err(TooLong),
                _ => return Ok(self.end - self.start >= LENGTH + length),
            }
        }
        Ok(false)
    }

    /// The next whole datagram.
    ///
    /// # Errors
    /// Those of [`Self::ready`].
    pub fn take(&mut self) -> Result<Option<&[u8]>, TooLong> {
        let Some(length) = self.ready()?.then(|| self.length()).flatten() else { return Ok(None) };
        let at = self.start + LENGTH;
        self.start = at + length;
        Ok(self.buffer.get(at..at + length))
    }

    fn length(&self) -> Option<usize> {
        let length = self.rest().first_chunk()?;
        Some(usize::from(u16::from_be_bytes(*length)))
    }
}

/// Lays datagrams one behind the other until the stream takes them. Whole ones are left out where too much
/// waits, as a network would: the peer asks for what it misses, and the estimator sees that it was too much.
#[derive(Debug, Default)]
pub struct Outgoing {
    buffer: Vec<u8>,
    sent: usize,
}

impl Outgoing {
    /// Adds a datagram. False where more than `most` bytes would wait.
    pub fn push(&mut self, datagram: &[u8], most: usize) -> bool {
        let Ok(length) = u16::try_from(datagram.len()) else { return false };
        if self.waiting().len() + LENGTH + datagram.len() > most {
            return false;
        }
        // Space that was sent is taken back before more is asked of the system.
        if self.sent > 0 && self.buffer.len() + LENGTH + datagram.len() > self.buffer.capacity() {
            self.buffer.drain(..self.sent);
            self.sent = 0;
        }
        self.buffer.extend_from_slice(&length.to_be_bytes());
        self.buffer.extend_from_slice(datagram);
        true
    }

    /// What the stream has not taken yet.
    pub fn waiting(&self) -> &[u8] {
        &self.buffer[self.sent..]
    }

    /// The stream took so many bytes.
    pub fn took(&mut self, bytes: usize) {
        self.sent = (self.sent + bytes).min(self.buffer.len());
        if self.sent == self.buffer.len() {
            self.buffer.clear();
            self.buffer.shrink_to(KEPT);
            self.sent = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Everything that is whole after each of the pieces.
    fn read(incoming: &mut Incoming, mut bytes: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut got = Vec::new();
        while !bytes.is_empty() {
            let room = incoming.room();
            let count = bytes.len().min(room.len());
            assert!(count > 0, "there is always room for what completes a datagram");
            room[..count].copy_from_slice(&bytes[..count]);
            incoming.filled(count);
            bytes = &bytes[count..];
            while let Some(datagram) = incoming.take()? {
                got.push(datagram.to_vec());
            }
        }
        Ok(got)
    }

    #[test]
    fn a_datagram_that_comes_byte_by_byte_is_whole_with_its_last() {
        let mut incoming = Incoming::default();
        for byte in [0, 3, b'a', b'b'] {
            assert_eq!(read(&mut incoming, &[byte]).unwrap(), Vec::<Vec<u8>>::new());
        }
        assert_eq!(incoming.rest(), [0, 3, b'a', b'b']);
        assert_eq!(read(&mut incoming, b"c\0\0\0\x01d").unwrap(), [b"abc".to_vec(), b"d".to_vec()]);
        assert!(incoming.rest().is_empty());
    }

    #[test]
    fn a_stream_of_something_else_is_found_out_by_its_first_length() {
        assert_eq!(read(&mut Incoming::default(), b"GET / HTTP/1.1\r\n"), Err(TooLong));
        assert_eq!(read(&mut Incoming::default(), &[0x16, 3, 1, 0, 200]), Err(TooLong));
    }

    #[test]
    fn what_does_not_fit_is_left_out_whole() {
        let mut outgoing = Outgoing::default();
        assert!(outgoing.push(&[1; 60], 100));
        assert!(!outgoing.push(&[2; 60], 100));
        assert!(outgoing.push(&[3; 30], 100));
        outgoing.took(70);
        assert_eq!(outgoing.waiting().len(), 24);
        assert!(outgoing.push(&[4; 60], 100));
        let mut all = [&[0, 30][..], &[3; 30]].concat()[8..].to_vec();
        all.extend([&[0, 60][..], &[4; 60]].concat());
        assert_eq!(outgoing.waiting(), all);
        outgoing.took(1000);
        assert!(outgoing.waiting().is_empty());
    }

    proptest! {
        #[test]
        fn datagrams_arrive_as_they_were_sent_however_the_stream_is_cut(
            datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..40),
            taken in prop::collection::vec(1_usize..700, 1..40),
        ) {
            let (mut outgoing, mut incoming) = (Outgoing::default(), Incoming::default());
            let (mut got, mut to_send) = (Vec::new(), datagrams.iter());
            let mut cuts = taken.iter().cycle();
            loop {
                if let Some(datagram) = to_send.next() {
                    prop_assert!(outgoing.push(datagram, 1 << 20));
                } else if outgoing.waiting().is_empty() {
                    break;
                }
                let count = outgoing.waiting().len().min(*cuts.next().unwrap());
                got.extend(read(&mut incoming, &outgoing.waiting()[..count]).unwrap());
                outgoing.took(count);
            }
            prop_assert_eq!(got, datagrams);
        }
    }
}
