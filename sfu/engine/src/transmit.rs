//! Datagrams on their way out, gathered so that one system call sends many (UDP GSO).

use std::collections::VecDeque;

use crate::path::{End, Path};

/// Most bytes in one [`Transmit`]: the kernel refuses more than 64 KiB with headers.
const MOST_BYTES: usize = 60_000;

/// Most datagrams in one [`Transmit`] (`UDP_MAX_SEGMENTS` of older kernels).
const MOST_SEGMENTS: usize = 64;

/// Buffers kept for reuse. More are freed.
const SPARE: usize = 64;

/// Datagrams over one path: each of `segment` bytes, the last may be shorter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// Their way.
    pub path: Path,
    /// The datagrams, one behind the other.
    pub bytes: Vec<u8>,
    /// Bytes of each.
    pub segment: usize,
}

impl Transmit {
    /// One by one.
    pub fn datagrams(&self) -> std::slice::Chunks<'_, u8> {
        self.bytes.chunks(self.segment.max(1))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.bytes.len().div_ceil(self.segment.max(1))
    }

    /// Whether one more of `length` bytes can ride along.
    fn takes(&self, length: usize) -> bool {
        let whole = self.bytes.len().is_multiple_of(self.segment.max(1));
        whole
            && length <= self.segment
            && self.bytes.len() + length <= MOST_BYTES
            && self.bytes.len() < self.segment * MOST_SEGMENTS
    }
}

/// The queue of a shard. Its buffers are used again and again.
#[derive(Debug, Default)]
pub struct Transmits {
    queue: VecDeque<Transmit>,
    spare: Vec<Vec<u8>>,
}

impl Transmits {
    /// Room for one datagram of `length` bytes, behind the last one to the same peer where it can share
    /// its system call.
    pub fn room(&mut self, path: Path, length: usize) -> &mut [u8] {
        let shares = self.queue.back().is_some_and(|last| last.path == path && last.takes(length));
        if !shares {
            let bytes = self.spare.pop().unwrap_or_default();
            self.queue.push_back(Transmit { path, bytes, segment: length });
        }
        let last = self.queue.len() - 1;
        let bytes = &mut self.queue[last].bytes;
        let start = bytes.len();
        bytes.resize(start + length, 0);
        &mut bytes[start..]
    }

    /// Takes back the room of the newest datagram, which could not be sealed.
    pub fn withdraw(&mut self, length: usize) {
        if let Some(last) = self.queue.back_mut() {
            let kept = last.bytes.len().saturating_sub(length);
            last.bytes.truncate(kept);
            if kept == 0
                && let Some(empty) = self.queue.pop_back()
            {
                self.recycle(empty.bytes);
            }
        }
    }

    /// Adds a finished datagram.
    pub fn push(&mut self, path: Path, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.room(path, bytes.len()).copy_from_slice(bytes);
        }
    }

    /// The next to send.
    pub fn pop(&mut self) -> Option<Transmit> {
        self.queue.pop_front()
    }

    /// A buffer that was sent comes back.
    pub fn recycle(&mut self, mut bytes: Vec<u8>) {
        if self.spare.len() < SPARE {
            bytes.clear();
            self.spare.push(bytes);
        }
    }

    /// How many sends are waiting.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether nothing is waiting.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Destinations from the `from`th waiting send on.
    pub fn destinations(&self, from: usize) -> impl Iterator<Item = End> {
        self.queue.iter().skip(from).map(|transmit| transmit.path.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::Proto;

    /// To a peer of that number.
    fn path(peer: u16) -> Path {
        Path::udp(([127, 0, 0, 1], 1).into(), ([127, 0, 0, 1], peer).into())
    }

    #[test]
    fn equal_sizes_and_a_shorter_tail_share_a_send() {
        let mut transmits = Transmits::default();
        for size in [1200, 1200, 300, 1200, 90, 90] {
            transmits.push(path(2), &vec![size as u8; size]);
        }
        let sends: Vec<_> = std::iter::from_fn(|| transmits.pop()).collect();
        let sizes: Vec<Vec<usize>> =
            sends.iter().map(|send| send.datagrams().map(<[u8]>::len).collect()).collect();
        assert_eq!(sizes, [vec![1200, 1200, 300], vec![1200, 90], vec![90]]);
    }

    #[test]
    fn another_peer_gets_a_send_of_its_own() {
        let mut transmits = Transmits::default();
        transmits.push(path(2), &[1; 100]);
        transmits.push(path(3), &[2; 100]);
        transmits.push(path(2), &[3; 100]);
        transmits.push(Path { proto: Proto::Tcp, ..path(2) }, &[4; 100]);
        assert_eq!(transmits.len(), 4);
    }

    #[test]
    fn bounds_of_the_kernel_are_kept_and_buffers_come_back() {
        let mut transmits = Transmits::default();
        for _ in 0..200 {
            transmits.push(path(2), &[7; 1200]);
        }
        let mut datagrams = 0;
        while let Some(send) = transmits.pop() {
            assert!(send.bytes.len() <= MOST_BYTES && send.count() <= MOST_SEGMENTS);
            datagrams += send.count();
            transmits.recycle(send.bytes);
        }
        assert_eq!(datagrams, 200);
        let room = transmits.room(path(2), 10);
        assert_eq!(room, [0; 10], "a buffer that is used again holds nothing of before");
        transmits.withdraw(10);
        assert!(transmits.is_empty());
    }
}
