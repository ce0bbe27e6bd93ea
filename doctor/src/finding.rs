//! What the doctor finds, as stable codes.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! finding_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal : $severity:ident, $title:literal,)+) => {
        /// What is wrong, as a stable code; `docs/operate/doctor.md` has a chapter for each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum FindingCode {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)+
        }

        impl FindingCode {
            /// Every code, for documentation and tests.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as it appears on the wire.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// How bad it is.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity),+ }
            }

            /// A short title for a person.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

finding_codes! {
    // The page.
    /// The name of the server has no address.
    NameUnknown = "name_unknown": Error, "The name of the server is not known",
    /// Nothing answers HTTP there.
    ServerUnreachable = "server_unreachable": Error, "The server does not answer",
    /// Something answers that is no node of ours.
    NotSluice = "not_sluice": Error, "Something else than Sluice answers there",
    /// The certificate has run out.
    CertificateExpired = "certificate_expired": Error, "The certificate has expired",
    /// The certificate's time has not come.
    CertificateNotYetValid = "certificate_not_yet_valid": Error, "The certificate is not valid yet",
    /// The certificate is signed with its own key.
    CertificateSelfSigned = "certificate_self_signed": Error, "The certificate is self-signed",
    /// Whoever signed the certificate is not known.
    CertificateUnknownIssuer = "certificate_unknown_issuer": Error, "The certificate's issuer is not known",
    /// The certificate is for other names.
    CertificateWrongName = "certificate_wrong_name": Error, "The certificate is for another name",
    /// The certificate, or TLS as a whole, does not work.
    CertificateInvalid = "certificate_invalid": Error, "TLS with the server fails",
    /// The certificate runs out within two weeks.
    CertificateEndsSoon = "certificate_ends_soon": Warning, "The certificate expires soon",
    /// The page comes over plain HTTP from outside: no camera, no screen.
    PlainHttp = "plain_http": Warning, "The page is not encrypted",
    /// The WebSocket does not open, though HTTP works.
    WebSocketBlocked = "websocket_blocked": Warning, "WebSockets do not get through",
    // The ways for media.
    /// No way for media works.
    MediaBlocked = "media_blocked": Error, "No live picture gets through",
    /// The node announces addresses that nobody outside reaches.
    PrivateAddress = "private_address": Error, "The server announces an address that cannot be reached from outside",
    /// Who measures has only IPv6, and the node announces only IPv4, or the other way round.
    AddressFamily = "address_family": Error, "Server and viewer have no kind of address in common",
    /// UDP fails, TCP to the media port works.
    UdpBlocked = "udp_blocked": Warning, "UDP is blocked",
    /// Only a relay works.
    OnlyRelay = "only_relay": Warning, "Only the relay gets through",
    /// A relay that the node offers does not answer.
    RelayUnreachable = "relay_unreachable": Warning, "A relay does not answer",
    /// A relay refuses the credentials that the node gives out.
    RelayRefuses = "relay_refuses": Warning, "A relay refuses its credentials",
    /// TCP to the media port fails where UDP works.
    TcpBlocked = "tcp_blocked": Info, "Media over TCP is blocked",
    /// One outer port for each destination.
    SymmetricNat = "symmetric_nat": Info, "This network gives out a new port for every destination",
    /// Datagrams as large as media has them are lost.
    MtuTooSmall = "mtu_too_small": Error, "Large packets are lost",
    // Quality.
    /// Many packets are lost.
    HighLoss = "high_loss": Warning, "Packets are lost",
    /// Packets are under way for long.
    HighRoundTrip = "high_round_trip": Warning, "The network is slow to answer",
    /// Packets arrive irregularly.
    HighJitter = "high_jitter": Warning, "Packets arrive irregularly",
    /// Less comes down than the stream has.
    DownlinkTooSlow = "downlink_too_slow": Warning, "The downlink is slower than the stream",
    /// Less goes up than is to be published.
    UplinkTooSlow = "uplink_too_slow": Warning, "The uplink is slower than what is published",
    /// Both clocks differ.
    ClockWrong = "clock_wrong": Warning, "The clocks differ",
    /// The stream's codec cannot be shown or sent.
    CodecMissing = "codec_missing": Error, "The browser lacks the codec",
    /// A codec that streams often have cannot be shown.
    CodecLimited = "codec_limited": Info, "The browser lacks a common codec",
    // The server itself.
    /// Another program has a port of ours.
    PortTaken = "port_taken": Error, "Another program has the port",
    /// The system does not give us a port.
    PortDenied = "port_denied": Error, "The system does not allow the port",
    /// An address to listen on is none of this machine.
    ListenAddress = "listen_address": Error, "The machine does not have the address to listen on",
    /// All announced addresses are private, and nothing else is configured.
    NoPublicAddress = "no_public_address": Warning, "Only private addresses are announced",
    /// In a container, and the container's own address is announced.
    ContainerAddress = "container_address": Error, "The address inside the container is announced",
    /// What is announced is not what the public URL leads to.
    OtherAddress = "other_address": Warning, "The announced address is not that of the public URL",
    /// The process may not have as many files open as are configured.
    OpenFilesLow = "open_files_low": Warning, "Too few files may be open",
    /// The system gives less receive buffer than is configured.
    ReceiveBufferSmall = "receive_buffer_small": Warning, "The receive buffer is smaller than configured",
    /// The system gives less send buffer than is configured.
    SendBufferSmall = "send_buffer_small": Warning, "The send buffer is smaller than configured",
    /// There is no ffmpeg.
    FfmpegMissing = "ffmpeg_missing": Warning, "ffmpeg cannot be run",
    /// ffmpeg lacks encoders.
    FfmpegLacks = "ffmpeg_lacks": Warning, "ffmpeg lacks encoders",
    /// The disk is so full that recording stops.
    DiskFull = "disk_full": Error, "The disk is full",
    /// The disk will soon be full.
    DiskLow = "disk_low": Warning, "The disk is nearly full",
    /// Nothing keeps the clock right.
    ClockUnsynchronised = "clock_unsynchronised": Info, "Nothing keeps the clock right",
    /// Viewers get no relay.
    NoRelay = "no_relay": Info, "Viewers get no relay",
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something does not work.
    Error,
    /// It works worse than it could, or for fewer people.
    Warning,
    /// Good to know; nothing has to be done.
    Info,
}

impl Severity {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Something that the doctor found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// What, as a stable code. A code comes once for each thing that it is about.
    pub code: FindingCode,
    /// How bad it is.
    pub severity: Severity,
    /// A few words.
    pub title: String,
    /// What was measured, and what follows from it.
    pub cause: String,
    /// What to do: the command, the key of the configuration, the setting.
    pub fix: String,
}

/// How media gets through, the best of the ways that work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Straight, over UDP: the least delay.
    Udp,
    /// Straight, over TCP: more delay where packets are lost.
    Tcp,
    /// By a relay.
    Relay,
    /// Not at all; HLS over HTTP is left, with some seconds of delay.
    Http,
    /// Nothing works.
    Nothing,
    /// It was not measured.
    Unknown,
}

/// The answer to `POST /doctor/diagnosis`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Diagnosis {
    /// How media gets through.
    pub way: Way,
    /// What is wrong, the worst first; empty where nothing is.
    pub findings: Vec<Finding>,
}
