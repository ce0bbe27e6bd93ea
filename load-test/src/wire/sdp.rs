//! SDP: writes the offers of publishers and viewers, and reads answers of any server.

use std::fmt::Write as _;
use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};

use super::rtp;

/// Ids of the header extensions in our offers; below 15, so that the one-byte form serves.
pub(crate) const EXT_MID: u8 = 1;
const EXT_RID: u8 = 2;
const EXT_REPAIRED_RID: u8 = 3;
const EXT_TWCC: u8 = 4;
const EXT_CAPTURE_TIME: u8 = 5;

/// Audio or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Audio,
    Video,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }
}

/// A codec as the offer lists it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfferedCodec {
    pub(crate) payload_type: u8,
    pub(crate) rtx: Option<u8>,
    pub(crate) name: &'static str,
    pub(crate) fmtp: &'static str,
}

/// Opus, stereo.
pub(crate) const OPUS: OfferedCodec = OfferedCodec {
    payload_type: 111,
    rtx: None,
    name: "opus/48000/2",
    fmtp: "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1",
};
/// VP8.
pub(crate) const VP8: OfferedCodec =
    OfferedCodec { payload_type: 96, rtx: Some(97), name: "VP8/90000", fmtp: "" };
/// H.264, constrained baseline.
pub(crate) const H264: OfferedCodec = OfferedCodec {
    payload_type: 102,
    rtx: Some(103),
    name: "H264/90000",
    fmtp: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
};

/// Everything a viewer can count frames of: a server may forward any of them.
pub(crate) const WATCHABLE: [OfferedCodec; 7] = [
    H264,
    OfferedCodec {
        payload_type: 104,
        rtx: Some(105),
        name: "H264/90000",
        fmtp: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
    },
    OfferedCodec {
        payload_type: 106,
        rtx: Some(107),
        name: "H264/90000",
        fmtp: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f",
    },
    OfferedCodec {
        payload_type: 108,
        rtx: Some(109),
        name: "H264/90000",
        fmtp: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f",
    },
    VP8,
    OfferedCodec { payload_type: 98, rtx: Some(99), name: "VP9/90000", fmtp: "profile-id=0" },
    OfferedCodec { payload_type: 45, rtx: Some(46), name: "AV1/90000", fmtp: "level-idx=5;profile=0;tier=0" },
];

/// One media section to offer.
#[derive(Clone, Debug)]
pub(crate) struct OfferedSection<'a> {
    pub(crate) kind: Kind,
    pub(crate) codecs: &'a [OfferedCodec],
    /// What is sent; nothing makes the section receive-only.
    pub(crate) sends: Option<Sends<'a>>,
    /// Offers the capture time as a header extension.
    pub(crate) capture_time: bool,
}

/// How the media of a sending section is named.
#[derive(Clone, Debug)]
pub(crate) enum Sends<'a> {
    /// One stream with its SSRC and, for retransmissions, another.
    Ssrc { media: u32, rtx: Option<u32> },
    /// Simulcast by these RIDs, lowest first.
    Rids(&'a [&'a str]),
}

/// The transport half of an offer.
#[derive(Clone, Debug)]
pub(crate) struct OfferedTransport<'a> {
    pub(crate) ufrag: &'a str,
    pub(crate) pwd: &'a str,
    pub(crate) fingerprint: &'a str,
    pub(crate) local: SocketAddr,
}

/// Writes an offer (RFC 9725 §4.2: one bundle, one stream id, at most one section of a kind).
pub(crate) fn write_offer(transport: &OfferedTransport<'_>, sections: &[OfferedSection<'_>]) -> String {
    let mut out = String::with_capacity(4096);
    let session: u32 = rand::random();
    out.push_str("v=0\r\n");
    line(&mut out, format_args!("o=- {session} 1 IN IP4 127.0.0.1"));
    out.push_str("s=-\r\nt=0 0\r\na=group:BUNDLE");
    for mid in 0..sections.len() {
        let _ = write!(out, " {mid}");
    }
    out.push_str("\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS sluice-load\r\n");
    for (mid, section) in sections.iter().enumerate() {
        write_section(&mut out, transport, mid, section);
    }
    out
}

/// Writes an offer of nothing but a data channel (RFC 8841).
pub(crate) fn write_data_offer(transport: &OfferedTransport<'_>) -> String {
    let mut out = String::with_capacity(1024);
    let session: u32 = rand::random();
    out.push_str("v=0\r\n");
    line(&mut out, format_args!("o=- {session} 1 IN IP4 127.0.0.1"));
    out.push_str("s=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n");
    out.push_str("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n");
    write_transport(&mut out, transport, 0);
    out.push_str("a=sctp-port:5000\r\na=max-message-size:262144\r\n");
    write_candidate(&mut out, transport.local);
    out
}

fn line(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(arguments);
    out.push_str("\r\n");
}

fn write_section(
    out: &mut String,
    transport: &OfferedTransport<'_>,
    mid: usize,
    section: &OfferedSection<'_>,
) {
    let kind = section.kind.name();
    let _ = write!(out, "m={kind} 9 UDP/TLS/RTP/SAVPF");
    for codec in section.codecs {
        let _ = write!(out, " {}", codec.payload_type);
        if let Some(rtx) = codec.rtx {
            let _ = write!(out, " {rtx}");
        }
    }
    out.push_str("\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n");
    write_transport(out, transport, mid);
    let direction = if section.sends.is_some() { "sendonly" } else { "recvonly" };
    line(out, format_args!("a={direction}"));
    out.push_str("a=rtcp-mux\r\na=rtcp-mux-only\r\na=rtcp-rsize\r\n");
    write_extensions(out, section);
    for codec in section.codecs {
        write_codec(out, section.kind, codec);
    }
    if let Some(sends) = &section.sends {
        line(out, format_args!("a=msid:sluice-load {kind}"));
        write_sends(out, sends);
    }
    if mid == 0 {
        write_candidate(out, transport.local);
    }
}

fn write_transport(out: &mut String, transport: &OfferedTransport<'_>, mid: usize) {
    line(out, format_args!("a=ice-ufrag:{}", transport.ufrag));
    line(out, format_args!("a=ice-pwd:{}", transport.pwd));
    line(out, format_args!("a=fingerprint:sha-256 {}", transport.fingerprint));
    line(out, format_args!("a=setup:actpass"));
    line(out, format_args!("a=mid:{mid}"));
}

fn write_candidate(out: &mut String, address: SocketAddr) {
    line(out, format_args!("a=candidate:1 1 udp 2130706431 {} {} typ host", address.ip(), address.port()));
    out.push_str("a=end-of-candidates\r\n");
}

fn write_extensions(out: &mut String, section: &OfferedSection<'_>) {
    let mut extensions = vec![(EXT_MID, rtp::URI_MID), (EXT_TWCC, rtp::URI_TWCC)];
    if section.capture_time {
        extensions.push((EXT_CAPTURE_TIME, rtp::URI_CAPTURE_TIME));
    }
    if matches!(section.sends, Some(Sends::Rids(_))) {
        extensions.push((EXT_RID, rtp::URI_RID));
        extensions.push((EXT_REPAIRED_RID, rtp::URI_REPAIRED_RID));
    }
    for (id, uri) in extensions {
        line(out, format_args!("a=extmap:{id} {uri}"));
    }
}

fn write_codec(out: &mut String, kind: Kind, codec: &OfferedCodec) {
    let pt = codec.payload_type;
    line(out, format_args!("a=rtpmap:{pt} {}", codec.name));
    line(out, format_args!("a=rtcp-fb:{pt} transport-cc"));
    if kind == Kind::Video {
        for feedback in ["ccm fir", "nack", "nack pli"] {
            line(out, format_args!("a=rtcp-fb:{pt} {feedback}"));
        }
    }
    if !codec.fmtp.is_empty() {
        line(out, format_args!("a=fmtp:{pt} {}", codec.fmtp));
    }
    if let Some(rtx) = codec.rtx {
        line(out, format_args!("a=rtpmap:{rtx} rtx/90000"));
        line(out, format_args!("a=fmtp:{rtx} apt={pt}"));
    }
}

fn write_sends(out: &mut String, sends: &Sends<'_>) {
    match sends {
        Sends::Ssrc { media, rtx } => {
            if let Some(rtx) = rtx {
                line(out, format_args!("a=ssrc-group:FID {media} {rtx}"));
            }
            for ssrc in std::iter::once(media).chain(rtx) {
                line(out, format_args!("a=ssrc:{ssrc} cname:{CNAME}"));
            }
        }
        Sends::Rids(rids) => {
            for rid in *rids {
                line(out, format_args!("a=rid:{rid} send"));
            }
            line(out, format_args!("a=simulcast:send {}", rids.join(";")));
        }
    }
}

/// The canonical name in SDP and RTCP.
pub(crate) const CNAME: &str = "sluice-load";

/// Who starts the DTLS handshake, as the answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setup {
    /// The server starts.
    Active,
    /// We start.
    Passive,
}

/// How to reach the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemoteTransport {
    pub(crate) ufrag: String,
    pub(crate) pwd: String,
    pub(crate) fingerprint: String,
    pub(crate) setup: Setup,
    pub(crate) candidates: Vec<RemoteCandidate>,
    /// Where the server accepts connections (`tcptype passive`).
    pub(crate) connections: Vec<RemoteCandidate>,
}

/// An address of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemoteCandidate {
    pub(crate) address: SocketAddr,
    pub(crate) priority: u32,
}

/// An answered media section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) video: bool,
    pub(crate) mid: String,
    /// Whether the server takes or sends media here.
    pub(crate) active: bool,
    pub(crate) codecs: Vec<Codec>,
    /// RID names the server accepted.
    pub(crate) rids: Vec<String>,
    extensions: Vec<(u8, String)>,
    /// SSRC pairs of a stream and its retransmissions.
    pub(crate) repairs: Vec<(u32, u32)>,
}

/// A codec of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Codec {
    pub(crate) payload_type: u8,
    pub(crate) name: String,
    /// For retransmissions: the payload type that is repaired.
    pub(crate) repairs: Option<u8>,
    pub(crate) nack: bool,
}

impl Section {
    /// The id of a header extension that both sides know.
    pub(crate) fn extension(&self, uri: &str) -> Option<u8> {
        let found = self.extensions.iter().find(|(_, known)| known == uri);
        found.map(|(id, _)| *id)
    }

    /// The codec with this payload type.
    pub(crate) fn codec(&self, payload_type: u8) -> Option<&Codec> {
        self.codecs.iter().find(|codec| codec.payload_type == payload_type)
    }

    /// The payload type of the retransmissions of another.
    pub(crate) fn rtx_of(&self, payload_type: u8) -> Option<u8> {
        let rtx = self.codecs.iter().find(|codec| codec.repairs == Some(payload_type))?;
        Some(rtx.payload_type)
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) transport: RemoteTransport,
    pub(crate) sections: Vec<Section>,
}

impl Answer {
    /// The section of this kind, if the server uses it.
    pub(crate) fn section(&self, kind: Kind) -> Option<&Section> {
        self.sections.iter().find(|section| section.active && section.video == (kind == Kind::Video))
    }

    /// Reads an answer. What this tool has no use for is skipped.
    pub(crate) fn parse(sdp: &str) -> Result<Self> {
        let mut transport = PartialTransport::default();
        let mut sections: Vec<Section> = Vec::new();
        for line in sdp.lines().map(str::trim_end) {
            if let Some(media) = line.strip_prefix("m=") {
                let mut words = media.split_whitespace();
                let kind = words.next().unwrap_or_default();
                let port = words.next().unwrap_or_default();
                sections.push(Section {
                    video: kind == "video",
                    active: port != "0" && matches!(kind, "audio" | "video"),
                    ..Default::default()
                });
            } else if let Some(attribute) = line.strip_prefix("a=") {
                let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
                if !transport.take(name, value)
                    && let Some(section) = sections.last_mut()
                {
                    section.take(name, value);
                }
            }
        }
        if sections.is_empty() {
            bail!("the answer has no media section");
        }
        Ok(Self { transport: transport.finish()?, sections })
    }
}

#[derive(Default)]
struct PartialTransport {
    ufrag: Option<String>,
    pwd: Option<String>,
    fingerprint: Option<String>,
    setup: Option<Setup>,
    candidates: Vec<RemoteCandidate>,
    connections: Vec<RemoteCandidate>,
}

impl PartialTransport {
    /// Takes a transport attribute; in a bundle the first section's counts.
    fn take(&mut self, name: &str, value: &str) -> bool {
        let value = value.trim();
        match name {
            "ice-ufrag" => keep(&mut self.ufrag, value),
            "ice-pwd" => keep(&mut self.pwd, value),
            "fingerprint" => {
                if let Some((hash, digest)) = value.split_once(' ')
                    && hash.eq_ignore_ascii_case("sha-256")
                {
                    keep(&mut self.fingerprint, digest);
                }
            }
            "setup" => {
                let setup = match value {
                    "active" => Setup::Active,
                    _ => Setup::Passive,
                };
                self.setup.get_or_insert(setup);
            }
            "candidate" => {
                if let Some((is_udp, candidate)) = parse_candidate(value) {
                    let known = if is_udp { &mut self.candidates } else { &mut self.connections };
                    if !known.contains(&candidate) {
                        known.push(candidate);
                    }
                }
            }
            _ => return false,
        }
        true
    }

    fn finish(self) -> Result<RemoteTransport> {
        Ok(RemoteTransport {
            ufrag: self.ufrag.context("the answer has no ice-ufrag")?,
            pwd: self.pwd.context("the answer has no ice-pwd")?,
            fingerprint: self.fingerprint.context("the answer has no SHA-256 fingerprint")?,
            setup: self.setup.unwrap_or(Setup::Passive),
            candidates: self.candidates,
            connections: self.connections,
        })
    }
}

fn keep(slot: &mut Option<String>, value: &str) {
    slot.get_or_insert_with(|| value.to_owned());
}

/// A UDP candidate, or a TCP one that can be connected to.
fn parse_candidate(value: &str) -> Option<(bool, RemoteCandidate)> {
    let words: Vec<&str> = value.split_whitespace().collect();
    let [_, component, protocol, priority, address, port, ..] = words[..] else {
        return None;
    };
    let is_udp = protocol.eq_ignore_ascii_case("udp");
    let accepts = protocol.eq_ignore_ascii_case("tcp") && words.ends_with(&["tcptype", "passive"]);
    if component != "1" || !(is_udp || accepts) {
        return None;
    }
    let address = address.trim_matches(['[', ']']).parse().ok()?;
    let candidate = RemoteCandidate {
        address: SocketAddr::new(address, port.parse().ok()?),
        priority: priority.parse().ok()?,
    };
    Some((is_udp, candidate))
}

impl Section {
    fn take(&mut self, name: &str, value: &str) {
        match name {
            "mid" => self.mid = value.trim().to_owned(),
            "inactive" => self.active = false,
            "rtpmap" => {
                if let Some((pt, codec)) = value.split_once(' ')
                    && let Ok(payload_type) = pt.parse()
                {
                    let name = codec.split('/').next().unwrap_or_default();
                    self.codecs.push(Codec {
                        payload_type,
                        name: name.to_ascii_uppercase(),
                        repairs: None,
                        nack: false,
                    });
                }
            }
            "fmtp" => self.take_fmtp(value),
            "rtcp-fb" => self.take_feedback(value),
            "extmap" => {
                if let Some((id, uri)) = value.split_once(' ')
                    && let Ok(id) = id.split('/').next().unwrap_or_default().parse()
                {
                    let uri = uri.split_whitespace().next().unwrap_or_default();
                    self.extensions.push((id, uri.to_owned()));
                }
            }
            "ssrc-group" => {
                if let ["FID", media, rtx] = value.split_whitespace().collect::<Vec<_>>()[..]
                    && let (Ok(media), Ok(rtx)) = (media.parse(), rtx.parse())
                {
                    self.repairs.push((media, rtx));
                }
            }
            "rid" => {
                let rid = value.split_whitespace().next().unwrap_or_default();
                self.rids.push(rid.to_owned());
            }
            _ => {}
        }
    }

    fn take_fmtp(&mut self, value: &str) {
        let Some((pt, parameters)) = value.split_once(' ') else {
            return;
        };
        let apt = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("apt="));
        if let (Ok(payload_type), Some(apt)) = (pt.parse::<u8>(), apt)
            && let Some(codec) = self.codecs.iter_mut().find(|codec| codec.payload_type == payload_type)
        {
            codec.repairs = apt.parse().ok();
        }
    }

    fn take_feedback(&mut self, value: &str) {
        let Some((pt, "nack")) = value.trim().split_once(' ') else {
            return;
        };
        for codec in &mut self.codecs {
            if pt == "*" || pt.parse() == Ok(codec.payload_type) {
                codec.nack = true;
            }
        }
    }
}

#[cfg(test)]
mod tests;
