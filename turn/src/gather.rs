//! What is to be sent, gathered while a batch is handled: datagrams of one size to one place become one system
//! call.

use std::net::{IpAddr, SocketAddr};

use sluice_turn_proto::RelayId;

/// Most bytes of one system call: a datagram before segmentation has at most 64 KiB.
const MOST_BYTES: usize = 60_000;

/// Most segments of one system call, as the kernel allows.
const MOST_SEGMENTS: usize = 64;

/// Groups that are sent before more is gathered. More makes longer lists to look through, fewer makes shorter
/// groups.
const MOST_GROUPS: usize = 64;

/// What something is sent by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A socket that clients talk to.
    Listener(u16),
    /// A relay.
    Relay(RelayId),
    /// A client's stream.
    Stream(u32),
}

/// Datagrams of one size (the last may be shorter), one behind the other.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) way: Way,
    pub(crate) to: SocketAddr,
    pub(crate) source: Option<IpAddr>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) segment: usize,
    count: usize,
}

impl Group {
    fn takes(&self, length: usize) -> bool {
        let whole = self.bytes.len() == self.segment * self.count;
        match self.way {
            Way::Stream(_) => self.bytes.len() + length <= MOST_BYTES,
            Way::Listener(_) | Way::Relay(_) => {
                whole
                    && length <= self.segment
                    && length > 0
                    && self.count < MOST_SEGMENTS
                    && self.bytes.len() + length <= MOST_BYTES
            }
        }
    }
}

/// Gathers groups.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    groups: Vec<Group>,
    spare: Vec<Vec<u8>>,
}

impl Gather {
    /// Adds one datagram, behind all that was added for the same place.
    pub(crate) fn push(&mut self, way: Way, to: SocketAddr, source: Option<IpAddr>, bytes: &[u8]) {
        // The newest group of a place; one before it would be overtaken.
        let newest = self
            .groups
            .iter_mut()
            .rev()
            .find(|group| group.way == way && group.to == to && group.source == source);
        if let Some(group) = newest
            && group.takes(bytes.len())
        {
            group.bytes.extend_from_slice(bytes);
            group.count += 1;
            return;
        }
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.extend_from_slice(bytes);
        self.groups.push(Group { way, to, source, bytes: buffer, segment: bytes.len(), count: 1 });
    }

    /// Whether it is time to send.
    pub(crate) fn is_full(&self) -> bool {
        self.groups.len() >= MOST_GROUPS
    }

    /// Hands every group to `send`, oldest first.
    pub(crate) fn flush(&mut self, mut send: impl FnMut(&Group)) {
        for mut group in self.groups.drain(..) {
            send(&group);
            group.bytes.clear();
            if self.spare.len() < MOST_GROUPS {
                self.spare.push(group.bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flushed(gather: &mut Gather) -> Vec<(Way, usize, Vec<u8>)> {
        let mut groups = Vec::new();
        gather.flush(|group| groups.push((group.way, group.segment, group.bytes.clone())));
        groups
    }

    #[test]
    fn equal_datagrams_to_one_place_are_one_group_and_a_shorter_one_ends_it() {
        let (a, b) = ("192.0.2.1:1".parse().unwrap(), "192.0.2.2:1".parse().unwrap());
        let mut gather = Gather::default();
        for (to, bytes) in [(a, "11"), (b, "xx"), (a, "22"), (a, "3"), (a, "44"), (b, "yyy"), (a, "55")] {
            gather.push(Way::Relay(1), to, None, bytes.as_bytes());
        }
        let groups: Vec<_> = flushed(&mut gather)
            .into_iter()
            .map(|(_, segment, bytes)| (segment, String::from_utf8(bytes).unwrap()))
            .collect();
        let wanted = [(2, "11223"), (2, "xx"), (2, "4455"), (3, "yyy")];
        assert_eq!(groups, wanted.map(|(segment, bytes)| (segment, bytes.to_owned())));
        assert_eq!(flushed(&mut gather), []);
    }

    #[test]
    fn a_group_ends_before_the_kernel_would_refuse_it() {
        let to = "192.0.2.1:1".parse().unwrap();
        let mut gather = Gather::default();
        (0..65).for_each(|_| gather.push(Way::Listener(0), to, None, &[7; 100]));
        (0..60).for_each(|_| gather.push(Way::Listener(1), to, None, &[7; 1200]));
        let lengths: Vec<_> = flushed(&mut gather).into_iter().map(|(_, _, bytes)| bytes.len()).collect();
        assert_eq!(lengths, [6400, 100, 60_000, 12_000]);
    }

    #[test]
    fn a_stream_takes_any_sizes_in_one_write() {
        let to = "192.0.2.1:1".parse().unwrap();
        let mut gather = Gather::default();
        for length in [3, 10, 1, 8] {
            gather.push(Way::Stream(4), to, None, &vec![1; length]);
        }
        assert_eq!(flushed(&mut gather), [(Way::Stream(4), 3, vec![1; 22])]);
    }
}
