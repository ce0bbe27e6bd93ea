//! RTCP as viewers send it, read without allocation, and the little that we send ourselves.
//!
//! [`packets`] walks a decrypted compound packet (RFC 3550 §6.1). What is unknown or malformed inside
//! its own length is passed over; a length that exceeds the bytes ends the walk. Nothing panics.

mod feedback;
mod report;
mod transport;
mod write;

pub use feedback::{Fir, Nack, Remb};
pub use report::{Bye, ReportBlock, Reports, ntp_middle};
pub use transport::{ArrivalClock, Arrivals, TICK_MICROS, TransportFeedback};
pub use write::{SenderInfo, write_bye, write_cname, write_empty_report, write_sender_report};

/// Payload types (RFC 3550 §12.1, RFC 4585 §6.1).
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const BYE: u8 = 203;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;

/// One packet of a compound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RtcpPacket<'a> {
    /// Reports about what we send, from a sender or a receiver report (RFC 3550 §6.4).
    Reports(Reports<'a>),
    /// The end of sources (RFC 3550 §6.6).
    Bye(Bye<'a>),
    /// Arrival times of everything (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
    Transport(TransportFeedback<'a>),
    /// Lost packets of one stream (RFC 4585 §6.2.1).
    Nack(Nack<'a>),
    /// A picture cannot be decoded (RFC 4585 §6.3.1).
    Pli {
        /// SSRC of the stream that it is about.
        media: u32,
    },
    /// The decoder needs a key frame (RFC 5104 §4.3.1).
    Fir(Fir<'a>),
    /// The receiver's own estimate (draft-alvestrand-rmcat-remb-03 §2.2).
    Remb(Remb<'a>),
}

/// Everything in a decrypted compound packet that we know.
pub const fn packets(bytes: &[u8]) -> Packets<'_> {
    Packets { bytes }
}

/// See [`packets`].
#[derive(Debug, Clone)]
pub struct Packets<'a> {
    bytes: &'a [u8],
}

impl<'a> Iterator for Packets<'a> {
    type Item = RtcpPacket<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (header, rest) = self.bytes.split_first_chunk::<4>()?;
            let length = usize::from(u16::from_be_bytes([header[2], header[3]])) * 4;
            if header[0] >> 6 != 2 || length > rest.len() {
                self.bytes = &[];
                return None;
            }
            let (body, after) = rest.split_at(length);
            self.bytes = after;
            let padded = header[0] & 0x20 != 0;
            let Some(body) = (if padded { unpadded(body) } else { Some(body) }) else { continue };
            if let Some(packet) = parse(header[1], header[0] & 0x1f, body) {
                return Some(packet);
            }
        }
    }
}

fn parse(kind: u8, count: u8, body: &[u8]) -> Option<RtcpPacket<'_>> {
    match (kind, count) {
        (SENDER_REPORT, _) => Reports::parse(body, count, 20).map(RtcpPacket::Reports),
        (RECEIVER_REPORT, _) => Reports::parse(body, count, 0).map(RtcpPacket::Reports),
        (BYE, _) => Bye::parse(body, count).map(RtcpPacket::Bye),
        (TRANSPORT_FEEDBACK, 1) => Nack::parse(body).map(RtcpPacket::Nack),
        (TRANSPORT_FEEDBACK, 15) => TransportFeedback::parse(body).map(RtcpPacket::Transport),
        (PAYLOAD_FEEDBACK, 1) => word(body, 4).map(|media| RtcpPacket::Pli { media }),
        (PAYLOAD_FEEDBACK, 4) => Fir::parse(body).map(RtcpPacket::Fir),
        (PAYLOAD_FEEDBACK, 15) => Remb::parse(body).map(RtcpPacket::Remb),
        _ => None,
    }
}

/// Takes the padding off, whose last byte says how long it is (RFC 3550 §6.4.1).
fn unpadded(body: &[u8]) -> Option<&[u8]> {
    let padding = usize::from(*body.last()?);
    if padding == 0 { None } else { body.get(..body.len().checked_sub(padding)?) }
}

/// The 32 bits at this offset.
fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests;
