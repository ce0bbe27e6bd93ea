//! How a datagram travels between an address of ours and one of a peer's.

use std::net::SocketAddr;

/// What carries datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proto {
    /// The media port.
    Udp,
    /// A connection to the media port's number, datagrams framed by RFC 4571 (RFC 6544).
    Tcp,
    /// The TURN server of this process, without a socket between; the peer's address is the relayed one.
    Turn,
}

/// Where a datagram comes from or goes to. A peer may have several; what it is sent takes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Path {
    /// What carries it.
    pub proto: Proto,
    /// Our address, as it is announced.
    pub ours: SocketAddr,
    /// The peer's address, as it is seen from here.
    pub theirs: SocketAddr,
}

impl Path {
    /// A path over the media port.
    pub const fn udp(ours: SocketAddr, theirs: SocketAddr) -> Self {
        Self { proto: Proto::Udp, ours, theirs }
    }

    /// What tells this peer's end from all others.
    pub const fn end(&self) -> End {
        (self.proto, self.theirs)
    }
}

/// The end of a path that is not ours.
pub type End = (Proto, SocketAddr);
