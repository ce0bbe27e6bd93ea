//! What we send ourselves: sender reports with a CNAME, and BYE (RFC 3550 §6.4.1, §6.5, §6.6).

use super::{BYE, RECEIVER_REPORT, SENDER_REPORT, SOURCE_DESCRIPTION};

/// What a sender report says about a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderInfo {
    /// SSRC of the stream.
    pub ssrc: u32,
    /// NTP time: seconds since 1900 above, their fraction below.
    pub ntp: u64,
    /// The same instant as RTP timestamp.
    pub rtp: u32,
    /// Packets sent so far; wraps.
    pub packets: u32,
    /// Bytes of payload sent so far; wraps.
    pub octets: u32,
}

/// Most SSRCs of one BYE: its count has 5 bits.
const MOST_SOURCES: usize = 31;

/// Item type of a CNAME (RFC 3550 §6.5.1).
const CNAME: u8 = 1;

/// Appends a sender report without report blocks.
pub fn write_sender_report(out: &mut Vec<u8>, info: &SenderInfo) {
    header(out, 0, SENDER_REPORT, 6);
    out.extend_from_slice(&info.ssrc.to_be_bytes());
    out.extend_from_slice(&info.ntp.to_be_bytes());
    for value in [info.rtp, info.packets, info.octets] {
        out.extend_from_slice(&value.to_be_bytes());
    }
}

/// Appends a source description with the CNAME of a stream, without which a compound is incomplete
/// (RFC 3550 §6.1). Of a name only the first 255 bytes are sent.
pub fn write_cname(out: &mut Vec<u8>, ssrc: u32, cname: &str) {
    let name = &cname.as_bytes()[..cname.floor_char_boundary(255)];
    let length = u8::try_from(name.len()).expect("cut to 255 bytes");
    // SSRC, type and length, the name, and one to four zeros that end the items.
    let words = (4 + 2 + name.len()) / 4 + 1;
    header(out, 1, SOURCE_DESCRIPTION, u16::try_from(words).expect("at most 66"));
    let start = out.len();
    out.extend_from_slice(&ssrc.to_be_bytes());
    out.extend_from_slice(&[CNAME, length]);
    out.extend_from_slice(name);
    out.resize(start + words * 4, 0);
}

/// Appends a receiver report about nothing: a compound begins with a report (RFC 3550 §6.1).
pub fn write_empty_report(out: &mut Vec<u8>, ssrc: u32) {
    header(out, 0, RECEIVER_REPORT, 1);
    out.extend_from_slice(&ssrc.to_be_bytes());
}

/// Appends the end of these streams, at most 31.
pub fn write_bye(out: &mut Vec<u8>, sources: &[u32]) {
    let sources = &sources[..sources.len().min(MOST_SOURCES)];
    let count = u8::try_from(sources.len()).expect("at most 31");
    header(out, count, BYE, u16::from(count));
    for ssrc in sources {
        out.extend_from_slice(&ssrc.to_be_bytes());
    }
}

/// `words` follow the header.
fn header(out: &mut Vec<u8>, count: u8, kind: u8, words: u16) {
    out.extend_from_slice(&[0x80 | count, kind]);
    out.extend_from_slice(&words.to_be_bytes());
}
