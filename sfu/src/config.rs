//! Settings of the media plane, and why it could not start.

use std::io;
use std::net::{IpAddr, SocketAddr};

use sluice_sfu_engine::EngineConfig;
use thiserror::Error;

/// Settings of the media plane.
#[derive(Debug, Clone)]
pub struct SfuConfig {
    /// Local addresses to listen on; empty listens on all of them, IPv4 and IPv6.
    pub listen: Vec<IpAddr>,
    /// The one UDP port of all media; 0 lets the system choose.
    pub udp_port: u16,
    /// Whether connections are accepted on the number of that port, for who cannot send UDP.
    pub tcp: bool,
    /// Addresses to announce instead of the local ones (behind 1:1 NAT or port forwarding).
    pub public_addresses: Vec<IpAddr>,
    /// Threads that drive media; 0 is one a core.
    pub workers: usize,
    /// Whether each of them stays on a core of its own.
    pub pin_workers: bool,
    /// Load of a worker, in parts of a core, from which on it takes no new viewers and publishers.
    pub max_load: f64,
    /// Most viewers at once; 0 is no limit.
    pub max_viewers: usize,
    /// Socket buffer sizes asked of the system, in bytes. The system may give less.
    pub socket_buffer: usize,
    /// Settings of the engine.
    pub engine: EngineConfig,
}

impl Default for SfuConfig {
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            udp_port: 8189,
            tcp: true,
            public_addresses: Vec::new(),
            workers: 0,
            pin_workers: false,
            max_load: 0.85,
            max_viewers: 0,
            socket_buffer: 4 << 20,
            engine: EngineConfig::default(),
        }
    }
}

/// Why the media plane could not start. The texts tell the operator what to do.
#[derive(Debug, Error)]
pub enum StartError {
    /// The UDP port cannot be opened.
    #[error(
        "cannot open UDP {address}: another program has it, or it is not an address of this machine; \
             stop that program or set media.udp_port"
    )]
    Bind {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The addresses of this machine cannot be listed.
    #[error("cannot list the network addresses of this machine; set media.public_addresses")]
    Interfaces(#[source] io::Error),
    /// There is no address that a peer could reach.
    #[error("no usable network address found; set media.public_addresses or media.listen")]
    NoAddress,
    /// A thread cannot be started.
    #[error("cannot start a media worker thread")]
    Thread(#[source] io::Error),
    /// The TLS library made no certificate.
    #[error("cannot make the DTLS certificate")]
    Certificate,
}
