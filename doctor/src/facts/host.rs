//! What is known of the machine that a node runs on.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The machine that a node runs on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct HostFacts {
    /// Addresses of its network interfaces, without loopback.
    pub addresses: Vec<IpAddr>,
    /// Addresses that viewers are told.
    pub announced: Vec<IpAddr>,
    /// `media.public_addresses` is set.
    pub announces_by_hand: bool,
    /// The public URL, if it is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Under which address somebody outside reached it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<Reached>,
    /// The ports that it needs.
    pub ports: Vec<Port>,
    /// It runs in a container with a network of its own, whose addresses nobody outside reaches.
    pub container: bool,
    /// How many files it may have open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_files: Option<OpenFiles>,
    /// Buffers of the media sockets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buffers: Option<Buffers>,
    /// The ffmpeg that makes pictures and downloads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ffmpeg: Option<Ffmpeg>,
    /// Room on the disks that it writes to.
    pub disks: Vec<Disk>,
    /// Its clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    /// It gives viewers a relay (TURN).
    pub has_relay: bool,
}

/// How somebody outside reached a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Reached {
    /// The address that the public URL leads to.
    pub address: IpAddr,
}

/// What a port is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PortKind {
    /// Media over UDP.
    MediaUdp,
    /// Media over TCP.
    MediaTcp,
    /// The web app and the API.
    Http,
    /// HTTPS.
    Https,
    /// Metrics and probes.
    Internal,
    /// The relay over UDP.
    RelayUdp,
    /// The relay over TCP.
    RelayTcp,
    /// The relay over TLS.
    RelayTls,
}

/// Whose a port is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PortState {
    /// Nobody has it.
    Free,
    /// A node of ours listens there.
    Ours,
    /// Another program has it.
    Taken,
    /// The system does not let us have it.
    Denied,
    /// Its address is none of this machine.
    NoAddress,
}

/// A port that a node needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Port {
    /// What for.
    pub kind: PortKind,
    /// Its number.
    pub number: u16,
    /// Whose it is.
    pub state: PortState,
}

/// How many files a process may have open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OpenFiles {
    /// The limit.
    pub limit: u64,
    /// What the configured numbers of connections and sessions need.
    pub needed: u64,
}

/// Buffers of the media sockets, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Buffers {
    /// What is configured.
    pub wanted: u64,
    /// What the system allows for receiving (`net.core.rmem_max`).
    pub receive: u64,
    /// What the system allows for sending (`net.core.wmem_max`).
    pub send: u64,
}

/// The ffmpeg that makes pictures and downloads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Ffmpeg {
    /// What is configured.
    pub program: String,
    /// Its version; absent where it cannot be run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Encoders that it lacks.
    pub lacks: Vec<String>,
}

/// Room on a disk, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Disk {
    /// What is kept there, as the key of the configuration names it, such as `recorder.spool`.
    pub key: String,
    /// What is left.
    pub free: u64,
    /// Recording stops below this.
    pub needed: u64,
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Clock {
    /// The system says that it is kept right by a time server.
    pub synchronised: bool,
}
