//! What a server counts. Absolute numbers; who publishes them keeps what it published before.

/// Counters of one server.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Allocations that there are.
    pub allocations: u64,
    /// Allocations made.
    pub allocated: u64,
    /// Allocations refused because a limit was met (486, 508).
    pub refused: u64,
    /// Requests refused because of what they are (any other error, to somebody who is known).
    pub errors: u64,
    /// Answers to who has not proven who they are.
    pub challenges: u64,
    /// Such answers that the budget of a prefix did not allow.
    pub silenced: u64,
    /// Requests whose user name nobody gave out.
    pub strangers: u64,
    /// Datagrams and bytes of payload from clients to peers.
    pub to_peers: Flowed,
    /// Datagrams and bytes of payload from peers to clients.
    pub to_clients: Flowed,
    /// Datagrams without a permission, or to a peer that must not be reached.
    pub forbidden: u64,
    /// Datagrams beyond an allocation's bandwidth.
    pub throttled: u64,
    /// Bytes of clients that mean nothing here.
    pub malformed: u64,
}

/// What went one way.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Flowed {
    /// Datagrams.
    pub datagrams: u64,
    /// Bytes of payload.
    pub bytes: u64,
}

impl Flowed {
    pub(crate) fn add(&mut self, bytes: usize) {
        self.datagrams += 1;
        self.bytes += bytes as u64;
    }
}
