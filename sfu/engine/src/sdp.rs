//! Offers as clients really write them, made into offers that str0m understands, and answers
//! finished to what RFC 9725 and the clients ask for. The only file that edits SDP text.
//!
//! Rules whose names begin with W, E, T or B are rows of `docs/spec/whip-whep.md`.

use std::fmt::Write as _;

use sluice_domain::{Codec, MediaKind};
use str0m::Candidate;
use str0m::format::FormatParams;

use crate::error::SfuError;

/// One payload type that both ends know.
#[derive(Debug, Clone, PartialEq)]
pub struct PayloadType {
    /// Number in this peer's SDP.
    pub pt: u8,
    /// Number of its retransmissions (RFC 4588), if negotiated.
    pub rtx: Option<u8>,
    /// What it carries.
    pub codec: Codec,
    /// `a=fmtp` parameters.
    pub format: FormatParams,
}

/// One m-section of an offer.
#[derive(Debug, Clone)]
pub struct Section {
    /// Audio or video; `None` is the data channel (or something that is answered as rejected).
    pub kind: Option<MediaKind>,
    /// `a=mid`.
    pub mid: String,
    /// Known payload types in the order of the m-line, which is the client's preference (RFC 3264 §6.1).
    pub payload_types: Vec<PayloadType>,
    /// RIDs offered for sending (RFC 8853), in the order of `a=simulcast`.
    pub rids: Vec<String>,
    /// Whether the m-line takes part: port 0 counts only with `a=bundle-only` (T21).
    pub active: bool,
}

/// An offer that str0m can take.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The text, CRLF line ends.
    pub text: String,
    /// Its m-sections, in order.
    pub sections: Vec<Section>,
    /// Remote user name.
    pub ufrag: String,
    /// Remote password.
    pub pwd: String,
    /// Whether an m-section is a data channel.
    pub data_channel: bool,
}

/// Which way media flows, seen from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// WHIP: the client sends.
    Publish,
    /// WHEP: the client receives.
    Watch,
    /// WHEP for the chat alone: there is no media.
    Chat,
}

struct RawSection<'a> {
    lines: Vec<&'a str>,
}

impl<'a> RawSection<'a> {
    fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes(name).next()
    }

    fn attributes(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter_map(move |line| {
            let rest = line.strip_prefix("a=")?.strip_prefix(name)?;
            rest.strip_prefix(':').or_else(|| rest.is_empty().then_some(rest))
        })
    }
}

impl Offer {
    /// Reads an offer, tolerant as T6, T20 and T21 ask, and checks that it can be accepted.
    ///
    /// # Errors
    /// [`SfuError::MalformedSdp`] where it is no SDP offer, [`SfuError::UnsupportedTracks`] for wrong
    /// directions or too many tracks (W4, W29), [`SfuError::NoCommonCodec`].
    pub fn parse(text: &str, flow: Flow) -> Result<Self, SfuError> {
        let malformed = |what: &str| SfuError::MalformedSdp(what.to_owned());
        let mut lines =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "a=").peekable();
        if lines.peek() != Some(&"v=0") {
            return Err(malformed("it does not begin with v=0"));
        }
        let mut raw = vec![RawSection { lines: Vec::new() }];
        for line in lines {
            if line.as_bytes().get(1) != Some(&b'=') {
                return Err(malformed("a line is not of the form x=value"));
            }
            if line.starts_with("m=") {
                raw.push(RawSection { lines: Vec::new() });
            }
            raw.last_mut().expect("there is always the session section").lines.push(line);
        }
        let (session, media) = raw.split_first().ok_or_else(|| malformed("it is empty"))?;
        if media.is_empty() {
            return Err(malformed("it has no m-line"));
        }
        let find =
            |name: &str| media.iter().find_map(|m| m.attribute(name)).or_else(|| session.attribute(name));
        let ufrag = find("ice-ufrag").ok_or_else(|| malformed("a=ice-ufrag is missing"))?.to_owned();
        let pwd = find("ice-pwd").ok_or_else(|| malformed("a=ice-pwd is missing"))?.to_owned();
        find("fingerprint").ok_or_else(|| malformed("a=fingerprint is missing"))?;
        // RFC 8839 §5.4: a user name has 4 to 256 characters, a password 22 to 256.
        if !(4..=256).contains(&ufrag.len()) || !(22..=256).contains(&pwd.len()) {
            return Err(malformed("the ICE credentials have an impossible length"));
        }
        let sections =
            media.iter().enumerate().map(|(index, m)| section(index, m)).collect::<Result<Vec<_>, _>>()?;
        check_bundle(session, media, &sections)?;
        check_tracks(media, &sections, flow)?;
        let data_channel = media.iter().any(|m| is_data_channel(m));
        let text = write(session, media, &sections);
        Ok(Self { text, sections, ufrag, pwd, data_channel })
    }

    /// The same offer with other ICE credentials and candidates: str0m restarts ICE from whole offers.
    pub fn with_ice(&self, ufrag: &str, pwd: &str, candidates: &[String]) -> String {
        let mut text = String::with_capacity(self.text.len());
        let mut candidates = Some(candidates);
        for line in self.text.lines() {
            if line.starts_with("a=ice-ufrag:") {
                let _ = write!(text, "a=ice-ufrag:{ufrag}\r\n");
            } else if line.starts_with("a=ice-pwd:") {
                let _ = write!(text, "a=ice-pwd:{pwd}\r\n");
            } else if !line.starts_with("a=candidate:") {
                text.push_str(line);
                text.push_str("\r\n");
            }
            // Into the first section, and among its attributes: c= may not follow them (RFC 8866 §5).
            if line.starts_with("a=mid:") {
                let usable = candidates.take().unwrap_or_default().iter();
                for candidate in usable.filter(|candidate| usable_candidate(candidate)) {
                    if let Some(candidate) = parse_candidate(candidate) {
                        let _ = write!(text, "a={}\r\n", candidate.to_sdp_string());
                    }
                }
            }
        }
        text
    }

    /// Index of the m-line of the video track.
    pub fn video_index(&self) -> Option<usize> {
        self.sections.iter().position(|section| section.active && section.kind == Some(MediaKind::Video))
    }
}

/// Whether an offer asks for nothing but a data channel.
pub fn has_only_channel(offer: &str) -> bool {
    let mut media = offer.lines().filter_map(|line| line.trim_start().strip_prefix("m=")).peekable();
    media.peek().is_some() && media.all(|line| line.starts_with("application "))
}

/// Whether str0m can use a candidate: component 1, UDP, an IP address (W21, B-BR9, B-BR14).
pub fn usable_candidate(candidate: &str) -> bool {
    let mut fields = candidate.split_ascii_whitespace();
    let (_foundation, component, transport) = (fields.next(), fields.next(), fields.next());
    // B-BR7: some clients write component 0 where they mean the only one.
    matches!(component, Some("0" | "1"))
        && transport.is_some_and(|transport| transport.eq_ignore_ascii_case("udp"))
        && parse_candidate(candidate).is_some()
}

/// Reads a candidate as clients write them: component 0, bracketed IPv6, upper-case transport.
pub fn parse_candidate(candidate: &str) -> Option<Candidate> {
    let mut fields: Vec<String> = candidate.split_ascii_whitespace().map(str::to_owned).collect();
    if fields.len() < 8 {
        return None;
    }
    fields[1] = "1".to_owned();
    fields[2] = fields[2].to_ascii_lowercase();
    fields[4] = fields[4].trim_matches(['[', ']']).to_owned();
    // RFC 8839 extensions behind the type (ufrag, generation, network-cost) say nothing to us.
    fields.truncate(8);
    Candidate::from_sdp_string(&format!("candidate:{}", fields.join(" "))).ok()
}

fn is_data_channel(media: &RawSection<'_>) -> bool {
    media.lines[0].starts_with("m=application") && media.lines[0].contains("webrtc-datachannel")
}

fn section<'a>(index: usize, media: &RawSection<'a>) -> Result<Section, SfuError> {
    let malformed = |what: &str| SfuError::MalformedSdp(format!("m-line {index}: {what}"));
    let mut fields = media.lines[0][2..].split_ascii_whitespace();
    let kind = match fields.next() {
        Some("audio") => Some(MediaKind::Audio),
        Some("video") => Some(MediaKind::Video),
        _ => None,
    };
    let port: u16 = fields.next().and_then(|port| port.parse().ok()).ok_or_else(|| malformed("no port"))?;
    let protocol = fields.next().ok_or_else(|| malformed("no protocol"))?;
    if kind.is_some() && !protocol.contains("TLS/RTP/SAVP") {
        return Err(malformed("the protocol is not RTP over DTLS"));
    }
    let mid = media.attribute("mid").ok_or_else(|| malformed("a=mid is missing"))?;
    if mid.is_empty() || mid.len() > 16 {
        return Err(malformed("a=mid must have 1 to 16 characters"));
    }
    let payload_types = kind.map(|kind| payload_types(fields, kind, media)).unwrap_or_default();
    let active = port != 0 || media.attribute("bundle-only").is_some();
    // RFC 8853 §5.1: either direction may come first.
    let sent = |value: &'a str| value.split_ascii_whitespace().skip_while(|word| *word != "send").nth(1);
    let rids = media.attributes("simulcast").find_map(sent).map(|list| {
        let first_of_each = list.split(';').filter_map(|choices| choices.split(',').next());
        first_of_each.map(|rid| rid.trim_start_matches('~').to_owned()).collect()
    });
    Ok(Section { kind, mid: mid.to_owned(), payload_types, rids: rids.unwrap_or_default(), active })
}

/// What an m-section says of each payload type; the first line about one counts. Read in one pass,
/// because the offer of a stranger may repeat numbers and lines by the thousand.
struct Formats<'a> {
    encodings: [Option<&'a str>; 128],
    parameters: [Option<&'a str>; 128],
    /// Payload type of the retransmissions of another one.
    repairs: [Option<u8>; 128],
}

impl<'a> Formats<'a> {
    fn of(media: &RawSection<'a>) -> Self {
        let mut formats = Self { encodings: [None; 128], parameters: [None; 128], repairs: [None; 128] };
        for (pt, encoding) in media.attributes("rtpmap").filter_map(numbered) {
            formats.encodings[usize::from(pt)].get_or_insert(encoding);
        }
        for (pt, parameters) in media.attributes("fmtp").filter_map(numbered) {
            formats.parameters[usize::from(pt)].get_or_insert(parameters);
            let encoding = formats.encodings[usize::from(pt)].and_then(|encoding| encoding.get(..4));
            if encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("rtx/")) {
                let repaired = parameters.split(';').filter_map(|part| part.trim().strip_prefix("apt="));
                for repaired in repaired.filter_map(payload_number) {
                    formats.repairs[usize::from(repaired)].get_or_insert(pt);
                }
            }
        }
        formats
    }

    fn payload_type(&self, pt: u8, kind: MediaKind) -> Option<PayloadType> {
        let mut encoding = self.encodings[usize::from(pt)]?.split('/');
        let (name, clock) = (encoding.next()?.to_ascii_uppercase(), encoding.next()?.trim());
        let codec = match name.as_str() {
            "H264" => Codec::H264,
            "H265" => Codec::H265,
            "VP8" => Codec::Vp8,
            "VP9" => Codec::Vp9,
            "AV1" => Codec::Av1,
            "OPUS" => Codec::Opus,
            _ => return None,
        };
        // str0m answers no other clock rate, and would reject the whole section for it.
        if codec.kind() != kind || clock.parse() != Ok(codec.clock_rate()) {
            return None;
        }
        let format = self.parameters[usize::from(pt)].map(FormatParams::parse_line).unwrap_or_default();
        Some(PayloadType { pt, rtx: self.repairs[usize::from(pt)], codec, format })
    }
}

/// Known payload types in the order of the m-line, each once.
fn payload_types<'a>(
    numbers: impl Iterator<Item = &'a str>,
    kind: MediaKind,
    media: &RawSection<'_>,
) -> Vec<PayloadType> {
    let formats = Formats::of(media);
    let mut seen = [false; 128];
    numbers
        .filter_map(payload_number)
        .filter(|pt| !std::mem::replace(&mut seen[usize::from(*pt)], true))
        .filter_map(|pt| formats.payload_type(pt, kind))
        .collect()
}

/// The payload type in front of an attribute's value.
fn numbered(value: &str) -> Option<(u8, &str)> {
    let (pt, rest) = value.split_once(' ')?;
    Some((payload_number(pt)?, rest))
}

fn payload_number(text: &str) -> Option<u8> {
    text.parse().ok().filter(|pt| *pt < 128)
}

/// One transport for everything (W27). Mids that name no m-line are tolerated (T21, B-FF8).
fn check_bundle(
    session: &RawSection<'_>,
    media: &[RawSection<'_>],
    sections: &[Section],
) -> Result<(), SfuError> {
    let bundled: Vec<&str> = session
        .attributes("group")
        .filter_map(|group| group.strip_prefix("BUNDLE"))
        .flat_map(str::split_ascii_whitespace)
        .collect();
    let all_in =
        sections.iter().filter(|section| section.active).all(|section| bundled.contains(&&*section.mid));
    if media.len() > 1 && !all_in {
        return Err(SfuError::UnsupportedTracks("all m-lines must be in one BUNDLE group".to_owned()));
    }
    let mut mids: Vec<&str> = sections.iter().map(|section| section.mid.as_str()).collect();
    mids.sort_unstable();
    mids.dedup();
    if mids.len() != sections.len() {
        return Err(SfuError::MalformedSdp("two m-lines have the same a=mid".to_owned()));
    }
    Ok(())
}

fn check_tracks(media: &[RawSection<'_>], sections: &[Section], flow: Flow) -> Result<(), SfuError> {
    let refuse = |what: &str| Err(SfuError::UnsupportedTracks(what.to_owned()));
    let mut codecs = 0;
    let tracks: Vec<_> = media.iter().zip(sections).filter(|(_, s)| s.active && s.kind.is_some()).collect();
    for (raw, section) in &tracks {
        let has = |name: &str| raw.attribute(name).is_some();
        match flow {
            Flow::Publish if has("recvonly") || has("inactive") => {
                return refuse("every track must be sendonly or sendrecv");
            }
            Flow::Watch if has("sendonly") || has("inactive") => {
                return refuse("every track must be recvonly or sendrecv");
            }
            Flow::Chat => return refuse("where there is only a data channel there are no tracks"),
            Flow::Publish | Flow::Watch => {}
        }
        // W30: a publisher's offer is taken as a whole; T26: a viewer's loses single tracks.
        if section.payload_types.is_empty() && flow == Flow::Publish {
            return Err(no_common_codec());
        }
        codecs += section.payload_types.len();
    }
    for kind in [MediaKind::Audio, MediaKind::Video] {
        if tracks.iter().filter(|(_, section)| section.kind == Some(kind)).count() > 1 {
            return refuse("at most one audio and one video track");
        }
    }
    let data_channel = media.iter().any(|m| is_data_channel(m));
    if tracks.is_empty() && (flow == Flow::Publish || !data_channel) {
        return refuse("there is neither an audio nor a video track");
    }
    if !tracks.is_empty() && codecs == 0 {
        return Err(no_common_codec());
    }
    Ok(())
}

fn no_common_codec() -> SfuError {
    SfuError::NoCommonCodec("known are H.264, H.265, VP8, VP9, AV1 and Opus".to_owned())
}

/// Writes the offer as str0m likes it.
fn write(session: &RawSection<'_>, media: &[RawSection<'_>], sections: &[Section]) -> String {
    let mut text = String::from("v=0\r\n");
    let mut push = |line: &str| {
        text.push_str(line);
        text.push_str("\r\n");
    };
    for line in session.lines.iter().filter(|line| **line != "v=0") {
        if let Some(group) = line.strip_prefix("a=group:BUNDLE") {
            let known = group.split_ascii_whitespace().filter(|mid| sections.iter().any(|s| s.mid == *mid));
            push(&known.fold("a=group:BUNDLE".to_owned(), |line, mid| line + " " + mid));
        } else if !line.starts_with("a=group:") {
            push(line);
        }
    }
    for raw in media {
        for line in &raw.lines {
            if let Some(candidate) = line.strip_prefix("a=candidate:") {
                if let Some(parsed) =
                    usable_candidate(candidate).then(|| parse_candidate(candidate)).flatten()
                {
                    push(&format!("a={}", parsed.to_sdp_string()));
                }
            } else if let Some(mapping) = line.strip_prefix("a=rtpmap:")
                && let Some((pt, name)) = mapping.split_once(' ')
                && is_opus(name)
            {
                push(&format!("a=rtpmap:{pt} opus/48000/2"));
            } else if !line.starts_with("a=end-of-candidates") {
                push(line);
            }
        }
    }
    text
}

/// `opus/48000`, with any number of channels or none (T6).
fn is_opus(encoding: &str) -> bool {
    let mut parts = encoding.split('/').map(str::trim);
    parts.next().is_some_and(|name| name.eq_ignore_ascii_case("opus")) && parts.next() == Some("48000")
}

/// Finishes an answer of str0m: `rtcp-mux-only` (W28), one media stream for audio and video (W29,
/// E13, T8), candidates in our order and once (T3, T4).
pub fn finish_answer(answer: &str, candidates: &[String]) -> String {
    let mut text = String::with_capacity(answer.len() + 256);
    let mut push = |line: &str| {
        text.push_str(line);
        text.push_str("\r\n");
    };
    let mut first_section = true;
    for line in answer.lines() {
        if line.starts_with("a=candidate:") || line.starts_with("a=end-of-candidates") {
            continue;
        }
        if let Some(ids) = line.strip_prefix("a=msid:") {
            push(&format!("a=msid:{STREAM_ID} {}", ids.split(' ').nth(1).unwrap_or("track")));
            continue;
        }
        if line.starts_with("a=msid-semantic:") {
            push(&format!("a=msid-semantic:WMS {STREAM_ID}"));
            continue;
        }
        if let Some((ssrc, ids)) = line.strip_prefix("a=ssrc:").and_then(|rest| rest.split_once(" msid:")) {
            push(&format!("a=ssrc:{ssrc} msid:{STREAM_ID} {}", ids.split(' ').nth(1).unwrap_or("track")));
            continue;
        }
        push(line);
        if line == "a=rtcp-mux" {
            push("a=rtcp-mux-only");
        }
        // Everything is bundled on the first m-section's transport (RFC 8843 §10.3.1.2).
        if line.starts_with("a=mid:") && first_section {
            first_section = false;
            candidates.iter().for_each(|candidate| push(&format!("a=candidate:{candidate}")));
            push("a=end-of-candidates");
        }
    }
    text
}

/// The id of the one MediaStream of every answer.
const STREAM_ID: &str = "sluice";

#[cfg(test)]
mod tests;
