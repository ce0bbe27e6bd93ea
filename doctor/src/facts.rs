//! What was measured of the way between somebody and a node. All of it can be missing.

pub(crate) mod host;

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};
use sluice_domain::Codec;

use self::host::HostFacts;

/// What is known, by whomever it was measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Facts {
    /// Who measured.
    pub vantage: Vantage,
    /// What the node says of itself, from `GET /doctor/node`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeFacts>,
    /// The page or API over HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpFacts>,
    /// The certificate and version of TLS; absent over plain HTTP, and where a browser cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFacts>,
    /// The WebSocket of events, `/ws`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub websocket: Option<WebSocketFacts>,
    /// Each way that media could take, as far as it was tried; several of a transport where the node has
    /// several addresses.
    #[serde(default)]
    pub paths: Vec<PathFacts>,
    /// How the network of who measures gives out ports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nat: Option<Nat>,
    /// Addresses of who measures: whether it has any of IPv4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_ipv4: Option<bool>,
    /// Whether it has any of IPv6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_ipv6: Option<bool>,
    /// Loss, delay and jitter of the way that media takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
    /// How large datagrams may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sizes: Option<Sizes>,
    /// How much goes through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rates: Option<Rates>,
    /// What is to be watched or published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamFacts>,
    /// What can be decoded and encoded there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codecs: Option<CodecFacts>,
    /// Clock of the server less the clock of who measures, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_offset_ms: Option<f64>,
    /// The machine that the node runs on, where it was looked at from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostFacts>,
}

/// Who measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Vantage {
    /// A page in a browser.
    #[default]
    Browser,
    /// `sluice doctor URL`.
    Command,
    /// The node itself, or `sluice doctor` beside it.
    Host,
}

/// What a node says of itself to everybody.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct NodeFacts {
    /// Version of the program.
    pub version: String,
    /// Its clock, in milliseconds since 1970.
    pub time_ms: u64,
    /// Where it takes media over UDP: address and port of each of its candidates.
    pub media: Vec<SocketAddr>,
    /// Whether it takes media over TCP at those too (ICE-TCP).
    pub media_tcp: bool,
    /// URLs of the relays (TURN) that it tells viewers of, without their credentials.
    pub relays: Vec<String>,
    /// The address that the request came from, as the node saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<IpAddr>,
}

/// What became of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It works.
    Works,
    /// It was tried and does not.
    Fails,
    /// The node does not offer it.
    NotOffered,
}

/// Why an attempt failed, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The name has no address.
    UnknownName,
    /// Nothing listens there, or a firewall says so.
    Refused,
    /// No answer came in time.
    NoAnswer,
    /// There is no way to that address from here.
    NoRoute,
    /// TLS failed.
    Tls,
    /// User name and password were not taken.
    Unauthorized,
    /// The other end has no room (a quota, 503).
    Full,
    /// Something answered that is not what was asked for, such as a login page.
    Strange,
    /// The connection was closed in the middle.
    Closed,
    /// Something else.
    Other,
}

/// The page or API over HTTP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct HttpFacts {
    /// Scheme, host and port, as in `https://live.example.org`.
    pub origin: String,
    /// Whether it answered.
    pub outcome: Outcome,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Such as `HTTP/2.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The address that was connected to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<IpAddr>,
    /// Time from the request to its answer, on a connection that was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_ms: Option<f64>,
}

/// TLS of the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct TlsFacts {
    /// Such as `TLSv1.3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What the server showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Certificate>,
    /// Why a browser would not take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<CertificateProblem>,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Certificate {
    /// Names and addresses that it is for.
    pub names: Vec<String>,
    /// From when on it is valid, in milliseconds since 1970.
    pub not_before_ms: i64,
    /// Until when.
    pub not_after_ms: i64,
    /// It is signed with its own key.
    pub self_signed: bool,
}

/// Why a certificate is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CertificateProblem {
    /// It has run out.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It is signed with its own key.
    SelfSigned,
    /// Whoever signed it is not known, often because the chain is incomplete.
    UnknownIssuer,
    /// It is for other names.
    WrongName,
    /// Something else is wrong with it.
    Invalid,
}

/// The WebSocket of events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct WebSocketFacts {
    /// Whether it opened.
    pub outcome: Outcome,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Status of the answer to the upgrade, where it was none of 101.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// A way for media.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// UDP to the media port.
    Udp,
    /// TCP to the media port (ICE-TCP).
    Tcp,
    /// By a relay that is spoken to over UDP.
    RelayUdp,
    /// By a relay that is spoken to over TCP.
    RelayTcp,
    /// By a relay that is spoken to over TLS.
    RelayTls,
}

/// What became of one way for media.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct PathFacts {
    /// Which.
    pub transport: Transport,
    /// What was tried: address and port, or the URL of a relay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Whether it works.
    pub outcome: Outcome,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Round trip of its check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_ms: Option<f64>,
    /// Own address as the other end saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapped: Option<SocketAddr>,
}

/// How a network gives out ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Nat {
    /// No address is translated.
    Absent,
    /// One outer port for an inner one, whoever is spoken to.
    Steady,
    /// Another outer port for each destination ("symmetric").
    Symmetric,
}

/// Loss, delay and jitter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Quality {
    /// Packets that were sent.
    pub sent: u32,
    /// Those whose echo came back.
    pub received: u32,
    /// Median of the round trips.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_trip_ms: Option<f64>,
    /// Mean difference of one round trip to the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter_ms: Option<f64>,
}

/// How large datagrams may be, in bytes of UDP payload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Sizes {
    /// The largest that was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest_answered: Option<u32>,
    /// The smallest that never was, although it was tried several times and smaller ones were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_lost: Option<u32>,
}

/// How much goes through over HTTP, in bits a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Rates {
    /// From the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down_bps: Option<f64>,
    /// To the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_bps: Option<f64>,
}

/// Watching or publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the node.
    Watch,
    /// To the node.
    Publish,
}

/// What is to be watched or published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct StreamFacts {
    /// Which of both.
    pub direction: Direction,
    /// Bits a second of what is sent, all layers together; of a viewer those of the layer that it wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bitrate_bps: Option<f64>,
    /// Bits a second of the smallest layer, to which a viewer can fall back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowest_bps: Option<f64>,
    /// Codec of the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codec: Option<Codec>,
}

/// What a browser can do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CodecFacts {
    /// What it can show and play over WebRTC.
    pub decodes: Vec<Codec>,
    /// What it can send over WebRTC.
    pub encodes: Vec<Codec>,
}
