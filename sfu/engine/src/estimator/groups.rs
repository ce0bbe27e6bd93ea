//! Packets sent within a moment are one group with one delay (draft-ietf-rmcat-gcc-02 §5.2).
//!
//! A group's delay is that of its luckiest packet, which takes the noise of the radio out.

/// Packets sent within so many microseconds are a group.
const SPAN: i64 = 5_000;

/// Groups that are remembered, the one that is still open among them.
const REMEMBERED: usize = 24;

/// One group. Times and delays in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Group {
    /// Send time of its first packet.
    pub(super) sent: i64,
    /// Arrival of its last packet.
    pub(super) received: i64,
    /// Bytes sent, those before it of which nothing arrived included.
    pub(super) sent_bytes: u32,
    /// Bytes that arrived.
    pub(super) received_bytes: u32,
    /// Least excess of its packets; see `backlog.rs`.
    pub(super) excess: f64,
}

/// The newest groups.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups {
    ring: [Group; REMEMBERED],
    /// Groups ever begun.
    begun: usize,
    /// Bytes sent since the last packet that arrived.
    pending: u32,
}

impl Groups {
    /// A packet that did not arrive.
    pub(super) const fn lost(&mut self, bytes: u32) {
        self.pending = self.pending.saturating_add(bytes);
    }

    /// A packet that arrived. Returns the group that it completed by beginning another.
    pub(super) fn arrived(&mut self, sent: i64, received: i64, bytes: u32, excess: f64) -> Option<Group> {
        let sent_bytes = bytes.saturating_add(std::mem::take(&mut self.pending));
        if let Some(open) = self.begun.checked_sub(1).map(|newest| &mut self.ring[newest % REMEMBERED])
            && sent - open.sent <= SPAN
        {
            open.received = open.received.max(received);
            open.sent_bytes += sent_bytes;
            open.received_bytes += bytes;
            open.excess = open.excess.min(excess);
            return None;
        }
        let complete = self.newest(0).copied();
        self.ring[self.begun % REMEMBERED] =
            Group { sent, received, sent_bytes, received_bytes: bytes, excess };
        self.begun += 1;
        complete
    }

    /// The group so many before the newest one.
    pub(super) fn newest(&self, before: usize) -> Option<&Group> {
        let index = self.begun.checked_sub(before + 1)?;
        (before < REMEMBERED).then(|| &self.ring[index % REMEMBERED])
    }

    /// Forgets all groups.
    pub(super) const fn clear(&mut self) {
        (self.begun, self.pending) = (0, 0);
    }
}
