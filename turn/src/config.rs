//! Settings of the TURN server, and why it may not start.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use ipnet::IpNet;
use thiserror::Error;

use crate::credentials::Credentials;

/// Settings of the TURN server.
#[derive(Debug, Clone)]
pub struct TurnConfig {
    /// Local addresses to listen on; empty is all.
    pub listen: Vec<IpAddr>,
    /// The port of UDP and TCP; 0 picks a free one.
    pub port: u16,
    /// Whether TCP is listened to.
    pub tcp: bool,
    /// Addresses of ours that peers can reach, best first.
    pub relayed_addresses: Vec<IpAddr>,
    /// Ports of relays.
    pub relayed_ports: RangeInclusive<u16>,
    /// Named in challenges; at most 52 bytes, so that they are short.
    pub realm: String,
    /// What user names and passwords are made of.
    pub credentials: Credentials,
    /// Whether clients may reach others than this node's media.
    pub public_peers: bool,
    /// Networks that are reached although they are not public.
    pub allowed_peers: Vec<IpNet>,
    /// Networks that are not reached.
    pub denied_peers: Vec<IpNet>,
    /// Allocations at once.
    pub max_allocations: u32,
    /// Allocations at once of one user.
    pub max_allocations_per_user: u32,
    /// Bytes a second of one allocation; `None` is no limit.
    pub bandwidth: Option<u64>,
    /// Answers a second to a network prefix before anybody there has proven who they are.
    pub unauthenticated_per_second: u32,
    /// TCP and TLS connections at once.
    pub max_streams: u32,
    /// The same, from one address.
    pub max_streams_per_address: u32,
    /// How long a stream may live without an allocation: time for a challenge and an answer on a bad network.
    /// More lets idle connections hold more memory.
    pub greeting: Duration,
    /// Threads; 0 is one a core.
    pub workers: usize,
    /// Buffer that the kernel is asked for, each way, on the listening sockets and on each relay.
    pub socket_buffer: usize,
    /// How long an allocation lasts without a refresh, at most.
    pub max_lifetime: Duration,
}

impl TurnConfig {
    /// What serves the media port of a node and nobody else.
    pub fn new(credentials: Credentials) -> Self {
        Self {
            listen: Vec::new(),
            port: 3478,
            tcp: true,
            relayed_addresses: Vec::new(),
            relayed_ports: 49_152..=65_535,
            realm: "sluice".to_owned(),
            credentials,
            public_peers: false,
            allowed_peers: Vec::new(),
            denied_peers: Vec::new(),
            max_allocations: 4096,
            max_allocations_per_user: 16,
            bandwidth: None,
            unauthenticated_per_second: 200,
            max_streams: 4096,
            max_streams_per_address: 256,
            greeting: Duration::from_secs(15),
            workers: 0,
            socket_buffer: 1 << 20,
            max_lifetime: Duration::from_secs(3600),
        }
    }
}

/// Why the TURN server did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The port cannot be had.
    #[error("TURN cannot listen on {address}")]
    Listen {
        /// Where it wanted to.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// There is no address to relay from.
    #[error("TURN has no address that peers can reach")]
    NoAddress,
    /// A realm that is too long.
    #[error("the realm of TURN can have at most 52 bytes")]
    Realm,
    /// A thread or its poll could not be made.
    #[error("a thread of TURN cannot be started")]
    Thread(#[source] io::Error),
}
